"""Deliveries to the app: signatures, three seconds, retries, response URLs, two web processes, Socket Mode."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from core.clock import ManualClock
from sandbox.slack.actions import InMessage
from sandbox.slack.actions.pressing import OOPS
from sandbox.slack.faults import InjectedFault
from sandbox.slack.settings import Settings
from sandbox.slack.testing import RunningSlack, poll, running_slack, serving
from sandbox.slack.workspace import DEFAULT_SCOPES, Installation
from tests.contracts.slack_bolt_app import CARD, bolt_app, http_door, over_http, over_sockets
from tests.contracts.slack_refusals import code


@dataclass
class Ear:
    """An app that keeps what it hears, answers with the given statuses in turn, then 200, unless it is ``stuck``."""

    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    stuck: bool = False
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        status = self.statuses.pop(0) if self.statuses else 200
        while self.stuck:
            await asyncio.sleep(0.01)
        return PlainTextResponse(self.body, status, self.headers)


@asynccontextmanager
async def listening(ear: Ear, **settings: Any) -> AsyncIterator[RunningSlack]:
    door = Starlette(routes=[Route("/slack/events", ear.hear, methods=["POST"])])
    async with serving(door) as address:
        how = Settings(request_urls=(f"{address}/slack/events",), retry_scale=0.0, **settings)
        async with running_slack(settings=how) as slack:
            yield slack


async def test_every_request_is_signed_over_its_raw_body() -> None:
    ear = Ear()
    async with listening(ear, signing_secret="s3cret") as slack:
        await slack.actions.slash("U01ANA", "C01OPS", "/access umlaut ü & more")
        await slack.actions.say("U01ANA", "C01OPS", "x")
        await slack.engine.delivery.idle()
    for headers, body in ear.heard:
        assert SignatureVerifier("s3cret").is_valid_request(body, headers)
        assert not SignatureVerifier("other").is_valid_request(body, headers)
        assert abs(int(headers["x-slack-request-timestamp"]) - time.time()) < 60


async def test_an_event_is_retried_three_times_with_its_number_and_reason() -> None:
    ear = Ear(statuses=[500, 500, 404, 500])
    async with listening(ear) as slack:
        await slack.actions.say("U01ANA", "C01OPS", "x")
        await slack.engine.delivery.idle()
        retries = [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h, _body in ear.heard]
        assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
        assert len({body for _headers, body in ear.heard}) == 1
        assert [one.outcome for one in slack.engine.journal.deliveries] == [
            "status 500",
            "status 500",
            "status 404",
            "status 500",
        ]


async def test_retries_stop_when_the_event_is_taken_or_not_wanted() -> None:
    for ear, heard in ((Ear(statuses=[500]), 2), (Ear(statuses=[500], headers={"x-slack-no-retry": "1"}), 1)):
        async with listening(ear) as slack:
            await slack.actions.say("U01ANA", "C01OPS", "x")
            await slack.engine.delivery.idle()
        assert len(ear.heard) == heard


async def test_an_event_that_is_not_answered_in_time_is_retried_as_such() -> None:
    ear = Ear(stuck=True)
    async with listening(ear, ack_timeout=0.5, retry_delays=(0.0,)) as slack:
        await slack.actions.say("U01ANA", "C01OPS", "x")
        await slack.engine.delivery.idle()
        ear.stuck = False
    assert ear.heard[1][0]["x-slack-retry-reason"] == "http_timeout"


async def test_a_command_is_never_retried_and_the_person_reads_what_went_wrong() -> None:
    ear = Ear(stuck=True)
    async with listening(ear, ack_timeout=0.5) as slack:
        slow = await slack.actions.slash("U01ANA", "C01OPS", "/access prod")
        ear.stuck, ear.statuses, slack.settings.ack_timeout = False, [500], 3.0
        broken = await slack.actions.slash("U01ANA", "C01OPS", "/access prod")
        slack.settings.request_urls = ("http://127.0.0.1:9/slack/events",)
        gone = await slack.actions.slash("U01ANA", "C01OPS", "/access prod")
        slack.settings.request_urls = ()
        nowhere = await slack.actions.slash("U01ANA", "C01OPS", "/access prod")
        unknown = await slack.actions.slash("U01ANA", "C01OPS", "/dance")
    assert slow.failed == "/access failed because the app did not respond"
    assert broken.failed == "/access failed with the error “dispatch_failed” (the app answered 500)"
    assert (
        gone.failed == nowhere.failed == "/access failed with the error “dispatch_failed” (the app cannot be reached)"
    )
    assert unknown.failed == "/dance is not a valid command"
    assert len(ear.heard) == 2


async def test_an_answer_that_is_no_message_is_complained_about() -> None:
    ear = Ear(body='{"blocks": [{"type": "banner"}]}', headers={"content-type": "application/json"})
    async with listening(ear) as slack:
        outcome = await slack.actions.slash("U01ANA", "C01OPS", "/access")
        assert outcome.failed == "/access failed with the error “invalid_blocks”"
        assert "unsupported type: banner" in slack.workspace.complaints[0]
        ear.body = "[]"
        assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        ear.body = "[1]"
        assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).failed == (
            "/access failed with the error “invalid_payload”"
        )
        ear.body, ear.headers = "Just text", {}
        await slack.actions.slash("U01ANA", "C01OPS", "/access")
        ear.body, ear.headers = "{no json", {"content-type": "application/json"}
        await slack.actions.slash("U01ANA", "C01OPS", "/access")
        texts = [message.text for message in slack.workspace.channels["C01OPS"].messages]
        assert texts == ["Just text", "{no json"]


async def test_a_button_whose_app_is_silent_says_so() -> None:
    async with over_http() as (slack, app):
        posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
        place = InMessage("C01OPS", posted["ts"])
        slack.engine.faults.add(InjectedFault("interactivity", "lost_reply", count=2))
        assert (await slack.actions.press("U01ANA", place, "decide", "approve")).failed == OOPS
        assert (await slack.actions.global_shortcut("U01ANA", "ask")).failed == (
            "Request access failed because the app did not respond"
        )
        slack.settings.signing_secret = "forged"
        forged = await slack.actions.press("U01ANA", place, "decide", "approve")
        assert forged.failed == "This app responded with Status Code 401."
        assert (await slack.actions.message_shortcut("U01ANA", "C01OPS", posted["ts"], "take")).failed


async def test_options_that_slack_would_not_show_are_complained_about() -> None:
    async with over_http() as (slack, app):
        posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
        place = InMessage("C01OPS", posted["ts"])
        assert (await slack.actions.options("U01ANA", place, "decide", "target", "")).options == []
        app.options = {"options": [{"text": {"type": "plain_text", "text": "x" * 76}, "value": "v"}]}
        assert (await slack.actions.options("U01ANA", place, "decide", "target", "x")).failed
        assert "less than 76" in slack.workspace.complaints[0]
        slack.engine.faults.add(InjectedFault("options", "500"))
        assert (await slack.actions.options("U01ANA", place, "decide", "target", "x")).failed


async def test_injected_faults_of_deliveries_reach_the_app_twice_late_or_never() -> None:
    ear = Ear()
    async with listening(ear, ack_timeout=1.0, retry_delays=()) as slack:
        add = slack.engine.faults.add
        add(InjectedFault("commands", "duplicate_delivery"))
        assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        assert len(ear.heard) == 2
        assert ear.heard[0][1] == ear.heard[1][1]
        add(InjectedFault("commands", "late_reply", seconds=0.01))
        assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        add(InjectedFault("commands", "late_reply", seconds=9))
        assert not (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        add(InjectedFault("commands", "500"))
        assert not (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        assert len(ear.heard) == 4
        add(InjectedFault("events:message", "duplicate_delivery"))
        await slack.actions.say("U01ANA", "C01OPS", "x")
        await slack.engine.delivery.idle()
        assert len(ear.heard) == 6


async def test_events_need_subscription_scope_and_membership() -> None:
    ear = Ear()
    scopes = (DEFAULT_SCOPES | {"app_mentions:read"}) - {"groups:history"}
    async with listening(ear) as slack:
        slack.workspace.app = Installation(scopes=scopes, events=frozenset({"message.groups", "app_mention"}))
        await slack.actions.invite("U01ANA", "C01OPS", "U01GUS")
        for channel in ("C01PRIV", "C01OPS", "C01OPEN"):
            await slack.actions.say("U01ANA", channel, "hello <@U0CHAPERONE>")
        await slack.actions.open_home("U01ANA")
        await slack.engine.delivery.idle()
        kinds = [one.kind for one in slack.engine.journal.deliveries]
        assert kinds == ["events:app_mention", "events:app_mention"]


async def test_replies_and_actions_in_a_thread_name_their_thread() -> None:
    async with over_http() as (slack, app):
        parent = await slack.actions.say("U01ANA", "C01OPS", "parent")
        reply = await slack.actions.say("U01BEN", "C01OPS", "reply", parent.ts)
        await slack.actions.say("U01ANA", "C01OPS", "to the reply", reply.ts)
        assert [one.text for one in slack.workspace.channels["C01OPS"].replies(str(parent.ts))] == [
            "reply",
            "to the reply",
        ]
        card = await app.app.client.chat_postMessage(channel="C01OPS", thread_ts=parent.ts, text="card", blocks=CARD)
        await slack.actions.press("U01ANA", InMessage("C01OPS", card["ts"]), "decide", "approve")
        assert app.of("block_actions")[0]["container"]["thread_ts"] == parent.ts


async def test_commands_in_private_channels_and_dms_name_them_as_slack_does() -> None:
    async with over_http() as (slack, app):
        dm = await slack.actions.open_dm("U01ANA", "U0CHAPERONE")
        await slack.actions.slash("U01ANA", "C01PRIV", "/access")
        await slack.actions.slash("U01ANA", str(dm.channel), "/access")
        assert [body["channel_name"] for body in app.of("command")] == ["privategroup", "directmessage"]


async def test_edited_and_deleted_messages_are_told_of() -> None:
    ear = Ear()
    async with listening(ear) as slack:
        app = bolt_app(slack)
        posted = await app.app.client.chat_postMessage(channel="C01OPS", text="one")
        await app.app.client.chat_update(channel="C01OPS", ts=posted["ts"], text="two")
        await app.app.client.chat_delete(channel="C01OPS", ts=posted["ts"])
        await slack.engine.delivery.idle()
    bodies = [httpx.Response(200, content=body).json()["event"] for _headers, body in ear.heard]
    changed = next(body for body in bodies if body.get("subtype") == "message_changed")
    deleted = next(body for body in bodies if body.get("subtype") == "message_deleted")
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("two", "one")
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (posted["ts"], "two")


async def test_two_web_processes_are_served_in_turn() -> None:
    async with running_slack() as slack:
        first, second = bolt_app(slack), bolt_app(slack)
        async with serving(http_door(first)) as one, serving(http_door(second)) as two:
            slack.settings.request_urls = (f"{one}/slack/events", f"{two}/slack/events")
            for _ in range(4):
                assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
    assert (len(first.of("command")), len(second.of("command"))) == (2, 2)


async def test_a_response_url_works_five_times_within_thirty_minutes() -> None:
    clock = ManualClock()
    async with over_http(clock=clock) as (slack, app), httpx.AsyncClient() as browser:
        posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
        await slack.actions.press("U01ANA", InMessage("C01OPS", posted["ts"]), "decide", "approve")
        await slack.actions.slash("U01ANA", "C01OPS", "/access")
        of_button, of_command = app.of("block_actions")[0]["response_url"], app.of("command")[0]["response_url"]

        async def answer(url: str, **body: Any) -> str:
            response = await browser.post(url, json=body)
            return response.text if response.is_success else str(response.json()["error"])

        assert await answer(of_button, text="no blocks now", replace_original=True) == "ok"
        assert await answer(of_button, text="only you") == "ok"
        assert await answer(of_button, text="all", response_type="in_channel", thread_ts=posted["ts"]) == "ok"
        assert await answer(of_button, text="x", response_type="loud") == "invalid_response_type"
        assert await answer(of_button, delete_original=True) == "ok"
        assert await answer(of_button, text="x") == "used_url"
        shown = [(one.text, one.ephemeral_for, one.thread_ts) for one in slack.workspace.channels["C01OPS"].messages]
        assert shown == [("only you", "U01ANA", None), ("all", None, posted["ts"])]
        assert await answer(of_command) == "no_text"
        assert await answer(of_command, text="x", blocks=[{"type": "banner"}]) == "invalid_blocks"
        clock.advance(timedelta(minutes=30, seconds=1))
        assert await answer(of_command, text="x") == "expired_url"
        assert await answer(f"{slack.base_url}/respond/T0SANDBOX/R0NONE", text="x") == "expired_url"
        assert (await browser.post(of_command, content=b"[]")).json()["error"] == "json_not_object"


async def test_what_is_gone_cannot_be_replaced_or_deleted() -> None:
    async with over_http() as (slack, app), httpx.AsyncClient() as browser:
        posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
        await slack.actions.press("U01ANA", InMessage("C01OPS", posted["ts"]), "decide", "approve")
        await app.app.client.chat_delete(channel="C01OPS", ts=posted["ts"])
        url = app.of("block_actions")[0]["response_url"]
        for body in ({"text": "x", "replace_original": True}, {"delete_original": True}):
            assert (await browser.post(url, json=body)).json()["error"] == "message_not_found"


async def test_an_ephemeral_card_is_not_repeated_to_the_app_but_can_be_replaced() -> None:
    async with over_http() as (slack, app), httpx.AsyncClient() as browser:
        posted = await app.app.client.chat_postEphemeral(channel="C01OPS", user="U01ANA", text="card", blocks=CARD)
        await slack.actions.press("U01ANA", InMessage("C01OPS", posted["message_ts"]), "decide", "approve")
        (body,) = app.of("block_actions")
        assert body["container"]["is_ephemeral"]
        assert "message" not in body
        await browser.post(body["response_url"], json={"text": "done", "replace_original": True})
        message = slack.workspace.channels["C01OPS"].message(posted["message_ts"])
        assert message is not None
        assert (message.text, message.ephemeral_for) == ("done", "U01ANA")
        await browser.post(body["response_url"], json={"delete_original": True})
        assert slack.workspace.channels["C01OPS"].messages == []


async def test_each_envelope_goes_to_one_of_several_connections() -> None:
    async with over_sockets(3) as (slack, apps):
        for _ in range(6):
            assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        assert [len(app.of("command")) for app in apps] == [2, 2, 2]


async def test_a_connection_comes_back_when_it_is_asked_to() -> None:
    async with over_sockets() as (slack, apps):
        await slack.engine.delivery.socket.refresh()
        assert slack.engine.delivery.socket.connections == 0
        await poll(lambda: slack.engine.delivery.socket.connections == 1)
        assert (await slack.actions.slash("U01ANA", "C01OPS", "/access")).ok
        assert len(apps[0].of("command")) == 1


async def test_a_connection_needs_a_fresh_ticket_and_there_are_ten_at_most() -> None:
    async with running_slack(settings=Settings(socket_mode=True, max_connections=1)) as slack:
        ticket = slack.engine.delivery.socket.ticket
        address = slack.base_url.replace("http", "ws") + "/link/?ticket="
        used = ticket()
        async with connect(address + used) as first:
            assert json.loads(await first.recv())["type"] == "hello"
            async with connect(address + ticket()) as second:
                assert json.loads(await second.recv())["reason"] == "too_many_websockets"
            for refused in (address + used, address + "made-up"):
                with pytest.raises(InvalidStatus):
                    await connect(refused)
            with pytest.raises(InvalidStatus):
                await connect(address + ticket(), origin=Origin("http://evil.example"))


async def test_an_envelope_that_is_not_acknowledged_times_out() -> None:
    settings = Settings(socket_mode=True, ack_timeout=0.1, retry_delays=(0.0,), retry_scale=0.0)
    async with running_slack(settings=settings) as slack:
        socket = slack.engine.delivery.socket
        async with connect(f"{slack.base_url.replace('http', 'ws')}/link/?ticket={socket.ticket()}") as link:
            await link.recv()
            outcome = await slack.actions.slash("U01ANA", "C01OPS", "/access")
            assert outcome.failed == "/access failed because the app did not respond"
            late = json.loads(await link.recv())["envelope_id"]
            for noise in (json.dumps({"envelope_id": late}), "{", "[]", "{}"):
                await link.send(noise)
            await poll(lambda: len(slack.workspace.complaints) == 3)
            await slack.actions.say("U01ANA", "C01OPS", "x")
            first, second = json.loads(await link.recv()), json.loads(await link.recv())
            assert (first["retry_attempt"], second["retry_attempt"], second["retry_reason"]) == (0, 1, "timeout")
            assert first["payload"] == second["payload"]
            assert not first["accepts_response_payload"]


async def test_without_a_connection_nothing_is_delivered() -> None:
    async with running_slack(settings=Settings(socket_mode=True, retry_scale=0.0)) as slack:
        outcome = await slack.actions.slash("U01ANA", "C01OPS", "/access")
        assert outcome.failed is not None
        await slack.actions.say("U01ANA", "C01OPS", "x")
        await slack.engine.delivery.idle()
        assert [one.outcome for one in slack.engine.journal.deliveries] == ["unreachable"] * 5


async def test_socket_mode_has_to_be_on_before_a_connection_is_given() -> None:
    async with running_slack() as slack:
        client = bolt_app(slack).app.client
        assert await code(client.apps_connections_open(app_token="xapp-sandbox")) == "socket_mode_not_enabled"


@pytest.mark.parametrize("kind", ["events", "commands"])
async def test_a_fault_is_used_up(kind: str) -> None:
    async with over_http() as (slack, _app):
        slack.engine.faults.add(InjectedFault(kind, "500"))
        await slack.actions.slash("U01ANA", "C01OPS", "/access")
        await slack.actions.say("U01ANA", "C01OPS", "x")
        await slack.engine.delivery.idle()
        assert slack.engine.faults.waiting == []
