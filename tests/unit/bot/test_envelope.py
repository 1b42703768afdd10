"""From bytes to a payload with a kind and a name; what is not shaped as Slack's is malformed."""

from typing import Any

import pytest

from bot.dispatch import Payload
from bot.slack_front.envelope import MOST_FIELDS, Aside, Malformed, parse, payload_of, workspace_of

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PERSON = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}


def read(body: dict[str, Any]) -> Payload:
    found = payload_of(body, trace="t")
    assert isinstance(found, Payload)
    return found


def test_a_slash_command_comes_as_a_form() -> None:
    body = parse(
        b"command=%2Faccess&team_id=T1&user_id=U1&text=ehr-db&trigger_id=1.2&response_url=https%3A%2F%2Fh", FORM
    )
    payload = read(body)
    assert (payload.kind, payload.name, payload.team, payload.user) == ("command", "/access", "T1", "U1")
    assert (payload.trigger_id, payload.response_url, payload.body["text"]) == ("1.2", "https://h", "ehr-db")


def test_interactivity_comes_as_json_inside_a_form() -> None:
    assert parse(b"payload=%7B%22type%22%3A%22view_closed%22%7D", FORM) == {"type": "view_closed"}


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [
        ({"type": "block_actions", "actions": [{"action_id": "approve"}]}, "action", "approve"),
        ({"type": "view_submission", "view": {"callback_id": "form"}}, "view", "form"),
        ({"type": "shortcut", "callback_id": "ask"}, "shortcut", "ask"),
        ({"type": "message_action", "callback_id": "take"}, "shortcut", "take"),
    ],
)
def test_interactions_are_named_by_what_was_used(body: dict[str, Any], kind: str, name: str) -> None:
    payload = read(body | PERSON)
    assert (payload.kind, payload.name, payload.team, payload.user) == (kind, name, "T1", "U1")


def test_the_persons_own_team_counts_in_a_shared_channel() -> None:
    shared = {"type": "shortcut", "callback_id": "x", "team": {"id": "T1"}, "user": {"id": "U9", "team_id": "T9"}}
    assert read(shared).team == "T9"
    assert workspace_of(shared) == "T1"


def test_an_org_wide_install_may_name_no_team() -> None:
    org = {"type": "shortcut", "callback_id": "x", "team": None, "user": {"id": "U1", "team_id": "T1"}}
    assert read(org).team == "T1"
    assert workspace_of(org) == ""


def test_an_event_names_who_did_it_even_as_a_whole_person() -> None:
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": "user_change", "user": {"id": "U1"}}}
    payload = read(event)
    assert (payload.kind, payload.name, payload.user) == ("event", "user_change", "U1")


def test_slacks_own_questions_are_answered_aside() -> None:
    asked = payload_of({"type": "url_verification", "challenge": "abc"}, trace="t")
    assert asked == Aside("url_verification", {"challenge": "abc"})
    assert payload_of({"ssl_check": "1"}, trace="t") == Aside("ssl_check")
    assert payload_of({"type": "view_closed"}, trace="t") == Aside("view_closed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": 5},
        {"type": ""},
        {"type": ["block_actions"]},
        {"command": 5},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []} | PERSON,
        {"type": "block_actions", "actions": ["approve"]} | PERSON,
        {"type": "block_actions", "actions": [{"action_id": None}]} | PERSON,
        {"type": "block_actions", "actions": [{"action_id": "a" * 256}]} | PERSON,
        {"type": "view_submission", "view": "form"} | PERSON,
        {"type": "shortcut", "callback_id": "x", "user": "U1"},
        {"type": "event_callback", "event": []},
        {"type": "url_verification"},
        {"type": "url_verification", "challenge": "a" * 1001},
    ],
)
def test_another_shape_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        payload_of(body, trace="t")


@pytest.mark.parametrize("strange", ["U1 OR 1=1", "<@U1>", "U" * 65, 5, None, ["U1"], "U1\n"])
def test_an_id_that_is_none_of_slacks_is_nobodys(strange: object) -> None:
    assert read({"command": "/access", "team_id": "T1", "user_id": strange}).user == ""


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe", FORM),
        (b"no form at all", FORM),
        (b"payload=%FF", FORM),
        (b"payload={", FORM),
        (b"payload=[]", FORM),
        (b"{", JSON),
        (b"[1]", JSON),
        (b"null", JSON),
        (b'{"a":' * 1500 + b"1" + b"}" * 1500, JSON),
        (b'{"a":"\\ud800"}', JSON),
        (b"&".join(b"a%d=1" % i for i in range(MOST_FIELDS + 1)), FORM),
    ],
)
def test_what_does_not_parse_is_malformed(body: bytes, content_type: str) -> None:
    with pytest.raises(Malformed):
        parse(body, content_type)


def test_the_used_element_is_found_only_where_it_is_one() -> None:
    assert (
        read({"type": "block_actions", "actions": [{"action_id": "a", "value": "1"}]} | PERSON).action["value"] == "1"
    )
    assert Payload("action", "a", {"actions": "x"}, "T", "U", "t").action == {}
    assert Payload("action", "a", {"actions": ["x"]}, "T", "U", "t").action == {}
