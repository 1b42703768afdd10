"""A small Bolt app that does a bit of everything, to stand behind the simulated Slack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.slack.testing import RunningSlack, poll, running_slack, serving
from sandbox.slack.workspace import Installation, Shortcut

SHORTCUTS = (Shortcut("ask", "Request access", "global"), Shortcut("take", "Take as evidence", "message"))


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def asked(block_id: str, element: dict[str, Any], **fields: Any) -> dict[str, Any]:
    element = {"action_id": "it", **element}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **fields}


def view(callback_id: str, *blocks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Access"),
        "submit": plain("Ask"),
        "blocks": list(blocks),
        **fields,
    }


HOURS = [{"text": plain(f"{hours} h"), "value": str(hours)} for hours in (1, 2, 4)]
REQUEST = view(
    "request",
    asked("why", {"type": "plain_text_input", "min_length": 5}),
    asked("hours", {"type": "static_select", "options": HOURS, "initial_option": HOURS[0]}),
    asked("until", {"type": "datepicker", "initial_date": "2026-03-02"}),
    asked("witness", {"type": "multi_users_select"}, optional=True),
    private_metadata="request/7",
    notify_on_close=True,
)
CARD: list[dict[str, Any]] = [
    {"type": "section", "block_id": "told", "text": {"type": "mrkdwn", "text": "Ana asks"}},
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "7", "style": "primary"},
            {"type": "static_select", "action_id": "shorten", "options": HOURS},
            {"type": "overflow", "action_id": "more", "options": HOURS},
            {"type": "external_select", "action_id": "target", "min_query_length": 1},
        ],
    },
    asked("note", {"type": "plain_text_input"}, optional=True),
]
HOME: dict[str, Any] = {"type": "home", "blocks": CARD[:2]}


@dataclass
class BoltApp:
    """The app, and everything that it was told. ``answer`` is how it acknowledges the next submission."""

    app: AsyncApp
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    command_answer: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=lambda: {"options": HOURS})
    silent: bool = False

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Bodies of a type: ``block_actions``, ``view_submission``, an event's type, or ``command``."""
        return [body for body in self.bodies if kind in {body.get("type"), body.get("event", {}).get("type")}]


def bolt_app(slack: RunningSlack) -> BoltApp:
    client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.settings.signing_secret, process_before_response=True)
    told = BoltApp(app)

    @app.command("/access")
    async def access(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        told.bodies.append({"type": "command", **body})
        if told.silent:
            await asyncio.sleep(5)
        if body["text"] == "modal":
            await client.views_open(trigger_id=body["trigger_id"], view=REQUEST)
        await ack(**told.command_answer)

    @app.view("request")
    @app.view("second")
    async def submitted(ack: Any, body: dict[str, Any]) -> None:
        told.bodies.append(body)
        await ack(**told.answer)

    @app.view_closed("request")
    @app.action({"block_id": "decide"})
    @app.action("it")
    @app.shortcut("ask")
    @app.shortcut("take")
    async def noted(ack: Any, body: dict[str, Any]) -> None:
        told.bodies.append(body)
        await ack()

    @app.options("target")
    async def targets(ack: Any, body: dict[str, Any]) -> None:
        told.bodies.append(body)
        await ack(**told.options)

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        told.bodies.append(body)
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.event("message")
    @app.event("member_joined_channel")
    @app.event("app_mention")
    async def heard(body: dict[str, Any]) -> None:
        told.bodies.append(body)

    return told


def http_door(told: BoltApp) -> Starlette:
    """The app as a web process with one address, ``/slack/events``."""
    handler = AsyncSlackRequestHandler(told.app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])


def _installed(app: Installation | None) -> Installation:
    return replace(app or Installation(), shortcuts=SHORTCUTS)


@asynccontextmanager
async def over_http(app: Installation | None = None, **how: Any) -> AsyncIterator[tuple[RunningSlack, BoltApp]]:
    """Slack and the app, talking over signed HTTP."""
    async with running_slack(app=_installed(app), **how) as slack:
        told = bolt_app(slack)
        async with serving(http_door(told)) as address:
            slack.settings.request_urls = (f"{address}/slack/events",)
            yield slack, told
            await slack.engine.delivery.idle()


@asynccontextmanager
async def over_sockets(connections: int = 1, **how: Any) -> AsyncIterator[tuple[RunningSlack, list[BoltApp]]]:
    """Slack and ``connections`` processes of the app, talking over Socket Mode."""
    async with running_slack(app=_installed(None), **how) as slack:
        slack.settings.socket_mode = True
        apps = [bolt_app(slack) for _ in range(connections)]
        handlers = [AsyncSocketModeHandler(told.app, "xapp-sandbox") for told in apps]
        for handler in handlers:
            handler.client.web_client.base_url = slack.api_url
            await handler.connect_async()  # type: ignore[no-untyped-call]
        await poll(lambda: slack.engine.delivery.socket.connections == connections)
        try:
            yield slack, apps
        finally:
            for handler in handlers:
                await handler.close_async()  # type: ignore[no-untyped-call]
