"""Signed and hostile: whatever stands in a payload, Slack gets an answer that is no failure of ours."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks.access.blocks import Action, Form
from tests.scenarios.front.signed_requests import FORM, JSON, TEAM, SlackHttp, command, interaction

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAF = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | TEXT
ANY = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))

IDS = ["action_id", "block_id", "callback_id", "event_id", "hash", "id", "team_id", "trigger_id", "user_id"]
PARTS = ["actions", "channel", "container", "enterprise", "event", "message", "state", "team", "user", "values", "view"]
REST = ["authorizations", "blocks", "private_metadata", "response_url", "response_urls", "selected_option", "tab"]
MARKS = ["is_enterprise_install", "is_ext_shared_channel", "text", "type", "value"]
NAMES = [*IDS, *PARTS, *REST, *MARKS]
SHAPED = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
)
"""Values under the names that Slack uses, each of a kind that it would not be."""

OURS: dict[str, Any] = {"team": {"id": TEAM}, "user": {"id": "U0ANARUIZ", "team_id": TEAM}}
MORE = st.dictionaries(st.sampled_from(NAMES), SHAPED, max_size=6)

hostile = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


async def fine(slack: SlackHttp, body: bytes, content_type: str = FORM) -> None:
    reply = await slack.send(body, content_type)
    assert reply.status_code in {200, 400}, reply.text
    assert "Traceback" not in reply.text


@hostile
@given(payload=ANY)
async def test_any_json_at_all(slack: SlackHttp, payload: object) -> None:
    await fine(slack, orjson.dumps(payload), JSON)


@hostile
@given(
    more=MORE, kind=st.sampled_from(["block_actions", "view_submission", "shortcut", "message_action", "view_closed"])
)
async def test_any_interaction(slack: SlackHttp, more: dict[str, Any], kind: str) -> None:
    await fine(slack, interaction(more | {"type": kind}))


@hostile
@given(action=st.sampled_from(list(Action)), more=MORE, element=MORE)
async def test_our_buttons_with_anything_in_them(
    slack: SlackHttp, action: Action, more: dict[str, Any], element: dict[str, Any]
) -> None:
    pressed = {"type": "block_actions", "actions": [element | {"action_id": str(action)}]}
    await fine(slack, interaction(more | OURS | pressed))


@hostile
@given(form=st.sampled_from(list(Form)), more=MORE, view=MORE)
async def test_our_forms_with_anything_in_them(
    slack: SlackHttp, form: Form, more: dict[str, Any], view: dict[str, Any]
) -> None:
    sent = {"type": "view_submission", "view": view | {"callback_id": str(form)}}
    await fine(slack, interaction(more | OURS | sent))


@hostile
@given(text=TEXT, more=st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=4))
async def test_any_command(slack: SlackHttp, text: str, more: dict[str, str]) -> None:
    await fine(slack, command(**({"text": text} | more)))


@hostile
@given(event=MORE, more=MORE)
async def test_any_event(slack: SlackHttp, event: dict[str, Any], more: dict[str, Any]) -> None:
    opened = {"type": "event_callback", "team_id": TEAM, "event": event | {"type": "app_home_opened"}}
    await fine(slack, orjson.dumps(more | opened), JSON)


@pytest.mark.parametrize("depth", [100, 900, 1020])
async def test_nesting_as_deep_as_the_parser_goes(slack: SlackHttp, depth: int) -> None:
    nested = b'{"type":"block_actions","x":' + b'{"a":' * depth + b"1" + b"}" * (depth + 1)
    await fine(slack, nested, JSON)
