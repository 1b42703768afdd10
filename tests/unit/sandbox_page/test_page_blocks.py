"""Block Kit as HTML: what an app sends, and what a person finds on the page."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.slack.page.blocks import Surface, render_blocks
from sandbox.slack.page.reader import Reader
from tests.unit.sandbox_page.reading import Read
from tests.unit.sandbox_page.stage import CARD, FORM, mark, option, plain, section

READER = Reader(now=datetime(2026, 3, 2, 17, tzinfo=UTC), zone=ZoneInfo("America/New_York"), people={"U1": "Ann Lee"})
SURFACE = Surface(
    READER,
    kind="modal",
    name="V1",
    people=[("U1", "Ann Lee"), ("U2", "Ben")],
    conversations=[("C1", "#ops")],
)
TWO = [option("One", "1"), option("Two", "2", "the second")]


def drawn(*blocks: dict[str, Any], surface: Surface = SURFACE) -> Read:
    return Read(render_blocks(blocks, surface))


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = {"type": "input", "block_id": "b", "label": plain("Label"), "element": {"action_id": "a"} | element}
    return label | more


def actions(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "b", "elements": [{"action_id": "a"} | element]}


def chosen(read: Read) -> list[str]:
    return [one["data-value"] for _, one in read.elements if one.get("aria-selected") == "true"]


def test_layout_blocks_show_their_text() -> None:
    read = drawn(
        {"type": "header", "block_id": "h", "text": plain("Title :key:")},
        {"type": "divider", "block_id": "d"},
        {"type": "section", "block_id": "s", "text": mark("*x*"), "fields": [mark("one"), plain("<two>")]},
        {"type": "context", "block_id": "c", "elements": [mark("small")]},
        {"type": "markdown", "block_id": "m", "text": "# heading"},
    )
    assert read.text == "Title 🔑xone<two>small# heading"
    assert [one["data-block-id"] for _, one in read.elements if "data-block-type" in one] == ["h", "d", "s", "c", "m"]


@pytest.mark.parametrize(
    ("element", "classes"),
    [({}, "btn"), ({"style": "primary"}, "btn btn-primary"), ({"style": "danger"}, "btn btn-danger")],
)
def test_buttons_carry_their_style_and_ids(element: dict[str, Any], classes: str) -> None:
    button = {"type": "button", "text": plain("Go"), "value": "v", "accessibility_label": "Go now"} | element
    found = drawn(actions(button)).one(data_action_id="a")
    assert found["class"] == classes
    assert (found["data-block-id"], found["data-value"], found["aria-label"]) == ("b", "v", "Go now")


def test_a_link_button_is_a_link_unless_its_scheme_is_odd() -> None:
    safe = drawn(actions({"type": "button", "text": plain("Go"), "url": "https://a.example"}))
    odd = drawn(actions({"type": "button", "text": plain("Go"), "url": "javascript:x"}))
    assert safe.one(data_action_id="a")["href"] == "https://a.example"
    assert "href" not in odd.one(data_action_id="a")


def test_a_confirmation_waits_in_a_template() -> None:
    confirm = {"title": plain("Sure?"), "text": mark("*Really*"), "confirm": plain("Yes"), "deny": plain("No")}
    read = drawn(actions({"type": "button", "text": plain("Go"), "confirm": confirm | {"style": "danger"}}))
    assert read.text == "GoSure?ReallyNoYes"
    assert read.one(data_agree="")["class"] == "btn btn-danger"
    assert (
        drawn(actions({"type": "button", "text": plain("Go"), "confirm": confirm})).one(data_agree="")["class"]
        == "btn btn-primary"
    )


def test_an_overflow_menu_lists_its_options() -> None:
    read = drawn(actions({"type": "overflow", "options": TWO}))
    assert [one["data-value"] for _, one in read.elements if one.get("role") == "menuitem"] == ["1", "2"]
    assert read.one(data_menu="")["aria-expanded"] == "false"


@pytest.mark.parametrize(
    ("element", "offered", "picked"),
    [
        ({"type": "static_select", "options": TWO}, ["1", "2"], []),
        ({"type": "static_select", "options": TWO, "initial_option": TWO[1]}, ["1", "2"], ["2"]),
        ({"type": "multi_static_select", "options": TWO, "initial_options": TWO}, ["1", "2"], ["1", "2"]),
        ({"type": "static_select", "option_groups": [{"label": plain("G"), "options": TWO}]}, ["1", "2"], []),
        ({"type": "external_select", "initial_option": TWO[0]}, ["1"], ["1"]),
        ({"type": "users_select", "initial_user": "U2"}, ["U1", "U2"], ["U2"]),
        ({"type": "multi_users_select", "initial_users": ["U1", "U2"]}, ["U1", "U2"], ["U1", "U2"]),
        ({"type": "conversations_select", "initial_conversation": "C1"}, ["C1"], ["C1"]),
        ({"type": "channels_select"}, ["C1"], []),
        ({"type": "multi_conversations_select", "initial_conversations": ["C1"]}, ["C1"], ["C1"]),
    ],
)
def test_selects_offer_and_propose(element: dict[str, Any], offered: list[str], picked: list[str]) -> None:
    read = drawn(field(element))
    assert [one["data-value"] for _, one in read.elements if one.get("role") == "option"] == offered
    assert chosen(read) == picked
    assert read.one(role="combobox")["aria-expanded"] == "false"


@pytest.mark.parametrize(
    ("element", "state", "picked"),
    [
        ({"type": "static_select", "options": TWO, "initial_option": TWO[1]}, {"selected_option": TWO[0]}, ["1"]),
        ({"type": "static_select", "options": TWO, "initial_option": TWO[1]}, {"selected_option": None}, []),
        ({"type": "multi_users_select", "initial_users": ["U1"]}, {"selected_users": ["U2"]}, ["U2"]),
        ({"type": "users_select"}, {"selected_user": "U1"}, ["U1"]),
    ],
)
def test_a_choice_already_made_beats_the_proposal(
    element: dict[str, Any], state: dict[str, Any], picked: list[str]
) -> None:
    surface = Surface(READER, name="V1", people=SURFACE.people, values={"b": {"a": state}})
    assert chosen(drawn(field(element), surface=surface)) == picked


def test_options_know_their_group_and_description() -> None:
    read = drawn(field({"type": "static_select", "option_groups": [{"label": plain("Databases"), "options": TWO}]}))
    assert read.one(data_value="2")["data-group"] == "Databases"
    assert "the second" in read.text


@pytest.mark.parametrize(
    ("kind", "role", "html_type"), [("checkboxes", "group", "checkbox"), ("radio_buttons", "radiogroup", "radio")]
)
def test_boxes_are_grouped_under_their_label(kind: str, role: str, html_type: str) -> None:
    proposal = {"initial_option": TWO[0]} if kind == "radio_buttons" else {"initial_options": [TWO[0]]}
    read = drawn(field({"type": kind, "options": TWO} | proposal))
    group = read.one(role=role)
    assert read.one(id=group["aria-labelledby"])
    assert "checked" in read.one(type=html_type, value="1")
    assert "checked" not in read.one(type=html_type, value="2")


@pytest.mark.parametrize(
    ("element", "attributes"),
    [
        (
            {"type": "plain_text_input", "initial_value": 'a"b', "min_length": 2, "max_length": 9},
            {"type": "text", "value": 'a"b', "minlength": "2", "maxlength": "9"},
        ),
        ({"type": "plain_text_input"}, {"maxlength": "3000", "value": ""}),
        ({"type": "plain_text_input", "focus_on_load": True}, {"autofocus": ""}),
        ({"type": "email_text_input"}, {"type": "email"}),
        ({"type": "url_text_input"}, {"type": "url"}),
        (
            {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"},
            {"type": "number", "step": "1", "min": "1"},
        ),
        ({"type": "number_input", "is_decimal_allowed": True}, {"step": "any"}),
        ({"type": "datepicker", "initial_date": "2026-03-02"}, {"type": "date", "value": "2026-03-02"}),
        ({"type": "timepicker", "initial_time": "14:30"}, {"type": "time", "value": "14:30"}),
        (
            {"type": "datetimepicker", "initial_date_time": 1772474400},
            {"type": "datetime-local", "value": "2026-03-02T13:00"},
        ),
        ({"type": "file_input", "filetypes": ["pdf"], "max_files": 1}, {"type": "file", "accept": ".pdf"}),
    ],
)
def test_fields_follow_what_the_app_asked_for(element: dict[str, Any], attributes: dict[str, str]) -> None:
    found = drawn(field(element)).one(data_action_id="a")
    assert {name: found.get(name) for name in attributes} == attributes


def test_typed_text_is_kept_and_escaped() -> None:
    surface = Surface(READER, name="V1", values={"b": {"a": {"value": "</textarea><script>"}}})
    read = drawn(field({"type": "plain_text_input", "multiline": True, "initial_value": "old"}), surface=surface)
    assert "</textarea><script>" in read.text
    assert "script" not in [name for name, _ in read.elements]


def test_an_input_is_labelled_hinted_and_optional() -> None:
    read = drawn(field({"type": "plain_text_input"}, hint=plain("Be brief"), optional=True))
    found = read.one(data_action_id="a")
    assert read.one(for_=found["id"])
    assert read.one(id=found["aria-describedby"])["class"] == "field-hint"
    assert read.text == "Label (optional)Be brief"
    assert "aria-required" not in found


def test_an_error_stands_at_its_field() -> None:
    surface = Surface(READER, name="V1", errors={"b": "Too <short>"})
    read = drawn(field({"type": "plain_text_input"}, hint=plain("Be brief")), surface=surface)
    found = read.one(data_action_id="a")
    error, hint = found["aria-describedby"].split()
    assert found["aria-invalid"] == "true"
    assert "data-error" in read.one(id=error)
    assert read.one(id=hint)
    assert "Too <short>" in read.text


@pytest.mark.parametrize(
    ("block", "dispatches"),
    [
        (field({"type": "static_select", "options": TWO}), False),
        (field({"type": "static_select", "options": TWO}, dispatch_action=True), True),
        (actions({"type": "static_select", "options": TWO}), True),
        (actions({"type": "datepicker"}), True),
        (field({"type": "datepicker"}), False),
    ],
)
def test_only_elements_that_tell_the_app_say_so(block: dict[str, Any], dispatches: bool) -> None:
    assert ("data-dispatch" in drawn(block).one(data_action_id="a")) is dispatches


@pytest.mark.parametrize(
    ("address", "is_fetched"),
    [
        ("data:image/png;base64,AAAA", True),
        ("/files/F1", True),
        ("https://tracker.example/pixel.png", False),
        ("//tracker.example/pixel.png", False),
        ("/\\tracker.example/pixel.png", False),
    ],
)
def test_images_come_from_this_machine_or_are_their_alt_text(address: str, is_fetched: bool) -> None:
    read = drawn(
        {"type": "image", "block_id": "i", "image_url": address, "alt_text": "A chart", "title": plain("Load")}
    )
    assert ("img" in [name for name, _ in read.elements]) is is_fetched
    assert "Load" in read.text


def test_small_images_stand_in_context_and_accessories() -> None:
    image = {"type": "image", "image_url": "/x.png", "alt_text": "A face"}
    rich = {"type": "rich_text", "block_id": "r", "elements": []}
    read = drawn({"type": "context", "block_id": "c", "elements": [image]}, rich, section("x", accessory=image))
    assert [one["alt"] for name, one in read.elements if name == "img"] == ["A face", "A face"]


def test_what_the_sandbox_cannot_show_says_so() -> None:
    read = drawn({"type": "header"}, {"type": "video", "block_id": "v"}, actions({"type": "hologram"}))
    assert "cannot show a block of type “video”" in read.text
    assert "cannot show an element of type “hologram”" in read.text


def test_ids_differ_between_surfaces_and_never_break_an_attribute() -> None:
    odd = field({"type": "plain_text_input", "action_id": 'a "b c'}, block_id="<x> y")
    one, other = drawn(odd), drawn(odd, surface=Surface(READER, name="V2"))
    ids = {read.one(data_action_id='a "b c')["id"] for read in (one, other)}
    assert len(ids) == 2
    assert all(found.isalnum() for found in ids)


def test_a_whole_card_and_a_whole_form_hold_nothing_dangerous() -> None:
    assert drawn(*CARD, *FORM).dangers() == []


@pytest.mark.parametrize("bad", ['"><script>x</script>', "' onclick=x", "javascript:x"])
def test_hostile_blocks_stay_text(bad: str) -> None:
    options = [{"text": plain(bad), "value": bad, "description": plain(bad)}]
    confirm = {"title": plain(bad), "text": mark(bad), "confirm": plain(bad), "deny": plain(bad)}
    blocks: list[dict[str, Any]] = [
        {"type": bad, "block_id": bad},
        {
            "type": "section",
            "block_id": bad,
            "text": mark(bad),
            "accessory": {"type": "image", "image_url": bad, "alt_text": bad},
        },
        {
            "type": "actions",
            "block_id": bad,
            "elements": [
                {
                    "type": "button",
                    "action_id": bad,
                    "text": plain(bad),
                    "value": bad,
                    "url": bad,
                    "style": bad,
                    "confirm": confirm,
                },
                {"type": "overflow", "action_id": bad, "options": options},
                {
                    "type": "static_select",
                    "action_id": bad,
                    "options": options,
                    "placeholder": plain(bad),
                    "initial_option": options[0],
                },
                {"type": "checkboxes", "action_id": bad, "options": options},
                {"type": "datepicker", "action_id": bad, "initial_date": bad, "confirm": confirm},
                {"type": bad, "action_id": bad},
            ],
        },
        {
            "type": "input",
            "block_id": bad,
            "label": plain(bad),
            "hint": plain(bad),
            "element": {"type": "plain_text_input", "action_id": bad, "initial_value": bad},
        },
    ]
    assert drawn(*blocks, surface=Surface(READER, name=bad, errors={bad: bad})).dangers() == []
