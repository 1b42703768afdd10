"""Selects of every kind, checkboxes and radio buttons."""

from collections.abc import Iterator

from markupsafe import Markup

from sandbox.slack.page.blocks.surface import Json, Slot, bare, confirmation, html_id, words
from sandbox.slack.page.markup import tag

_BY_ID = {
    "users_select": ("user", "people"),
    "multi_users_select": ("users", "people"),
    "conversations_select": ("conversation", "conversations"),
    "multi_conversations_select": ("conversations", "conversations"),
    "channels_select": ("channel", "conversations"),
    "multi_channels_select": ("channels", "conversations"),
}


def select(element: Json, slot: Slot) -> Markup:
    """A combobox with its list: type to filter, arrows to move, Enter to choose."""
    kind = str(element["type"])
    many, external = kind.startswith("multi_"), kind.endswith("external_select")
    chosen = _chosen(element, slot, kind)
    listed = _offered(element, slot, kind, chosen)
    values = {str(option.get("value")) for option in chosen}
    return tag(
        "div",
        _box(element, slot, chosen, many=many),
        tag(
            "ul",
            *(
                option_item(option, slot, chosen=str(option.get("value")) in values, group=group)
                for group, option in listed
            ),
            id=f"{slot.html_id}-list",
            role="listbox",
            aria_label=slot.label or bare(element.get("placeholder")) or "Options",
            aria_multiselectable="true" if many else None,
            hidden=True,
        ),
        confirmation(element, slot.surface.reader),
        class_="select select-many" if many else "select",
        data_element=True,
        data_type=kind,
        data_action_id=slot.action_id,
        data_block_id=slot.block_id,
        data_dispatch=slot.dispatches,
        data_many=many,
        data_max=element.get("max_selected_items"),
        data_external=external,
        data_min_query=element.get("min_query_length", 3) if external else None,
    )


def option_item(option: Json, slot: Slot, *, chosen: bool = False, group: str | None = None) -> Markup:
    """One line of a list; ``group`` is the label of the option group that it stands under."""
    note = option.get("description")
    return tag(
        "li",
        words(option.get("text"), slot.surface.reader),
        tag("small", words(note, slot.surface.reader)) if note else None,
        role="option",
        id=html_id(slot.html_id, str(option.get("value"))),
        aria_selected="true" if chosen else "false",
        data_value=option.get("value"),
        data_text=bare(option.get("text")),
        data_group=group,
    )


def boxes(element: Json, slot: Slot) -> Markup:
    """Checkboxes or radio buttons, one under the other."""
    kind = "radio" if element["type"] == "radio_buttons" else "checkbox"
    values = {str(option.get("value")) for option in _chosen(element, slot, str(element["type"]))}
    return tag(
        "div",
        *(
            _choice(option, slot, kind, chosen=str(option.get("value")) in values)
            for option in element.get("options", ())
        ),
        confirmation(element, slot.surface.reader),
        id=slot.html_id,
        class_="choices",
        role="radiogroup" if kind == "radio" else "group",
        aria_label=slot.label,
        aria_labelledby=None if slot.label else f"{slot.html_id}-label",
        aria_describedby=slot.described_by,
        aria_invalid="true" if slot.invalid else None,
        aria_required="true" if slot.required and kind == "radio" else None,
        data_element=True,
        data_type=element["type"],
        data_action_id=slot.action_id,
        data_block_id=slot.block_id,
        data_dispatch=slot.dispatches,
    )


def _box(element: Json, slot: Slot, chosen: list[Json], *, many: bool) -> Markup:
    chips = [_chip(option) for option in chosen] if many else []
    field = tag(
        "input",
        type="text",
        id=slot.html_id,
        role="combobox",
        autocomplete="off",
        spellcheck="false",
        placeholder=bare(element.get("placeholder")) or "Select an option",
        value=bare(chosen[0].get("text")) if chosen and not many else "",
        aria_autocomplete="list",
        aria_expanded="false",
        aria_controls=f"{slot.html_id}-list",
        aria_label=slot.label,
        aria_describedby=slot.described_by,
        aria_invalid="true" if slot.invalid else None,
        aria_required="true" if slot.required else None,
        autofocus=bool(element.get("focus_on_load")),
    )
    return tag("div", tag("span", *chips, class_="chips") if many else None, field, class_="select-box")


def _chip(option: Json) -> Markup:
    text = bare(option.get("text"))
    remove = tag("button", "×", type="button", class_="chip-x", aria_label=f"Remove {text}")  # noqa: RUF001  the sign people know
    return tag("span", text, remove, class_="chip", data_value=option.get("value"))


def _choice(option: Json, slot: Slot, kind: str, *, chosen: bool) -> Markup:
    note = option.get("description")
    shown = tag("span", words(option.get("text"), slot.surface.reader), class_="choice-text")
    below = tag("small", words(note, slot.surface.reader)) if note else None
    box = tag(
        "input",
        type=kind,
        name=slot.html_id,
        value=option.get("value"),
        checked=chosen,
    )
    return tag("label", box, tag("span", shown, below), class_="choice")


def _offered(element: Json, slot: Slot, kind: str, chosen: list[Json]) -> Iterator[tuple[str | None, Json]]:
    """The options with the label of their group. An external list holds only what is chosen until it is asked for."""
    if kind.endswith("external_select"):
        yield from ((None, option) for option in chosen)
    elif kind in _BY_ID:
        pairs = slot.surface.people if _BY_ID[kind][1] == "people" else slot.surface.conversations
        yield from ((None, _named(key, name)) for key, name in pairs)
    else:
        yield from ((None, option) for option in element.get("options") or ())
        for group in element.get("option_groups") or ():
            yield from ((bare(group.get("label")), option) for option in group.get("options", ()))


def _chosen(element: Json, slot: Slot, kind: str) -> list[Json]:
    """What the person chose; where they have not touched it, what the app proposed."""
    source, before = (slot.state, "selected") if slot.state is not None else (element, "initial")
    if kind in _BY_ID:
        word = _BY_ID[kind][0]
        found = source.get(f"{before}_{word}")
        names = {**slot.surface.reader.people, **dict(slot.surface.people), **dict(slot.surface.conversations)}
        keys = [found] if isinstance(found, str) else found or []
        return [_named(key, names.get(key, key)) for key in keys]
    one = source.get(f"{before}_option")
    return [one] if one else list(source.get(f"{before}_options") or ())


def _named(key: str, name: str) -> Json:
    return {"text": {"type": "plain_text", "text": name, "emoji": False}, "value": key}
