"""What reaches the one URL and is not what Slack would send now: the right answer, quickly, and one log line."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from bot.web import LARGEST_BODY
from tests.scenarios.front.signed_requests import FORM, JSON, TEAM, SlackHttp, command, headers, interaction

PERSON: dict[str, Any] = {"team": {"id": TEAM}, "user": {"id": "U0ANARUIZ", "team_id": TEAM}}


def refusal(lines: list[Any]) -> str:
    (line,) = lines
    assert line["log_level"] == "warning"
    return str(line["outcome"])


async def test_a_signed_command_is_answered(slack: SlackHttp) -> None:
    reply = await slack.send(command(text="help"))
    assert reply.status_code == 200
    assert "/access list" in reply.json()["text"]
    assert reply.json()["response_type"] == "ephemeral"


async def test_slacks_first_question_is_answered(slack: SlackHttp) -> None:
    reply = await slack.send(orjson.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}), JSON)
    assert (reply.status_code, reply.json()) == (200, {"challenge": "3eZbrw1a"})


async def test_a_bad_signature_is_not_let_in(slack: SlackHttp, lines: list[Any]) -> None:
    reply = await slack.send(command(), secret="another secret")
    assert reply.status_code == 401
    assert refusal(lines) == "forged"


async def test_no_signature_is_not_let_in(slack: SlackHttp, lines: list[Any]) -> None:
    reply = await slack.client.post("/slack/events", content=command(), headers={"content-type": FORM})
    assert reply.status_code == 401
    assert refusal(lines) == "forged"


@pytest.mark.parametrize("age", [302, 3600, -302])
async def test_an_old_timestamp_is_a_replay(slack: SlackHttp, lines: list[Any], age: int) -> None:
    reply = await slack.send(command(), age=age)
    assert reply.status_code == 401
    assert refusal(lines) == "forged"


async def test_a_body_that_was_changed_on_the_way_is_not_let_in(slack: SlackHttp) -> None:
    signed = headers(command(text="help"))
    reply = await slack.client.post("/slack/events", content=command(text="list"), headers=signed)
    assert reply.status_code == 401


async def test_an_oversized_body_is_refused_before_it_is_read(slack: SlackHttp, lines: list[Any]) -> None:
    reply = await slack.send(b"x" * (LARGEST_BODY + 1))
    assert reply.status_code == 413
    assert refusal(lines) == "oversized"


async def test_an_oversized_body_without_a_length_is_refused_as_well(slack: SlackHttp) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    reply = await slack.client.post("/slack/events", content=endless())
    assert reply.status_code == 413


async def test_a_body_that_never_ends_is_given_up(slack: SlackHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web._BODY_WITHIN", 0.05)

    async def stalls() -> AsyncIterator[bytes]:
        yield b"command=%2F"
        await asyncio.Event().wait()

    reply = await slack.client.post("/slack/events", content=stalls())
    assert reply.status_code == 408


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"payload={", FORM),
        (b"payload=%5B%5D", FORM),
        (b"\xff\xfe\x00", FORM),
        (b"\xff\xfe\x00", JSON),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, JSON),
        (b'{"type":"block_actions"}', JSON),
        (b'{"type":"event_callback","event":[[[[]]]]}', JSON),
        (b'{"type":"view_submission","view":{"callback_id":{}}}', JSON),
    ],
)
async def test_a_broken_body_is_the_senders_fault(
    slack: SlackHttp, lines: list[Any], body: bytes, content_type: str
) -> None:
    reply = await slack.send(body, content_type)
    assert (reply.status_code, reply.text.strip()) == (400, "Not a Slack payload.")
    assert len(lines) == 1


async def test_an_unknown_workspace_gets_a_polite_answer(slack: SlackHttp, lines: list[Any]) -> None:
    reply = await slack.send(command(team_id="T9OTHER"))
    assert reply.status_code == 200
    assert "does not work for this workspace" in reply.json()["text"]
    assert refusal(lines) == "unknown_team"


async def test_an_unknown_command_gets_a_polite_answer(slack: SlackHttp, lines: list[Any]) -> None:
    reply = await slack.send(command(command="/breach"))
    assert reply.status_code == 200
    assert "another version" in reply.json()["text"]
    assert refusal(lines) == "unknown"


async def test_a_button_of_another_version_gets_a_polite_word(
    slack: SlackHttp, told: list[tuple[str, str]], lines: list[Any]
) -> None:
    reply = await slack.send(interaction({"type": "block_actions", "actions": [{"action_id": "v0.approve"}]} | PERSON))
    assert (reply.status_code, reply.text) == (200, "")
    assert [user for user, _ in told] == ["U0ANARUIZ"]
    assert refusal(lines) == "unknown"


@pytest.mark.parametrize("path", ["/slack/event", "/", "/slack/events/", "/hooks/alerts"])
async def test_another_path_is_none_of_ours(slack: SlackHttp, path: str) -> None:
    assert (await slack.client.post(path)).status_code == 404


async def test_slack_posts_and_nobody_gets(slack: SlackHttp) -> None:
    assert (await slack.client.get("/slack/events")).status_code == 405


async def test_alerts_are_told_that_their_playbook_is_not_here(slack: SlackHttp) -> None:
    reply = await slack.client.post("/hooks/alerts/pagerduty", content=b"{}")
    assert reply.status_code == 501
    assert "breach playbook" in reply.text


async def test_no_reply_shows_what_is_inside(slack: SlackHttp) -> None:
    replies: list[httpx.Response] = [
        await slack.send(command(), secret="no"),
        await slack.send(b"{", JSON),
        await slack.send(command(command="/breach")),
        await slack.send(command(user_id="U0NOBODY", text="list")),
    ]
    for reply in replies:
        assert "Traceback" not in reply.text
        assert "Error" not in reply.text
        assert "server" not in reply.headers


async def test_a_refusal_takes_less_than_fifty_milliseconds(slack: SlackHttp) -> None:
    """Typically: the median of twenty each, on a machine that does other things as well."""
    hostile = [
        (command(team_id="T9OTHER"), FORM),
        (command(command="/breach"), FORM),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, JSON),
        (b"x" * LARGEST_BODY, FORM),
        (interaction({"type": "block_actions", "actions": [{"action_id": "old"}]} | PERSON), FORM),
    ]
    for body, content_type in hostile:
        took = []
        for _ in range(20):
            began = time.perf_counter()
            await slack.send(body, content_type)
            took.append(time.perf_counter() - began)
        assert sorted(took)[10] < 0.05, body[:40]
