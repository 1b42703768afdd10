"""What people fill in: initial values, chosen values, what an update keeps, what Slack's clients check."""

from typing import Any

import pytest

from sandbox.slack.inputs import REQUIRED, Offer, carried_over, faults_of_values, filled, find_element, initial_values
from sandbox.slack.inputs.state import SLOTS

JSON = dict[str, Any]


def option(value: str) -> JSON:
    return {"text": {"type": "plain_text", "text": value.upper()}, "value": value}


A, B = option("a"), option("b")
NOTHING = Offer((), lambda name: name.startswith("U"))


def block(element: JSON, **fields: Any) -> JSON:
    return {"type": "input", "block_id": "b", "element": {"action_id": "a", **element}, **fields}


FILLED: list[tuple[JSON, Any, JSON]] = [
    ({"type": "plain_text_input"}, "x", {"value": "x"}),
    ({"type": "plain_text_input"}, "", {"value": None}),
    ({"type": "number_input"}, 4, {"value": "4"}),
    ({"type": "datepicker"}, "2026-03-02", {"selected_date": "2026-03-02"}),
    ({"type": "timepicker"}, "14:30", {"selected_time": "14:30"}),
    ({"type": "datetimepicker"}, 1_772_420_400, {"selected_date_time": 1_772_420_400}),
    ({"type": "static_select", "options": [A, B]}, "b", {"selected_option": B}),
    ({"type": "static_select", "option_groups": [{"options": [A]}, {"options": [B]}]}, "b", {"selected_option": B}),
    ({"type": "static_select", "options": [A]}, None, {"selected_option": None}),
    ({"type": "radio_buttons", "options": [A, B]}, "a", {"selected_option": A}),
    ({"type": "overflow", "options": [A, B]}, "a", {"selected_option": A}),
    ({"type": "checkboxes", "options": [A, B]}, ["b", "a"], {"selected_options": [B, A]}),
    ({"type": "multi_static_select", "options": [A, B]}, [], {"selected_options": []}),
    ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
    ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
    ({"type": "conversations_select"}, "U1", {"selected_conversation": "U1"}),
    ({"type": "multi_conversations_select"}, ["U1"], {"selected_conversations": ["U1"]}),
    ({"type": "channels_select"}, "U1", {"selected_channel": "U1"}),
    ({"type": "multi_channels_select"}, ["U1"], {"selected_channels": ["U1"]}),
    ({"type": "file_input"}, ["U1"], {"files": ["U1"]}),
    (
        {"type": "rich_text_input"},
        {"type": "rich_text", "elements": []},
        {"rich_text_value": {"type": "rich_text", "elements": []}},
    ),
    (
        {"type": "rich_text_input"},
        "hi",
        {
            "rich_text_value": {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}],
            }
        },
    ),
]


@pytest.mark.parametrize(("element", "value", "state"), FILLED, ids=lambda part: str(part)[:40])
def test_a_value_takes_the_shape_that_slack_sends(element: JSON, value: Any, state: JSON) -> None:
    assert filled({"action_id": "a", **element}, value, NOTHING) == {"type": element["type"], **state}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "static_select", "options": [A]}, "b"),
        ({"type": "checkboxes", "options": [A]}, ["a", "b"]),
        ({"type": "external_select"}, "a"),
        ({"type": "users_select"}, "X1"),
        ({"type": "multi_users_select"}, ["U1", "X1"]),
    ],
)
def test_a_value_that_is_not_offered_cannot_be_chosen(element: JSON, value: Any) -> None:
    with pytest.raises(LookupError, match=r"not among the options|nothing that this person can choose"):
        filled({"action_id": "a", **element}, value, NOTHING)


def test_an_external_select_offers_what_the_app_answered_last() -> None:
    offer = Offer((A,), lambda _name: False)
    assert filled({"type": "external_select", "action_id": "a"}, "a", offer)["selected_option"] == A


INITIAL: list[tuple[JSON, JSON]] = [
    ({"type": "plain_text_input", "initial_value": "x"}, {"value": "x"}),
    ({"type": "plain_text_input"}, {"value": None}),
    ({"type": "static_select", "options": [A], "initial_option": A}, {"selected_option": A}),
    ({"type": "checkboxes", "options": [A, B], "initial_options": [B]}, {"selected_options": [B]}),
    ({"type": "checkboxes", "options": [A]}, {"selected_options": []}),
    ({"type": "multi_users_select", "initial_users": ["U1"]}, {"selected_users": ["U1"]}),
    ({"type": "timepicker", "initial_time": "09:00"}, {"selected_time": "09:00"}),
    ({"type": "file_input"}, {"files": []}),
]


@pytest.mark.parametrize(("element", "state"), INITIAL)
def test_an_untouched_input_has_its_initial_value(element: JSON, state: JSON) -> None:
    assert initial_values([block(element)]) == {"b": {"a": {"type": element["type"], **state}}}


def test_buttons_and_menus_without_memory_have_no_state() -> None:
    buttons = [{"type": "button", "action_id": "x"}, {"type": "overflow", "action_id": "y", "options": [A]}]
    pickers = [{"type": "datepicker", "action_id": "z"}]
    blocks: list[JSON] = [
        {"type": "actions", "block_id": "one", "elements": [*buttons, *pickers]},
        {"type": "section", "block_id": "two", "accessory": {"type": "users_select", "action_id": "u"}},
        {"type": "context", "block_id": "three", "elements": []},
    ]
    assert {block_id: list(inner) for block_id, inner in initial_values(blocks).items()} == {"one": ["z"], "two": ["u"]}


def test_an_update_keeps_what_still_fits() -> None:
    select = block({"type": "static_select", "options": [A, B]})
    old = {"b": {"a": filled(select["element"], "b", NOTHING)}}
    assert carried_over(old, [select]) == old
    without_b = block({"type": "static_select", "options": [A]})
    assert carried_over(old, [without_b])["b"]["a"]["selected_option"] is None
    other_kind = block({"type": "plain_text_input"})
    assert carried_over(old, [other_kind])["b"]["a"] == {"type": "plain_text_input", "value": None}
    boxes = block({"type": "checkboxes", "options": [A]})
    ticked = {"b": {"a": filled(block({"type": "checkboxes", "options": [A, B]})["element"], ["a", "b"], NOTHING)}}
    assert carried_over(ticked, [boxes])["b"]["a"]["selected_options"] == []


def test_an_element_is_found_by_block_and_action() -> None:
    blocks = [{"type": "divider", "block_id": "d"}, block({"type": "plain_text_input"})]
    found = find_element(blocks, "b", "a")
    assert found is not None
    assert found[1]["type"] == "plain_text_input"
    assert find_element(blocks, "b", "other") is None
    assert find_element(blocks, "d", "a") is None


CHECKED: list[tuple[JSON, Any, str | None]] = [
    ({"type": "plain_text_input", "min_length": 3}, "ab", "Please enter at least 3 characters."),
    ({"type": "plain_text_input", "max_length": 3}, "abcd", "Please enter at most 3 characters."),
    ({"type": "plain_text_input"}, "x" * 3001, "Please enter at most 3000 characters."),
    ({"type": "plain_text_input"}, "fine", None),
    ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a whole number."),
    ({"type": "number_input", "is_decimal_allowed": True}, "1,5", "Please enter a number."),
    ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1.5", "Please enter 2 or more."),
    ({"type": "number_input", "is_decimal_allowed": False, "max_value": "8"}, "9", "Please enter 8 or less."),
    ({"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "8"}, "8", None),
    ({"type": "email_text_input"}, "ana@clinic", "Please enter a valid email address."),
    ({"type": "email_text_input"}, "ana@clinic.example", None),
    ({"type": "url_text_input"}, "clinic.example", "Please enter a valid URL."),
    ({"type": "url_text_input"}, "https://clinic.example", None),
    ({"type": "datepicker"}, "tomorrow", "Please enter a valid date."),
    ({"type": "datepicker"}, "2026-03-02", None),
    ({"type": "timepicker"}, "noon", "Please enter a valid time."),
    ({"type": "timepicker"}, "12:00", None),
    ({"type": "file_input", "max_files": 1}, ["F1", "F2"], "Please keep to 1 files at most."),
    ({"type": "multi_users_select", "max_selected_items": 1}, ["U1", "U2"], "Please keep to 1 choices at most."),
    ({"type": "multi_users_select"}, ["U1", "U2"], None),
    ({"type": "users_select"}, "U1", None),
    ({"type": "users_select"}, None, REQUIRED),
    ({"type": "checkboxes", "options": [A]}, [], REQUIRED),
]


@pytest.mark.parametrize(("element", "value", "text"), CHECKED, ids=lambda part: str(part)[:40])
def test_slacks_clients_check_an_input_before_it_is_sent(element: JSON, value: Any, text: str | None) -> None:
    values = {"b": {"a": {"type": element["type"], SLOTS[element["type"]].key: value}}}
    assert faults_of_values([block(element)], values) == ({"b": text} if text else {})


def test_an_optional_input_may_stay_empty() -> None:
    blocks = [block({"type": "plain_text_input", "min_length": 3}, optional=True), {"type": "divider", "block_id": "d"}]
    assert faults_of_values(blocks, initial_values(blocks)) == {}
