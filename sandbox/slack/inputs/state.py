"""Slack's ``state.values``: where each kind of element keeps its value, and how a person's value gets there."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blocks import elements_of
from sandbox.slack.blocks.elements import offered
from sandbox.slack.workspace import Blocks, Values


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an element keeps its value (``key``), where that starts (``initial``), and how it is chosen."""

    key: str
    initial: str
    how: str
    """``plain`` (text, date, number), ``option``, ``options``, ``id``, ``ids`` or ``files``."""


SLOTS: Mapping[str, Slot] = {
    "plain_text_input": Slot("value", "initial_value", "plain"),
    "number_input": Slot("value", "initial_value", "plain"),
    "email_text_input": Slot("value", "initial_value", "plain"),
    "url_text_input": Slot("value", "initial_value", "plain"),
    "rich_text_input": Slot("rich_text_value", "initial_value", "rich"),
    "file_input": Slot("files", "", "files"),
    "datepicker": Slot("selected_date", "initial_date", "plain"),
    "timepicker": Slot("selected_time", "initial_time", "plain"),
    "datetimepicker": Slot("selected_date_time", "initial_date_time", "plain"),
    "static_select": Slot("selected_option", "initial_option", "option"),
    "external_select": Slot("selected_option", "initial_option", "option"),
    "radio_buttons": Slot("selected_option", "initial_option", "option"),
    "overflow": Slot("selected_option", "", "option"),
    "checkboxes": Slot("selected_options", "initial_options", "options"),
    "multi_static_select": Slot("selected_options", "initial_options", "options"),
    "multi_external_select": Slot("selected_options", "initial_options", "options"),
    "users_select": Slot("selected_user", "initial_user", "id"),
    "conversations_select": Slot("selected_conversation", "initial_conversation", "id"),
    "channels_select": Slot("selected_channel", "initial_channel", "id"),
    "multi_users_select": Slot("selected_users", "initial_users", "ids"),
    "multi_conversations_select": Slot("selected_conversations", "initial_conversations", "ids"),
    "multi_channels_select": Slot("selected_channels", "initial_channels", "ids"),
}
LISTS = frozenset({"options", "ids", "files"})
FORGETFUL = frozenset({"button", "overflow"})
"""Elements that are pressed and keep nothing, so that ``state.values`` leaves them out."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person can choose from, beyond the options written into the element.

    ``options``: what the app offered last for an external select. ``knows``: whether an id of a person, channel or
    file exists for this person.
    """

    options: tuple[dict[str, Any], ...]
    knows: Callable[[str], bool]


def find_element(blocks: Blocks, block_id: str, action_id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The block and the element in it, or None."""
    for block in blocks:
        if block["block_id"] == block_id and block["type"] in {"actions", "section", "input"}:
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return block, element
    return None


def _stateful(blocks: Blocks) -> list[tuple[str, dict[str, Any]]]:
    holders = (block for block in blocks if block["type"] in {"actions", "section", "input"})
    pairs = ((block["block_id"], element) for block in holders for element in elements_of(block))
    return [(block_id, one) for block_id, one in pairs if one["type"] in SLOTS and one["type"] not in FORGETFUL]


def empty(element: dict[str, Any]) -> Any:
    """The value of an element that nobody has touched."""
    return [] if SLOTS[element["type"]].how in LISTS else None


def initial_values(blocks: Blocks) -> Values:
    """``state.values`` of blocks that nobody has touched yet."""
    values: Values = {}
    for block_id, element in _stateful(blocks):
        slot = SLOTS[element["type"]]
        value = copy.deepcopy(element.get(slot.initial, empty(element)))
        values.setdefault(block_id, {})[element["action_id"]] = {"type": element["type"], slot.key: value}
    return values


def carried_over(old: Values, blocks: Blocks) -> Values:
    """``state.values`` after an update: what stood under the same block id, action id and type stays."""
    values = initial_values(blocks)
    for block_id, element in _stateful(blocks):
        before = old.get(block_id, {}).get(element["action_id"])
        if before is not None and before["type"] == element["type"] and _still_offered(element, before):
            values[block_id][element["action_id"]] = before
    return values


def _still_offered(element: dict[str, Any], before: dict[str, Any]) -> bool:
    slot = SLOTS[element["type"]]
    if "external" in element["type"] or slot.how not in {"option", "options"}:
        return True
    chosen = before[slot.key] if slot.how == "options" else [before[slot.key]]
    return all(one is None or one in offered(element) for one in chosen)


def filled(element: dict[str, Any], value: Any, offer: Offer) -> dict[str, Any]:
    """The state of ``element`` once a person has given it ``value`` (see Actions for what people give).

    Raises LookupError with the reason where the element does not offer that value.
    """
    slot = SLOTS[element["type"]]
    chosen = empty(element) if value in (None, "", []) else _chosen(element, slot, value, offer)
    return {"type": element["type"], slot.key: chosen}


def _chosen(element: dict[str, Any], slot: Slot, value: Any, offer: Offer) -> Any:
    match slot.how:
        case "option":
            return _option(element, value, offer)
        case "options":
            return [_option(element, one, offer) for one in value]
        case "id":
            return _known(value, offer)
        case "ids" | "files":
            return [_known(one, offer) for one in value]
        case "rich":
            return value if isinstance(value, dict) else _as_rich_text(str(value))
    return value if element["type"] == "datetimepicker" else str(value)


def _option(element: dict[str, Any], value: Any, offer: Offer) -> dict[str, Any]:
    choices: list[dict[str, Any]] = [*offered(element), *offer.options]
    for one in choices:
        if one["value"] == value:
            return one
    raise LookupError(f"“{value}” is not among the options of {element['action_id']}")


def _known(value: Any, offer: Offer) -> str:
    if not offer.knows(str(value)):
        raise LookupError(f"“{value}” is nothing that this person can choose")
    return str(value)


def _as_rich_text(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}
