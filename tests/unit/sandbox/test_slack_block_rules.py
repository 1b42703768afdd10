"""Every rule of Block Kit that the simulator holds, as a table of what Slack refuses."""

from typing import Any

import pytest

from sandbox.slack.blocks import check_message_blocks, check_options_answer, check_view, prepare, too_large
from sandbox.slack.blocks.elements import ELEMENTS
from sandbox.slack.blocks.layout import BLOCKS

JSON = dict[str, Any]


def plain(text: str = "Text") -> JSON:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "Text") -> JSON:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", text: str = "A") -> JSON:
    return {"text": plain(text), "value": value}


def options(count: int) -> list[JSON]:
    return [option(str(number)) for number in range(count)]


def section(**fields: Any) -> JSON:
    return {"type": "section", "text": mrkdwn(), **fields}


def actions(*elements: JSON, **fields: Any) -> JSON:
    return {"type": "actions", "elements": list(elements), **fields}


def button(**fields: Any) -> JSON:
    return {"type": "button", "text": plain(), "action_id": "go", **fields}


def asked(element: JSON, **fields: Any) -> JSON:
    return {"type": "input", "label": plain("Label"), "element": element, **fields}


def modal(*blocks: JSON, **fields: Any) -> JSON:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Go"), "blocks": list(blocks), **fields}


CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain()}
TEXT_INPUT = {"type": "plain_text_input", "action_id": "a"}
SELECT = {"type": "static_select", "action_id": "s", "options": options(2)}

TAKEN: dict[str, JSON] = {
    "divider": {"type": "divider"},
    "header": {"type": "header", "text": plain("x" * 150)},
    "section of fields": {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    "section with a button": section(accessory=button(value="v" * 2000, confirm=CONFIRM, style="danger"), expand=True),
    "section with an image": section(accessory={"type": "image", "alt_text": "A", "image_url": "https://a.example/i"}),
    "context": {
        "type": "context",
        "elements": [mrkdwn(), {"type": "image", "alt_text": "A", "slack_file": {"id": "F"}}],
    },
    "actions": actions(*(button(action_id=str(number)) for number in range(25))),
    "overflow": actions({"type": "overflow", "action_id": "o", "options": [option() | {"url": "https://a.example"}]}),
    "checkboxes in mrkdwn": section(accessory={"type": "checkboxes", "options": [{"text": mrkdwn(), "value": "v"}]}),
    "radio": actions({"type": "radio_buttons", "options": options(10), "initial_option": option("3")}),
    "pickers": actions(
        {"type": "datepicker", "initial_date": "2026-02-28"},
        {"type": "timepicker", "initial_time": "23:59", "timezone": "Europe/Paris"},
        {"type": "datetimepicker", "initial_date_time": 1_772_420_400},
    ),
    "grouped select": actions(
        {"type": "static_select", "option_groups": [{"label": plain(), "options": options(2)}]},
        {"type": "multi_static_select", "options": options(100), "initial_options": [option("1"), option("99")]},
    ),
    "selects of the workspace": actions(
        {"type": "users_select", "initial_user": "U1"},
        {"type": "conversations_select", "filter": {"include": ["im"], "exclude_bot_users": True}},
        {"type": "channels_select"},
        {"type": "external_select", "min_query_length": 0},
        {"type": "multi_users_select", "initial_users": ["U1"], "max_selected_items": 2},
        {"type": "multi_external_select"},
        {"type": "multi_channels_select"},
        {"type": "multi_conversations_select", "default_to_current_conversation": True},
    ),
    "input": asked(TEXT_INPUT | {"multiline": True, "max_length": 10, "min_length": 2}, optional=True, hint=plain()),
    "image": {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "A", "title": plain()},
    "markdown": {"type": "markdown", "text": "**bold**"},
    "video": {
        "type": "video",
        "alt_text": "A",
        "title": plain(),
        "thumbnail_url": "https://a.example/t.png",
        "video_url": "https://a.example/v",
    },
    "rich text": {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "Hi", "style": {"bold": True}}]},
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}],
            },
            {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://a.example"}]},
            {"type": "rich_text_preformatted", "elements": [], "border": 1},
        ],
    },
}

REFUSED: dict[str, tuple[Any, str, str]] = {
    # name: (block, pointer, part of the text)
    "no object": ("text", "/blocks/0", "must provide an object"),
    "no type": ({"text": mrkdwn()}, "/blocks/0/type", "unsupported type"),
    "unknown type": ({"type": "banner"}, "/blocks/0/type", "unsupported type: banner"),
    "type of the wrong kind": ({"type": ["section"]}, "/blocks/0/type", "unsupported type"),
    "unknown field": ({"type": "divider", "colour": 1}, "/blocks/0", "invalid additional property: colour"),
    "null field": (section(accessory=None), "/blocks/0/accessory", "must provide an object"),
    "long block_id": ({"type": "divider", "block_id": "b" * 256}, "/blocks/0/block_id", "less than 256"),
    "empty block_id": ({"type": "divider", "block_id": ""}, "/blocks/0/block_id", "more than 0"),
    "block_id that is a number": ({"type": "divider", "block_id": 7}, "/blocks/0/block_id", "must provide a string"),
    "section of nothing": ({"type": "section"}, "/blocks/0", "must define either `text` or `fields`"),
    "long section": (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text", "must be less than 3001 characters"),
    "empty section": (section(text=mrkdwn("")), "/blocks/0/text/text", "must be more than 0 characters"),
    "bare string as text": (section(text="hi"), "/blocks/0/text", "must provide an object"),
    "text of no kind": (section(text={"type": "html", "text": "x"}), "/blocks/0/text/type", "must be one of"),
    "emoji on mrkdwn": (section(text=mrkdwn() | {"emoji": True}), "/blocks/0/text", "additional property: emoji"),
    "verbatim on plain": (
        section(text=plain() | {"verbatim": True}),
        "/blocks/0/text",
        "additional property: verbatim",
    ),
    "11 fields": (section(fields=[plain()] * 11), "/blocks/0/fields", "no more than 10 items allowed"),
    "no fields": (section(fields=[]), "/blocks/0/fields", "no fewer than 1 items allowed"),
    "long field": (section(fields=[plain("x" * 2001)]), "/blocks/0/fields/0/text", "less than 2001"),
    "fields no list": (section(fields=plain()), "/blocks/0/fields", "must provide an array"),
    "expand no boolean": (section(expand="yes"), "/blocks/0/expand", "must provide a boolean"),
    "header in mrkdwn": ({"type": "header", "text": mrkdwn()}, "/blocks/0/text/type", "must be one of: plain_text"),
    "long header": ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text", "less than 151"),
    "11 in context": ({"type": "context", "elements": [plain()] * 11}, "/blocks/0/elements", "no more than 10"),
    "button in context": ({"type": "context", "elements": [button()]}, "/blocks/0/elements/0/type", "must be one of"),
    "26 in actions": (actions(*[button()] * 26), "/blocks/0/elements", "no more than 25"),
    "nothing in actions": (actions(), "/blocks/0/elements", "no fewer than 1"),
    "image in actions": (
        actions({"type": "image", "alt_text": "A", "image_url": "https://a.example"}),
        "/blocks/0/elements/0",
        "image may not stand in a block of type actions",
    ),
    "unknown element": (actions({"type": "slider"}), "/blocks/0/elements/0/type", "unsupported type: slider"),
    "element no object": (actions("button"), "/blocks/0/elements/0", "must provide an object"),  # type: ignore[arg-type]
    "button in input": (asked(button()), "/blocks/0/element", "button may not stand in a block of type input"),
    "text input in actions": (actions(TEXT_INPUT), "/blocks/0/elements/0", "may not stand in a block of type actions"),
    "datetimepicker in a section": (
        section(accessory={"type": "datetimepicker"}),
        "/blocks/0/accessory",
        "may not stand in a block of type section",
    ),
    "e-mail input in a message": (
        asked({"type": "email_text_input"}),
        "/blocks/0/element",
        "email_text_input may not stand in a message",
    ),
    "file input in a message": (asked({"type": "file_input"}), "/blocks/0/element", "may not stand in a message"),
    "button without text": (actions({"type": "button"}), "/blocks/0/elements/0", "missing required field: text"),
    "long button": (actions(button(text=plain("x" * 76))), "/blocks/0/elements/0/text/text", "less than 76"),
    "button in mrkdwn": (actions(button(text=mrkdwn())), "/blocks/0/elements/0/text/type", "plain_text"),
    "long button value": (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value", "less than 2001"),
    "long button url": (
        actions(button(url="https://a.example/" + "x" * 3000)),
        "/blocks/0/elements/0/url",
        "less than",
    ),
    "script url": (actions(button(url="javascript:alert(1)")), "/blocks/0/elements/0/url", "valid URL"),
    "green button": (actions(button(style="green")), "/blocks/0/elements/0/style", "valid enum value"),
    "long label": (
        actions(button(accessibility_label="x" * 76)),
        "/blocks/0/elements/0/accessibility_label",
        "less than 76",
    ),
    "long action_id": (actions(button(action_id="x" * 256)), "/blocks/0/elements/0/action_id", "less than 256"),
    "same action_id twice": (actions(button(), button()), "/blocks/0", "`go` appears more than once"),
    "confirm without deny": (
        actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"})),
        "/blocks/0/elements/0/confirm",
        "missing required field: deny",
    ),
    "long confirm title": (
        actions(button(confirm=CONFIRM | {"title": plain("x" * 101)})),
        "/blocks/0/elements/0/confirm/title/text",
        "less than 101",
    ),
    "long confirm text": (
        actions(button(confirm=CONFIRM | {"text": plain("x" * 301)})),
        "/blocks/0/elements/0/confirm/text/text",
        "less than 301",
    ),
    "long confirm button": (
        actions(button(confirm=CONFIRM | {"confirm": plain("x" * 31)})),
        "/blocks/0/elements/0/confirm/confirm/text",
        "less than 31",
    ),
    "select without options": (actions({"type": "static_select"}), "/blocks/0/elements/0", "exactly one of `options`"),
    "options and groups": (
        actions(SELECT | {"option_groups": [{"label": plain(), "options": options(1)}]}),
        "/blocks/0/elements/0",
        "exactly one of",
    ),
    "no options": (actions(SELECT | {"options": []}), "/blocks/0/elements/0/options", "no fewer than 1"),
    "101 options": (actions(SELECT | {"options": options(101)}), "/blocks/0/elements/0/options", "no more than 100"),
    "long option text": (
        actions(SELECT | {"options": [option(text="x" * 76)]}),
        "/blocks/0/elements/0/options/0/text/text",
        "less than 76",
    ),
    "empty option text": (
        actions(SELECT | {"options": [option(text="")]}),
        "/blocks/0/elements/0/options/0/text/text",
        "more than 0",
    ),
    "long option value": (
        actions(SELECT | {"options": [option("x" * 151)]}),
        "/blocks/0/elements/0/options/0/value",
        "less than 151",
    ),
    "long option description": (
        actions(SELECT | {"options": [option() | {"description": plain("x" * 76)}]}),
        "/blocks/0/elements/0/options/0/description/text",
        "less than 76",
    ),
    "mrkdwn option in a select": (
        actions(SELECT | {"options": [{"text": mrkdwn(), "value": "v"}]}),
        "/blocks/0/elements/0/options/0/text/type",
        "plain_text",
    ),
    "url on a select's option": (
        actions(SELECT | {"options": [option() | {"url": "https://a.example"}]}),
        "/blocks/0/elements/0/options/0",
        "additional property: url",
    ),
    "same value twice": (actions(SELECT | {"options": [option(), option()]}), "/blocks/0/elements/0", "must be unique"),
    "initial option not offered": (
        actions(SELECT | {"initial_option": option("zz")}),
        "/blocks/0/elements/0",
        "must exactly match one of the provided options",
    ),
    "long placeholder": (
        actions(SELECT | {"placeholder": plain("x" * 151)}),
        "/blocks/0/elements/0/placeholder/text",
        "less than 151",
    ),
    "6 in overflow": (
        actions({"type": "overflow", "options": options(6)}),
        "/blocks/0/elements/0/options",
        "no more than 5",
    ),
    "11 checkboxes": (
        actions({"type": "checkboxes", "options": options(11)}),
        "/blocks/0/elements/0/options",
        "no more than 10",
    ),
    "11 radio buttons": (
        actions({"type": "radio_buttons", "options": options(11)}),
        "/blocks/0/elements/0/options",
        "no more than 10",
    ),
    "no date": (
        actions({"type": "datepicker", "initial_date": "2026-02-30"}),
        "/blocks/0/elements/0/initial_date",
        "YYYY-MM-DD",
    ),
    "date in another spelling": (
        actions({"type": "datepicker", "initial_date": "20260228"}),
        "/blocks/0/elements/0/initial_date",
        "YYYY-MM-DD",
    ),
    "no time": (
        actions({"type": "timepicker", "initial_time": "24:00"}),
        "/blocks/0/elements/0/initial_time",
        "HH:mm",
    ),
    "instant as text": (
        actions({"type": "datetimepicker", "initial_date_time": "now"}),
        "/blocks/0/elements/0/initial_date_time",
        "must provide an integer",
    ),
    "instant in milliseconds": (
        actions({"type": "datetimepicker", "initial_date_time": 1_772_420_400_000}),
        "/blocks/0/elements/0/initial_date_time",
        "must be between",
    ),
    "empty filter": (
        actions({"type": "conversations_select", "filter": {}}),
        "/blocks/0/elements/0/filter",
        "must define either",
    ),
    "response url outside a modal": (
        actions({"type": "conversations_select", "response_url_enabled": True}),
        "/blocks/0/elements/0/response_url_enabled",
        "only allowed for an input block in a modal",
    ),
    "long input label": (asked(TEXT_INPUT, label=plain("x" * 2001)), "/blocks/0/label/text", "less than 2001"),
    "input label in mrkdwn": (asked(TEXT_INPUT, label=mrkdwn()), "/blocks/0/label/type", "plain_text"),
    "input without label": (
        {"type": "input", "element": TEXT_INPUT},
        "/blocks/0",
        "missing required field: label",
    ),
    "long initial value": (
        asked(TEXT_INPUT | {"initial_value": "x" * 3001}),
        "/blocks/0/element/initial_value",
        "less than 3001",
    ),
    "lengths the wrong way round": (
        asked(TEXT_INPUT | {"min_length": 9, "max_length": 3}),
        "/blocks/0/element",
        "`min_length` must not be more than `max_length`",
    ),
    "dispatch on nothing known": (
        asked(TEXT_INPUT | {"dispatch_action_config": {"trigger_actions_on": ["on_blur"]}}),
        "/blocks/0/element/dispatch_action_config/trigger_actions_on/0",
        "valid enum value",
    ),
    "image without alt text": (
        {"type": "image", "image_url": "https://a.example"},
        "/blocks/0",
        "missing required field: alt_text",
    ),
    "image without source": ({"type": "image", "alt_text": "A"}, "/blocks/0", "exactly one of `image_url`"),
    "image from a file": (
        {"type": "image", "alt_text": "A", "image_url": "file:///etc/passwd"},
        "/blocks/0/image_url",
        "valid URL",
    ),
    "rich text of nothing known": (
        {"type": "rich_text", "elements": [{"type": "rich_text_poem"}]},
        "/blocks/0/elements/0/type",
        "unsupported type: rich_text_poem",
    ),
    "rich text run of nothing known": (
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "blink"}]}]},
        "/blocks/0/elements/0/elements/0/type",
        "unsupported type: blink",
    ),
}


@pytest.mark.parametrize("block", TAKEN.values(), ids=TAKEN.keys())
def test_a_right_block_is_taken(block: JSON) -> None:
    assert check_message_blocks([block]) == []


@pytest.mark.parametrize(("block", "pointer", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_block_is_refused_at_its_place(block: Any, pointer: str, text: str) -> None:
    faults = check_message_blocks([block])
    assert [fault for fault in faults if fault.pointer == pointer and text in fault.text], faults


def test_every_kind_of_block_and_element_is_in_the_table_of_what_is_taken() -> None:
    in_messages = {kind for kind, row in BLOCKS.items() if "message" in row.surfaces}
    assert in_messages == {block["type"] for block in TAKEN.values()}
    shown = {kind for kind, row in ELEMENTS.items() if "message" in row.surfaces}
    assert shown <= {kind for kind in shown if kind in str(TAKEN)}


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_a_surface_takes_so_many_blocks_and_not_one_more(surface: str, most: int) -> None:
    def faults(count: int) -> list[Any]:
        blocks = [{"type": "divider"}] * count
        if surface == "message":
            return check_message_blocks(blocks)
        view = modal(*blocks) if surface == "modal" else {"type": "home", "blocks": blocks}
        return check_view(view, surface)  # type: ignore[arg-type]

    assert faults(most) == []
    assert f"no more than {most} items allowed" in faults(most + 1)[0].text


def test_a_block_id_stands_once_in_a_message_and_an_action_id_once_in_a_block() -> None:
    twice = [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}]
    assert "`b` appears more than once" in check_message_blocks(twice)[0].text
    assert check_message_blocks([actions(button()), actions(button())]) == []


def test_blocks_that_are_no_list_are_refused() -> None:
    assert check_message_blocks({"type": "divider"})[0].text == "must provide an array"


MODAL_INPUTS = [
    {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "24", "initial_value": "2"},
    {"type": "email_text_input", "initial_value": ""},
    {"type": "url_text_input"},
    {"type": "file_input", "filetypes": ["pdf"], "max_files": 3},
    {"type": "rich_text_input", "initial_value": TAKEN["rich text"]},
    {"type": "conversations_select", "response_url_enabled": True},
]


@pytest.mark.parametrize("element", MODAL_INPUTS, ids=lambda element: element["type"])
def test_a_modal_takes_inputs_that_messages_do_not(element: JSON) -> None:
    assert check_view(modal(asked(element)), "modal") == []


REFUSED_VIEWS: dict[str, tuple[Any, str, str, str]] = {
    "no object": ("modal", "modal", "/view", "must provide an object"),
    "no title": ({"type": "modal", "blocks": []}, "modal", "/view", "missing required field: title"),
    "long title": (modal(title=plain("x" * 25)), "modal", "/view/title/text", "less than 25"),
    "title in mrkdwn": (modal(title=mrkdwn()), "modal", "/view/title/type", "plain_text"),
    "long submit": (modal(submit=plain("x" * 25)), "modal", "/view/submit/text", "less than 25"),
    "long close": (modal(close=plain("x" * 25)), "modal", "/view/close/text", "less than 25"),
    "long private metadata": (modal(private_metadata="x" * 3001), "modal", "/view/private_metadata", "less than 3001"),
    "long callback id": (modal(callback_id="x" * 256), "modal", "/view/callback_id", "less than 256"),
    "field of another day": (modal(submit_disabled=True), "modal", "/view", "additional property: submit_disabled"),
    "Home as modal": ({"type": "home", "blocks": []}, "modal", "/view/type", "valid enum value"),
    "modal as Home": (modal(), "home", "/view/type", "valid enum value"),
    "title on Home": ({"type": "home", "blocks": [], "title": plain()}, "home", "/view", "additional property: title"),
    "no blocks": ({"type": "home"}, "home", "/view", "missing required field: blocks"),
    "input without submit": (
        {"type": "modal", "title": plain(), "blocks": [asked(TEXT_INPUT)]},
        "modal",
        "/view/blocks/0",
        "must define `submit`",
    ),
    "two in focus": (
        modal(asked(TEXT_INPUT | {"focus_on_load": True}), asked(TEXT_INPUT | {"focus_on_load": True})),
        "modal",
        "/view/blocks",
        "only one element may set focus_on_load",
    ),
    "datetimepicker in Home": (
        {"type": "home", "blocks": [actions({"type": "datetimepicker"})]},
        "home",
        "/view/blocks/0/elements/0",
        "may not stand in a home",
    ),
    "markdown in a modal": (modal({"type": "markdown", "text": "x"}), "modal", "/view/blocks/0", "may not stand in"),
    "number without decimals said": (
        modal(asked({"type": "number_input"})),
        "modal",
        "/view/blocks/0/element",
        "missing required field: is_decimal_allowed",
    ),
    "number as number": (
        modal(asked({"type": "number_input", "is_decimal_allowed": True, "min_value": 1})),
        "modal",
        "/view/blocks/0/element/min_value",
        "must be a number, given as a string",
    ),
    "11 files": (
        modal(asked({"type": "file_input", "max_files": 11})),
        "modal",
        "/view/blocks/0/element/max_files",
        "must be between 1 and 10",
    ),
}


@pytest.mark.parametrize(("view", "surface", "pointer", "text"), REFUSED_VIEWS.values(), ids=REFUSED_VIEWS.keys())
def test_a_wrong_view_is_refused_at_its_place(view: Any, surface: Any, pointer: str, text: str) -> None:
    faults = check_view(view, surface)
    assert [fault for fault in faults if fault.pointer == pointer and text in fault.text], faults


def test_a_view_is_at_most_250_kilobytes() -> None:
    assert not too_large(modal(section()))
    assert too_large(modal(*[section(text=mrkdwn("x" * 3000))] * 84))


def test_options_for_an_external_select_are_checked_like_others() -> None:
    assert check_options_answer({"options": options(100)}) == []
    assert check_options_answer({"option_groups": [{"label": plain(), "options": options(1)}]}) == []
    assert "no more than 100" in check_options_answer({"options": options(101)})[0].text
    assert "less than 76" in check_options_answer({"options": [option(text="x" * 76)]})[0].text
    assert check_options_answer({})[0].text.startswith("must define either `options`")
    assert check_options_answer(None)[0].text == "must provide an object"


def test_blocks_are_kept_with_ids_and_the_defaults_that_slack_spells_out() -> None:
    picture = {"type": "image", "alt_text": "A", "image_url": "https://a.example/i"}
    given = [actions({"type": "button", "text": plain()}), section(accessory=picture)]
    numbers = iter(range(9))
    kept = prepare(given, lambda prefix: f"{prefix}{next(numbers)}")
    assert kept[0]["block_id"] == "b0"
    assert kept[0]["elements"][0] == {"type": "button", "text": {**plain(), "emoji": True}, "action_id": "a1"}
    assert kept[1]["text"]["verbatim"] is False
    assert kept[1]["accessory"] == picture
    assert "block_id" not in given[0]
