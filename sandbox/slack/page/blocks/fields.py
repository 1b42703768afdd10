"""Fields to type into, and pickers of dates and times."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from markupsafe import Markup

from sandbox.slack.page.blocks.surface import Json, Slot, bare, confirmation
from sandbox.slack.page.markup import tag

_TYPED = {"email_text_input": "email", "url_text_input": "url", "number_input": "number"}
_PICKED = {
    "datepicker": ("date", "date"),
    "timepicker": ("time", "time"),
    "datetimepicker": ("datetime-local", "date_time"),
}
_LONGEST = 3000  # Slack's own limit where the app names none


def text_field(element: Json, slot: Slot) -> Markup:
    """plain_text_input, one line or several, and its kin for mail, addresses and numbers."""
    kind = str(element["type"])
    value = _text(element, slot)
    common = _common(element, slot) | {
        "placeholder": bare(element.get("placeholder")) or None,
        "minlength": element.get("min_length"),
        "maxlength": element.get("max_length", _LONGEST if kind == "plain_text_input" else None),
        "data_dispatch_on": " ".join(_dispatch_config(element)) or None,
    }
    if element.get("multiline") or kind == "rich_text_input":
        return tag("textarea", value, rows=4, **common)
    numbers = {"min": element.get("min_value"), "max": element.get("max_value")} if kind == "number_input" else {}
    step = ("any" if element.get("is_decimal_allowed") else "1") if kind == "number_input" else None
    return tag("input", type=_TYPED.get(kind, "text"), value=value, step=step, **numbers, **common)


def file_input(element: Json, slot: Slot) -> Markup:
    kinds = ",".join(f".{kind}" for kind in element.get("filetypes") or ()) or None
    return tag("input", type="file", accept=kinds, multiple=element.get("max_files", 10) > 1, **_common(element, slot))


def picker(element: Json, slot: Slot) -> Markup:
    """A date, a time, or both: the last in the reader's zone, while the app sees Unix seconds."""
    kind = str(element["type"])
    html_type, word = _PICKED[kind]
    source, before = (slot.state, "selected") if slot.state is not None else (element, "initial")
    value = source.get(f"{before}_{word}")
    shown = _wall(value, slot) if kind == "datetimepicker" and value else value
    field = tag(
        "input", type=html_type, value=shown, title=bare(element.get("placeholder")) or None, **_common(element, slot)
    )
    return field + (confirmation(element, slot.surface.reader) or Markup(""))


def _common(element: Json, slot: Slot) -> dict[str, str | int | bool | None]:
    return {
        "id": slot.html_id,
        "class_": "field",
        "aria_label": slot.label,
        "aria_describedby": slot.described_by,
        "aria_invalid": "true" if slot.invalid else None,
        "aria_required": "true" if slot.required else None,
        "autofocus": bool(element.get("focus_on_load")),
        "data_element": True,
        "data_type": str(element["type"]),
        "data_action_id": slot.action_id,
        "data_block_id": slot.block_id,
        "data_dispatch": slot.dispatches,
    }


def _text(element: Json, slot: Slot) -> str:
    value = slot.state.get("value") if slot.state is not None else element.get("initial_value")
    return "" if value is None or isinstance(value, Mapping) else str(value)


def _dispatch_config(element: Json) -> list[str]:
    config = element.get("dispatch_action_config") or {}
    return [str(trigger) for trigger in config.get("trigger_actions_on", ())]


def _wall(seconds: int, slot: Slot) -> str:
    when: datetime = slot.surface.reader.local(seconds)
    return f"{when:%Y-%m-%dT%H:%M}"


FIELDS: Mapping[str, Callable[[Json, Slot], Markup]] = MappingProxyType(
    dict.fromkeys(("plain_text_input", "rich_text_input", *_TYPED), text_field)
    | dict.fromkeys(_PICKED, picker)
    | {"file_input": file_input}
)
