"""The Slack front: one payload in, one reply out, whatever the handler does."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from psycopg import OperationalError
from slack_bolt import BoltResponse
from structlog.testing import capture_logs

from bot.dispatch import NOTHING, Answer, Dispatch, Handler, Payload
from bot.metrics import Metrics
from bot.slack_front import SlackFront
from core.errors import Conflict, Refused, Transient
from core.trace import current_trace

TEAM = "T0CLINIC"
PERSON = {"team": {"id": TEAM}, "user": {"id": "U1", "team_id": TEAM}}
INPUT = {"type": "input", "block_id": "reason"}


class Front:
    """A front with handlers put in by hand, and what it told to whom."""

    def __init__(self) -> None:
        self.dispatch, self.metrics = Dispatch(), Metrics()
        self.told: list[tuple[str, str]] = []
        self.seen: list[Payload] = []
        self.front = SlackFront(
            self.dispatch, team=TEAM, tell=self._tell, metrics=self.metrics, patience=timedelta(seconds=0.1)
        )

    async def _tell(self, payload: Payload, text: str) -> None:
        self.told.append((payload.user, text))

    def answers(self, answer: Answer | Exception) -> Handler:
        async def handler(payload: Payload) -> Answer:
            self.seen.append(payload)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return handler

    async def command(self, answer: Answer | Exception, **more: str) -> BoltResponse:
        self.dispatch.commands["/access"] = self.answers(answer)
        return await self.front.take({"command": "/access", "team_id": TEAM, "user_id": "U1"} | more)

    async def button(self, answer: Answer | Exception) -> BoltResponse:
        self.dispatch.actions["approve"] = self.answers(answer)
        return await self.front.take({"type": "block_actions", "actions": [{"action_id": "approve"}]} | PERSON)

    async def form(self, answer: Answer | Exception, *blocks: dict[str, Any]) -> BoltResponse:
        self.dispatch.views["form"] = self.answers(answer)
        view = {"type": "modal", "callback_id": "form", "blocks": list(blocks)}
        return await self.front.take({"type": "view_submission", "view": view} | PERSON)

    async def event(self, answer: Answer | Exception, event_id: str = "Ev1") -> BoltResponse:
        self.dispatch.events["app_home_opened"] = self.answers(answer)
        event = {"type": "app_home_opened", "user": "U1"}
        return await self.front.take({"type": "event_callback", "event_id": event_id, "team_id": TEAM, "event": event})

    def counted(self, kind: str, outcome: str) -> float:
        registry: CollectorRegistry = self.metrics.registry
        return registry.get_sample_value("chaperone_slack_payloads_total", {"kind": kind, "outcome": outcome}) or 0.0


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def body(reply: BoltResponse) -> Any:
    assert reply.status == 200
    return json.loads(reply.body) if reply.body else None


# --- answers ------------------------------------------------------------------------------------------------


async def test_a_command_is_answered_to_the_person_alone(front: Front) -> None:
    assert body(await front.command(Answer(text="Done."))) == {"response_type": "ephemeral", "text": "Done."}
    assert body(await front.command(NOTHING)) is None
    assert front.counted("command", "answered") == 2


async def test_what_a_command_tells_is_its_answer(front: Front) -> None:
    assert body(await front.command(Answer(tell="Done."))) == {"response_type": "ephemeral", "text": "Done."}
    assert front.told == []
    await front.command(Answer(text="Done.", tell="And this."))
    assert front.told == [("U1", "And this.")]


async def test_a_button_is_taken_and_what_it_tells_comes_as_a_message(front: Front) -> None:
    assert body(await front.button(NOTHING)) is None
    assert front.told == []
    assert body(await front.button(Answer(tell="You have already approved."))) is None
    assert front.told == [("U1", "You have already approved.")]


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (NOTHING, None),
        (Answer(clear=True), {"response_action": "clear"}),
        (Answer(errors={"reason": "Too short."}), {"response_action": "errors", "errors": {"reason": "Too short."}}),
        (Answer(view={"type": "modal"}), {"response_action": "update", "view": {"type": "modal"}}),
    ],
)
async def test_a_form_is_closed_corrected_or_replaced(front: Front, answer: Answer, reply: Any) -> None:
    assert body(await front.form(answer)) == reply


# --- what goes wrong ----------------------------------------------------------------------------------------


async def test_a_refusal_is_told_where_the_person_looks(front: Front) -> None:
    assert body(await front.command(Refused("Not you.")))["text"] == "Not you."
    assert body(await front.button(Conflict("Too late."))) is None
    assert front.told == [("U1", "Too late.")]
    said = body(await front.form(Refused("Not you."), {"type": "section"}, INPUT))
    assert said == {"response_action": "errors", "errors": {"reason": "Not you."}}


@pytest.mark.parametrize("blocks", [(), ({"type": "section"},), ({"type": "input", "block_id": 5},), ("x",)])
async def test_a_form_without_a_field_is_replaced_by_the_words(front: Front, blocks: tuple[Any, ...]) -> None:
    said = body(await front.form(Refused("Not you."), *blocks))
    assert said["response_action"] == "update"
    assert "Not you." in json.dumps(said["view"])


async def test_a_bug_is_told_with_a_reference_and_logged_without_its_text(front: Front, lines: list[Any]) -> None:
    said = body(await front.command(ValueError("MRN 12345")))["text"]
    assert "12345" not in said + str(lines)
    (line,) = lines
    assert (line["outcome"], line["error"], line["log_level"]) == ("failed", "ValueError", "error")
    assert front.seen[0].trace.startswith(said.rpartition(": ")[2])


async def test_a_handler_that_dawdles_is_cut_short_before_slack_gives_up(front: Front) -> None:
    async def dawdle(_: Payload) -> Answer:
        await asyncio.Event().wait()
        return NOTHING

    front.dispatch.commands["/slow"] = dawdle
    said = body(await front.front.take({"command": "/slow", "team_id": TEAM, "user_id": "U1"}))
    assert "longer than Slack waits" in said["text"]


async def test_what_cannot_be_told_does_not_undo_what_was_decided(front: Front, lines: list[Any]) -> None:
    async def broken(_: Payload, __: str) -> None:
        raise RuntimeError("no way")

    front.front = SlackFront(front.dispatch, team=TEAM, tell=broken, metrics=front.metrics)
    assert body(await front.button(Answer(tell="Done."))) is None
    assert {line["event"] for line in lines} == {"slack.not_told", "slack.payload"}


# --- who and what is unknown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"command": "/old", "team_id": TEAM, "user_id": "U1"}, "command"),
        ({"type": "block_actions", "actions": [{"action_id": "old"}]} | PERSON, "action"),
        ({"type": "view_submission", "view": {"callback_id": "old"}} | PERSON, "view"),
        ({"type": "shortcut", "callback_id": "old"} | PERSON, "shortcut"),
        ({"type": "event_callback", "team_id": TEAM, "event": {"type": "old"}}, "event"),
    ],
)
async def test_what_an_older_version_left_behind_gets_a_polite_answer_and_one_line(
    front: Front, lines: list[Any], payload: dict[str, Any], kind: str
) -> None:
    reply = await front.front.take(payload)
    said = json.dumps(body(reply)) + json.dumps(front.told)
    assert ("another version" in said) is (kind != "event")
    (line,) = lines
    assert (line["kind"], line["outcome"], line["log_level"]) == (kind, "unknown", "warning")


@pytest.mark.parametrize(
    "payload",
    [
        {"command": "/access", "team_id": "T9OTHER", "user_id": "U1"},
        {
            "type": "block_actions",
            "actions": [{"action_id": "approve"}],
            "team": {"id": "T9OTHER"},
            "user": {"id": "U1"},
        },
        {"type": "event_callback", "team_id": "T9OTHER", "event": {"type": "app_home_opened"}},
        {"type": "shortcut", "callback_id": "x", "team": None, "user": {"id": "U1", "team_id": "T9OTHER"}},
    ],
)
async def test_another_workspace_reaches_no_handler(front: Front, lines: list[Any], payload: dict[str, Any]) -> None:
    await front.command(NOTHING)
    front.dispatch.actions["approve"] = front.dispatch.events["app_home_opened"] = front.answers(NOTHING)
    front.seen.clear()
    lines.clear()
    assert (await front.front.take(payload)).status == 200
    assert front.seen == []
    assert front.told == []
    assert [line["outcome"] for line in lines] == ["unknown_team"]


async def test_a_person_of_another_workspace_is_the_directorys_to_judge(front: Front) -> None:
    front.dispatch.actions["approve"] = front.answers(NOTHING)
    shared = {"team": {"id": TEAM}, "user": {"id": "U9", "team_id": "T9OTHER"}}
    await front.front.take({"type": "block_actions", "actions": [{"action_id": "approve"}]} | shared)
    assert front.seen[0].team == "T9OTHER"


async def test_slacks_question_is_answered_and_what_nobody_handles_is_taken(front: Front) -> None:
    assert body(await front.front.take({"type": "url_verification", "challenge": "c"})) == {"challenge": "c"}
    assert body(await front.front.take({"type": "view_closed"})) is None


async def test_what_is_malformed_is_told_so(front: Front, lines: list[Any]) -> None:
    assert (await front.front.take({"type": 5})).status == 400
    assert [line["event"] for line in lines] == ["slack.malformed"]


async def test_a_shape_that_bolt_stumbles_over_is_malformed_too(front: Front) -> None:
    front.dispatch.commands["/access"] = front.answers(NOTHING)
    strange = {"command": "/access", "team_id": TEAM, "user_id": "U1", "authorizations": 5}
    assert (await front.front.take(strange)).status == 400
    assert front.counted("command", "malformed") == 1


# --- events -------------------------------------------------------------------------------------------------


async def test_an_event_that_slack_repeats_is_handled_once(front: Front) -> None:
    for _ in range(3):
        assert (await front.event(NOTHING)).status == 200
    await front.event(NOTHING, "Ev2")
    assert len(front.seen) == 2
    assert front.counted("event", "duplicate") == 2


@pytest.mark.parametrize("error", [OperationalError("gone"), Transient("later")])
async def test_an_event_that_failed_for_now_is_asked_for_again(front: Front, error: Exception) -> None:
    assert (await front.event(error)).status == 503
    assert (await front.event(NOTHING)).status == 200
    assert len(front.seen) == 2


@pytest.mark.parametrize("error", [Refused("no"), ValueError("bug")])
async def test_an_event_that_failed_for_good_is_not(front: Front, error: Exception) -> None:
    assert (await front.event(error)).status == 200
    assert front.told == []


async def test_far_back_events_are_forgotten(front: Front) -> None:
    for number in range(10_001):
        await front.event(NOTHING, f"Ev{number}")
    assert front.counted("event", "answered") == 10_001
    await front.event(NOTHING, "Ev10000")
    await front.event(NOTHING, "Ev0")
    assert front.counted("event", "answered") == 10_002


# --- traces -------------------------------------------------------------------------------------------------


async def test_one_trace_reaches_from_the_payload_to_whatever_the_handler_does(front: Front) -> None:
    found = []

    async def handler(payload: Payload) -> Answer:
        found.append((payload.trace, current_trace()))
        return NOTHING

    front.dispatch.commands["/trace"] = handler
    for _ in range(2):
        await front.front.take({"command": "/trace", "team_id": TEAM, "user_id": "U1"})
    assert found[0][0] == found[0][1]
    assert found[0] != found[1]


def test_a_name_is_dispatched_by_its_kind() -> None:
    dispatch = Dispatch()

    async def handler(_: Payload) -> Answer:
        return NOTHING

    dispatch.actions["x"] = handler
    assert dispatch.handler("action", "x") is handler
    assert dispatch.handler("view", "x") is None
