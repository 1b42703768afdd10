"""Block elements as a table: what each takes, and where it may stand.

Source: https://docs.slack.dev/reference/block-kit/block-elements
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blocks.rich_text import part
from sandbox.slack.blocks.rules import (
    Fault,
    Place,
    Rule,
    Shape,
    Surface,
    Whole,
    boolean,
    calendar_date,
    clock_time,
    exactly_one,
    in_order,
    integer,
    link,
    listing,
    number_text,
    one_of,
    string,
)
from sandbox.slack.blocks.texts import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH,
    EITHER,
    OPTION_GROUP,
    PLAIN,
    SLACK_FILE,
    option,
    text,
)

EVERYWHERE: frozenset[Surface] = frozenset({"message", "modal", "home"})
MODAL: frozenset[Surface] = frozenset({"modal"})
CHOICE = frozenset({"section", "actions", "input"})


@dataclass(frozen=True)
class Element:
    """One row of the table: its shape, the blocks it may stand in, and the surfaces that show it."""

    shape: Shape
    blocks: frozenset[str]
    surfaces: frozenset[Surface] = EVERYWHERE


def offered(value: dict[str, Any]) -> list[Any]:
    """Every option of a select, groups opened."""
    groups = value.get("option_groups") or []
    return [*(value.get("options") or []), *(one for group in groups for one in group.get("options", []))]


def _initial_is_offered(value: dict[str, Any], at: Place) -> Iterator[Fault]:
    chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    for one in chosen:
        if one not in offered(value):
            yield at.fault("initial option must exactly match one of the provided options")


def _values_differ(value: dict[str, Any], at: Place) -> Iterator[Fault]:
    values = [one.get("value") for one in offered(value) if isinstance(one, dict)]
    if len(values) != len(set(values)):
        yield at.fault("option values must be unique")


FOCUS: Mapping[str, Rule] = {"focus_on_load": boolean}
PLACEHOLDER: Mapping[str, Rule] = {"placeholder": text(150, PLAIN)}
MENU: Mapping[str, Rule] = {**PLACEHOLDER, **FOCUS, "confirm": CONFIRM}
MULTI: Mapping[str, Rule] = {**MENU, "max_selected_items": integer(1, 1_000_000)}
TYPED: Mapping[str, Rule] = {**PLACEHOLDER, **FOCUS, "dispatch_action_config": DISPATCH}
IDS = listing(string(255), most=100, least=0)
OPTIONS: Mapping[str, Rule] = {
    "options": listing(option(), most=100),
    "option_groups": listing(OPTION_GROUP, most=100),
}
CHOSEN: tuple[Whole, ...] = (_initial_is_offered, _values_differ)
ONE_LIST = (exactly_one("options", "option_groups"), *CHOSEN)


def _shape(
    optional: Mapping[str, Rule], required: Mapping[str, Rule] | None = None, whole: tuple[Whole, ...] = ()
) -> Shape:
    return Shape({"type": string(), **(required or {})}, {"action_id": string(255), **optional}, whole)


def _select(optional: Mapping[str, Rule], whole: tuple[Whole, ...] = ()) -> Element:
    return Element(_shape({**MENU, **optional}, whole=whole), CHOICE)


def _multi(optional: Mapping[str, Rule], whole: tuple[Whole, ...] = ()) -> Element:
    return Element(_shape({**MULTI, **optional}, whole=whole), CHOICE)


def _input(
    optional: Mapping[str, Rule],
    surfaces: frozenset[Surface] = MODAL,
    required: Mapping[str, Rule] | None = None,
    whole: tuple[Whole, ...] = (),
) -> Element:
    return Element(_shape(optional, required, whole), frozenset({"input"}), surfaces)


BUTTON = Element(
    _shape(
        {
            "url": link("http", "https", "mailto", "slack"),
            "value": string(2000, least=0),
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
        {"text": text(75, PLAIN)},
    ),
    frozenset({"section", "actions"}),
)

IMAGE = Element(
    Shape(
        {"type": string(), "alt_text": string(2000)},
        {"image_url": link("http", "https"), "slack_file": SLACK_FILE},
        (exactly_one("image_url", "slack_file"),),
    ),
    frozenset({"section", "context"}),
)

_BOXES: Mapping[str, Rule] = {"options": listing(option(EITHER), most=10)}
_INITIAL_OPTION: Mapping[str, Rule] = {"initial_option": option()}
_INITIAL_OPTIONS: Mapping[str, Rule] = {"initial_options": listing(option(), most=100)}
_QUERY: Mapping[str, Rule] = {"min_query_length": integer(0, 1_000_000)}
_CONVERSATIONS: Mapping[str, Rule] = {"default_to_current_conversation": boolean, "filter": CONVERSATION_FILTER}

ELEMENTS: Mapping[str, Element] = {
    "button": BUTTON,
    "image": IMAGE,
    "overflow": Element(
        _shape({"confirm": CONFIRM}, {"options": listing(option(with_url=True), most=5)}, CHOSEN),
        frozenset({"section", "actions"}),
    ),
    "checkboxes": Element(
        _shape(
            {**FOCUS, "confirm": CONFIRM, "initial_options": listing(option(EITHER), most=10)},
            _BOXES,
            CHOSEN,
        ),
        CHOICE,
    ),
    "radio_buttons": Element(
        _shape({**FOCUS, "confirm": CONFIRM, "initial_option": option(EITHER)}, _BOXES, CHOSEN), CHOICE
    ),
    "datepicker": _select({"initial_date": calendar_date}),
    "timepicker": _select({"initial_time": clock_time, "timezone": string(255)}),
    "datetimepicker": Element(
        _shape({**FOCUS, "confirm": CONFIRM, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
        frozenset({"actions", "input"}),
        frozenset({"message", "modal"}),
    ),
    "static_select": _select({**OPTIONS, **_INITIAL_OPTION}, ONE_LIST),
    "external_select": _select({**_INITIAL_OPTION, **_QUERY}),
    "users_select": _select({"initial_user": string(255)}),
    "conversations_select": _select(
        {**_CONVERSATIONS, "initial_conversation": string(255), "response_url_enabled": boolean}
    ),
    "channels_select": _select({"initial_channel": string(255), "response_url_enabled": boolean}),
    "multi_static_select": _multi({**OPTIONS, **_INITIAL_OPTIONS}, ONE_LIST),
    "multi_external_select": _multi({**_INITIAL_OPTIONS, **_QUERY}),
    "multi_users_select": _multi({"initial_users": IDS}),
    "multi_conversations_select": _multi({**_CONVERSATIONS, "initial_conversations": IDS}),
    "multi_channels_select": _multi({"initial_channels": IDS}),
    "plain_text_input": _input(
        {
            **TYPED,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        EVERYWHERE,
        whole=(in_order("min_length", "max_length"),),
    ),
    "number_input": _input(
        {**TYPED, "initial_value": number_text, "min_value": number_text, "max_value": number_text},
        required={"is_decimal_allowed": boolean},
        whole=(in_order("min_value", "max_value"),),
    ),
    "email_text_input": _input({**TYPED, "initial_value": string(3000, least=0)}),
    "url_text_input": _input({**TYPED, "initial_value": string(3000, least=0)}),
    "rich_text_input": _input(
        {**TYPED, "initial_value": Shape({"type": one_of("rich_text"), "elements": listing(part, most=1000)})},
        frozenset({"modal", "home"}),
    ),
    "file_input": _input({"filetypes": listing(string(20), most=100), "max_files": integer(1, 10)}),
}


def element(value: Any, at: Place) -> Iterator[Fault]:
    """The rule for an element inside the block that ``at.block`` names."""
    if not isinstance(value, dict):
        yield at.fault("must provide an object")
        return
    kind = value.get("type")
    row = ELEMENTS.get(kind) if isinstance(kind, str) else None
    if row is None:
        yield at.under("type").fault(f"unsupported type: {kind}")
        return
    if at.block not in row.blocks:
        yield at.fault(f"unsupported element: {kind} may not stand in a block of type {at.block}")
    if at.surface not in row.surfaces:
        yield at.fault(f"unsupported element: {kind} may not stand in a {at.surface}")
    if value.get("response_url_enabled") and (at.surface != "modal" or at.block != "input"):
        yield at.under("response_url_enabled").fault("only allowed for an input block in a modal")
    yield from row.shape(value, at)
