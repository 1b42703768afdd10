"""Requests as Slack makes them: encoded, dated and signed."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from bot.dispatch import Dispatch
from bot.metrics import Metrics
from bot.slack_front import Signature, SlackFront, Tell
from bot.web import application, web_routes
from core.clock import SystemClock

SECRET = "a signing secret"
TEAM = "T0CLINIC"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def headers(body: bytes, content_type: str = FORM, *, age: int = 0, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(SystemClock().now().timestamp()) - age)
    tag = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
    return {
        "content-type": content_type,
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={tag}",
    }


def command(**fields: str) -> bytes:
    return urlencode({"command": "/access", "team_id": TEAM, "user_id": "U0ANARUIZ"} | fields).encode()


def interaction(payload: dict[str, Any]) -> bytes:
    return urlencode({"payload": orjson.dumps(payload).decode()}).encode()


class SlackHttp:
    """Slack's side of the one URL."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, body: bytes, content_type: str = FORM, **signing: Any) -> httpx.Response:
        return await self.client.post("/slack/events", content=body, headers=headers(body, content_type, **signing))


@asynccontextmanager
async def slack_over_http(dispatch: Dispatch, tell: Tell) -> AsyncIterator[SlackHttp]:
    """The web process's application in this process, without a port."""
    metrics = Metrics()
    front = SlackFront(dispatch, team=TEAM, tell=tell, metrics=metrics)
    app = application(web_routes(front, Signature(SECRET.encode(), SystemClock()), metrics))
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://chaperone") as client:
        yield SlackHttp(client)
