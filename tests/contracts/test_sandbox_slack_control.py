"""The control API under /sandbox/, the guard around it, and the simulated Slack as a process of its own."""

import asyncio
import base64
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from sandbox.slack.faults import InjectedFault
from sandbox.slack.serving import listening
from sandbox.slack.testing import SMALL_CLINIC, RunningSlack, poll, running_slack
from tests.contracts.slack_bolt_app import CARD, BoltApp, over_http, over_sockets


@pytest.fixture
async def pair() -> AsyncIterator[tuple[RunningSlack, BoltApp]]:
    async with over_http() as running:
        yield running


@pytest.fixture
async def remote(pair: tuple[RunningSlack, BoltApp]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{pair[0].base_url}/sandbox/") as client:
        yield client


async def act(remote: httpx.AsyncClient, person: str, do: str, **order: Any) -> dict[str, Any]:
    answer = await remote.post("act", json={"as": person, "do": do, **order})
    assert answer.status_code in {200, 400}
    return dict(answer.json())


async def test_a_whole_story_is_acted_and_looked_at_from_outside(
    pair: tuple[RunningSlack, BoltApp], remote: httpx.AsyncClient
) -> None:
    app = pair[1]
    assert (await act(remote, "ana", "slash", channel="#ops", text="/access modal"))["ok"]
    state = (await remote.get("state")).json()
    (view,) = state["views"]["U01ANA"]
    refused = await act(remote, "ana", "submit_view", view=view["id"])
    assert (refused["ok"], list(refused["errors"])) == (False, ["why"])
    done = await act(remote, "ana@clinic.example", "submit_view", view=view["id"], values={"why": "long enough"})
    assert done["closed"]
    posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
    place = {"channel": "ops", "ts": posted["ts"], "block_id": "decide"}
    offered = await act(remote, "U01BEN", "options", **place, action_id="target", query="x")
    assert len(offered["options"]) == 3
    assert (await act(remote, "U01BEN", "press", **place, action_id="approve"))["ok"]
    assert (await act(remote, "ana", "message_shortcut", **place, callback_id="take"))["ok"]
    assert (await act(remote, "ana", "global_shortcut", callback_id="ask"))["ok"]
    assert (await act(remote, "ana", "open_home"))["channel"].startswith("D")
    assert (await remote.get("idle")).json() == {"ok": True}
    assert (await act(remote, "ana", "press", home=True, block_id="decide", action_id="approve"))["ok"]
    dm = await act(remote, "ana", "open_dm", **{"with": "ben"})
    assert (await act(remote, "ana", "say", channel=dm["channel"], text="psst"))["ts"]
    assert (await act(remote, "ben", "join", channel="open"))["ok"]
    assert (await act(remote, "ana", "invite", channel="private", whom="ben"))["ok"]
    content = base64.b64encode(b"x").decode()
    assert (await act(remote, "ana", "upload", name="e.txt", content_base64=content))["file"].startswith("F")
    await act(remote, "ana", "slash", channel="ops", text="/access modal")
    (view,) = (await remote.get("state")).json()["views"]["U01ANA"]
    touched = {"view": view["id"], "block_id": "why", "action_id": "it", "value": "x"}
    assert (await act(remote, "ana", "press", **touched))["ok"]
    assert (await act(remote, "ana", "close_view", view=view["id"]))["closed"]
    state = (await remote.get("state")).json()
    ops = next(channel for channel in state["channels"] if channel["name"] == "ops")
    assert [message["text"] for message in ops["messages"]] == ["card"]
    assert (list(state["homes"]), state["complaints"], state["files"][0]["name"]) == (["U01ANA"], [], "e.txt")


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ({"as": "ana", "do": "dance"}, "“do” must be one of"),
        ({"as": "zoe", "do": "open_home"}, "nobody here is called zoe"),
        ({"as": "ana", "do": "say", "channel": "ops"}, "the order lacks 'text'"),
        ({"do": "open_home"}, "the order lacks 'as'"),
        ({"as": "ana", "do": "say", "channel": "nowhere", "text": "x"}, "sees no channel"),
    ],
)
async def test_an_order_that_cannot_be_carried_out_says_why(
    remote: httpx.AsyncClient, order: dict[str, Any], text: str
) -> None:
    answer = await remote.post("act", json=order)
    assert answer.status_code == 400
    assert text in answer.json()["error"]


async def test_a_body_that_is_no_json_object_is_refused(remote: httpx.AsyncClient) -> None:
    json_type = {"content-type": "application/json"}
    for content, headers in ((b"{}", {"content-type": "text/plain"}), (b"{", json_type), (b"[]", json_type)):
        assert (await remote.post("act", content=content, headers=headers)).status_code == 400


async def test_faults_are_injected_listed_and_cleared(
    pair: tuple[RunningSlack, BoltApp], remote: httpx.AsyncClient
) -> None:
    orders = [
        {"method": "chat.postMessage", "kind": "429", "retry_after": 3},
        {"path": "events", "kind": "duplicate_delivery"},
        {"target": "*", "kind": "500", "count": 2},
    ]
    for order in orders:
        assert (await remote.post("faults", json=order)).json() == {"ok": True}
    assert [fault["target"] for fault in (await remote.get("faults")).json()["faults"]] == [
        "chat.postMessage",
        "events",
        "*",
    ]
    for wrong in ({"kind": "429"}, {"target": "*", "kind": "melt"}, {"target": "*", "kind": "429", "colour": 1}):
        assert (await remote.post("faults", json=wrong)).status_code == 400
    assert (await remote.delete("faults")).json() == {"ok": True}
    assert pair[0].engine.faults.waiting == []


async def test_calls_are_kept_with_readable_arguments(
    pair: tuple[RunningSlack, BoltApp], remote: httpx.AsyncClient
) -> None:
    client = pair[1].app.client
    await client.chat_postMessage(channel="C01OPS", text="x", blocks=json.dumps(CARD[:1]))
    await client.api_call("users.info", params={"user": "U01ANA"})
    listed = (await remote.get("calls", params={"method": "chat.postMessage"})).json()["calls"]
    assert [(call["arguments"]["blocks"][0]["type"], call["status"]) for call in listed] == [("section", 200)]
    await remote.delete("calls")
    assert (await remote.get("calls")).json() == {"ok": True, "calls": [], "deliveries": []}


async def test_an_administrator_deactivates_archives_deletes_and_removes(
    pair: tuple[RunningSlack, BoltApp], remote: httpx.AsyncClient
) -> None:
    slack, app = pair

    async def order(do: str, **order: Any) -> int:
        return (await remote.post("admin", json={"do": do, **order})).status_code

    assert await order("verify_request_url") == 200
    posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card")
    assert await order("delete_message", channel="ops", ts=posted["ts"]) == 200
    assert slack.workspace.channels["C01OPS"].messages == []
    assert await order("delete_message", channel="ops", ts=posted["ts"]) == 400
    assert await order("archive", channel="C01OPS") == 200
    assert slack.workspace.channels["C01OPS"].is_archived
    assert await order("unarchive", channel="ops") == 200
    assert await order("deactivate", user="U01ANA") == 200
    assert slack.workspace.users["U01ANA"].deleted
    assert await order("reactivate", user="U01ANA") == 200
    assert await order("remove_from_channel", channel="private", user="U0CHAPERONE") == 200
    assert slack.workspace.channels["C01PRIV"].members == {"U01ANA"}
    assert await order("settings", rate_limits=True, request_urls=["http://127.0.0.1:9/"]) == 200
    assert (slack.settings.rate_limits, slack.settings.request_urls) == (True, ("http://127.0.0.1:9/",))
    assert await order("verify_request_url") == 400
    assert await order("deactivate", user="U0NONE") == 400
    assert await order("archive", channel="nowhere") == 400
    assert await order("explode") == 400


async def test_sockets_are_refreshed_on_order() -> None:
    async with over_sockets() as (slack, _apps), httpx.AsyncClient() as client:
        answer = await client.post(f"{slack.base_url}/sandbox/admin", json={"do": "refresh_sockets"})
        assert answer.json() == {"ok": True}
        await poll(lambda: slack.engine.delivery.socket.connections == 1)


async def test_reset_brings_the_workspace_back_to_its_start(
    pair: tuple[RunningSlack, BoltApp], remote: httpx.AsyncClient
) -> None:
    slack, app = pair
    await app.app.client.chat_postMessage(channel="C01OPS", text="x")
    await slack.engine.delivery.idle()
    slack.workspace.deactivate("U01BEN")
    slack.engine.faults.add(InjectedFault("*", "500"))
    with slack.workspace.subscribe() as news:
        await remote.post("reset", json={})
        assert (await anext(news)).kind == "channel"
    assert slack.workspace.channels["C01OPS"].messages == []
    assert not slack.workspace.users["U01BEN"].deleted
    assert (slack.engine.faults.waiting, list(slack.engine.journal.calls)) == ([], [])


async def test_only_the_loopbacks_own_names_are_answered() -> None:
    async with running_slack() as slack, httpx.AsyncClient(base_url=slack.base_url) as client:
        for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::2]", "[", ""):
            assert (await client.get("/sandbox/state", headers={"host": host})).status_code == 421, host
        for host in ("localhost", "localhost:1", "127.0.0.1", "[::1]:99"):
            assert (await client.get("/sandbox/state", headers={"host": host})).status_code == 200, host
        assert (await client.get("/sandbox/state", headers={"origin": "http://evil.example"})).status_code == 421
        assert (await client.get("/sandbox/state", headers={"origin": "null"})).status_code == 421
        assert (await client.get("/sandbox/state", headers={"origin": slack.base_url})).status_code == 200


@asynccontextmanager
async def process(clinic: Path, *arguments: str) -> AsyncIterator[None]:
    """The simulated Slack as its own process, which has to end with 0 when it is asked to."""
    (clinic / "people.yaml").write_text(yaml.safe_dump(SMALL_CLINIC))
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.slack", "--clinic", str(clinic), *arguments
    )
    try:
        yield
    finally:
        started.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(started.wait(), 30) == 0


async def test_it_runs_as_a_process_and_stops_on_a_signal(tmp_path: Path) -> None:
    manifest = {"display_information": {"name": "Escort"}, "oauth_config": {"scopes": {"bot": ["users:read"]}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    arguments = ["--port-file", str(tmp_path / "port"), "--manifest", str(tmp_path / "manifest.json")]
    more = ["--scopes", "users:read,channels:read", "--clock-offset-file", str(tmp_path / "offset")]
    async with process(tmp_path, *arguments, *more, "--request-url", "http://127.0.0.1:9/slack/events"):
        await poll((tmp_path / "port").exists, within=30)
        address = f"http://127.0.0.1:{(tmp_path / 'port').read_text()}"
        async with httpx.AsyncClient(base_url=address) as client:
            answer = await client.get("/api/auth.test", headers={"authorization": "Bearer xoxb-sandbox"})
            assert answer.json()["user"] == "escort"
            assert answer.headers["x-oauth-scopes"] == "channels:read,users:read"
            assert (await client.get("/")).status_code == 200


async def test_it_needs_no_more_than_a_clinic_and_takes_a_port(tmp_path: Path) -> None:
    with listening(0) as free:
        port = free.getsockname()[1]
    patient = httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=9), timeout=30)
    async with process(tmp_path, "--port", str(port)), patient as client:
        answer = await client.get(f"http://127.0.0.1:{port}/api/auth.test")
        assert answer.json() == {"ok": False, "error": "not_authed"}
