"""Socket Mode: Slack's envelopes over a WebSocket that we open, answered by the same front as HTTP.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import orjson
import structlog
from slack_bolt import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.readiness import Check, Unwell
from bot.settings import Settings
from bot.slack_front import SlackFront

log = structlog.get_logger()

_quiet = logging.getLogger("bot.socket_mode.sdk")
_quiet.setLevel(logging.CRITICAL)  # the SDK's lines carry tickets and payloads; readiness tells whether it is connected


@contextlib.asynccontextmanager
async def socket_mode(settings: Settings, front: SlackFront) -> AsyncIterator[Check]:
    """Connected, and again after every loss, while the block runs. Yields the check that tells whether it is."""
    if settings.slack_app_token is None:
        raise ValueError("Socket Mode needs SLACK_APP_TOKEN")
    client = _client(settings.slack_app_token.get_secret_value(), settings)

    async def take(connection: AsyncBaseSocketModeClient, envelope: SocketModeRequest) -> None:
        reply = await front.take(envelope.payload)
        if reply.status == 200:  # noqa: PLR2004  HTTP's OK; what is not acknowledged is sent again
            await connection.send_socket_mode_response(SocketModeResponse(envelope.envelope_id, _payload(reply)))

    async def connected() -> str:
        if not await client.is_connected():
            raise Unwell("Not connected to Slack. Check SLACK_APP_TOKEN (scope connections:write) and the network.")
        return "Connected."

    client.socket_mode_request_listeners.append(take)
    connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]  # the SDK's
    try:
        yield Check("socket mode", connected, needed=True)
    finally:
        connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await connecting
        await client.close()  # type: ignore[no-untyped-call]  # the SDK's


def _payload(reply: BoltResponse) -> dict[str, Any] | None:
    if not reply.body:
        return None
    found = orjson.loads(reply.body)
    return found if isinstance(found, dict) else None


def _client(token: str, settings: Settings) -> SocketModeClient:
    web_client = AsyncWebClient(base_url=settings.slack_api_url, logger=_quiet, trust_env_in_session=True)
    client = SocketModeClient(token, logger=_quiet, web_client=web_client)
    if settings.loopback:  # the SDK takes a proxy from the environment even for this machine
        client.proxy = web_client.proxy = None
    return client
