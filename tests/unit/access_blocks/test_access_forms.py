"""The forms as Slack takes them, and what is made of anything that is sent for one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound, Refused
from playbooks.access.blocks import deny_form, id_from, read_denial, read_request, request_form, value_for
from playbooks.access.policy import Purpose
from sandbox.slack.blocks import check_view, too_large
from tests.unit.access_blocks.sheets import REQUEST_ID, TEXTS, offer

each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


# --- drawn ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 100, 101, 250])
@each_text
def test_slack_takes_the_form_with_any_number_of_offers(count: int, text: str):
    offers = [offer(number, text) for number in range(count)]
    for chosen in (None, offers[0].entitlement.key, offers[-1].entitlement.key, "no-such/thing"):
        view = request_form(offers, chosen)
        assert check_view(view, "modal") == []
        assert not too_large(view)
        element = inputs(view)["entitlement"]
        assert element.get("initial_option") in [*element["options"], None]


def test_what_was_chosen_is_shown_though_it_is_the_last_of_many():
    offers = [offer(number) for number in range(250)]
    element = inputs(request_form(offers, "target-249/read"))["entitlement"]
    assert element["initial_option"]["value"] == "target-249/read"


def test_with_nothing_to_ask_for_the_form_says_so():
    view = request_form([])
    assert check_view(view, "modal") == []
    assert "submit" not in view
    assert "nothing that you may ask for" in str(view["blocks"])


@pytest.mark.parametrize(
    "longest", [timedelta(minutes=1), timedelta(minutes=20), timedelta(hours=4), timedelta(days=7)]
)
def test_no_length_is_offered_beyond_the_longest(longest: timedelta):
    view = request_form([offer(max_duration=longest)], "target-0/read")
    assert check_view(view, "modal") == []
    element = inputs(view)["duration"]
    minutes = [int(each["value"]) for each in element["options"]]
    assert max(minutes) == longest.total_seconds() / 60
    assert element["initial_option"] in element["options"]
    assert int(element["initial_option"]["value"]) <= 60


def test_the_form_asks_what_the_chosen_target_takes_and_nothing_more():
    assert set(inputs(request_form([offer()]))) == {"entitlement", "duration", "reason"}
    asked = inputs(request_form([offer()], "target-0/read"))
    assert set(asked) == {"entitlement", "duration", "reason", "purpose", "minimum_necessary"}
    assert [each["value"] for each in asked["purpose"]["options"]] == list(Purpose)


def test_the_form_says_who_will_be_asked():
    said = str(request_form([offer()], "target-0/read"))
    assert "approval by dba or owner" in said
    assert "no approval needed" in str(request_form([offer(stages=())], "target-0/read"))


@each_text
def test_slack_takes_the_form_for_a_denial(text: str):
    request = uuid4()
    view = deny_form(request, f"the request of {text}")
    assert check_view(view, "modal") == []
    assert "<!channel>" not in str(view["blocks"][0])
    assert read_denial(view["private_metadata"], {"reason": {"text": {"value": " no "}}}) == (request, "no")


# --- read ----------------------------------------------------------------------------------------------------


def sent(**blocks: Any) -> dict[str, Any]:
    option = {"selected_option": {"value": "ehr-db/read"}}
    state: dict[str, Any] = {"entitlement": {"access.pick": option}}
    state |= {"duration": {"minutes": {"selected_option": {"value": "60"}}}, "reason": {"text": {"value": " Why. "}}}
    return state | {name: {"x": value} for name, value in blocks.items()}


def test_a_whole_form_is_read():
    wish = read_request(sent(purpose={"selected_option": {"value": "incident"}}, minimum_necessary={"value": "Little"}))
    assert (wish.entitlement, wish.duration, wish.reason) == ("ehr-db/read", timedelta(hours=1), "Why.")
    assert (wish.purpose, wish.minimum_necessary) == ("incident", "Little")


def test_what_was_not_asked_is_nothing():
    wish = read_request(sent())
    assert (wish.purpose, wish.minimum_necessary) == (None, None)


@pytest.mark.parametrize("minutes", ["", "x", "-5", "1.5", "1e3", "9" * 30, "²", None, 60, ["60"], {"a": 1}])
def test_no_number_of_minutes_is_refused(minutes: Any):
    with pytest.raises(Refused, match="Choose what you need and for how long"):
        read_request(sent(duration={"selected_option": {"value": minutes}}))


@pytest.mark.parametrize("value", ["curiosity", "INCIDENT", "x" * 5000])
def test_a_purpose_that_is_not_on_the_list_is_refused_without_repeating_it(value: str):
    with pytest.raises(Refused) as refused:
        read_request(sent(purpose={"selected_option": {"value": value}}))
    assert value not in str(refused.value)


@pytest.mark.parametrize("value", [None, 7, ["a"], {"b": 1}])
def test_a_purpose_that_is_no_text_is_none(value: Any):
    assert read_request(sent(purpose={"selected_option": {"value": value}})).purpose is None


def test_what_no_row_can_hold_is_left_out():
    wish = read_request(sent(reason={"value": "a\x00b" + "c" * 5000}))
    assert wish.reason.startswith("abccc")
    assert len(wish.reason) <= 1000


NAMES = st.sampled_from(
    [
        "entitlement",
        "duration",
        "reason",
        "purpose",
        "minimum_necessary",
        "selected_option",
        "value",
        "text",
        "minutes",
        "access.pick",
    ]
) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        name: st.dictionaries(
            NAMES,
            JSON
            | st.fixed_dictionaries(
                {}, optional={"selected_option": JSON | st.fixed_dictionaries({"value": JSON}), "value": JSON}
            ),
            max_size=2,
        )
        | JSON
        for name in ("entitlement", "duration", "reason", "purpose", "minimum_necessary")
    },
)


@given(JSON | SHAPED)
def test_garbage_for_a_request_is_never_anything_but_refused(state: Any):
    try:
        wish = read_request(state)
    except Refused:
        return
    assert wish.entitlement
    assert wish.duration >= timedelta()


@given(st.text(max_size=60), JSON | SHAPED)
def test_garbage_for_a_denial_is_never_anything_but_unknown(metadata: str, state: Any):
    with pytest.raises(NotFound, match="another version"):
        read_denial(metadata, state)
    request = uuid4()
    assert read_denial(value_for(request), state)[0] == request


@pytest.mark.parametrize("value", ["", "1", "1:", f"2:{REQUEST_ID}", str(REQUEST_ID), "1:x", ":", "1:" + "0" * 31])
def test_a_button_that_we_did_not_draw_is_of_another_version(value: str):
    with pytest.raises(NotFound, match="another version"):
        id_from(value)
