"""Signed HTTP requests to the app's request URL.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import itertools
import json
from urllib.parse import urlencode

import httpx

from sandbox.slack.delivery.ack import Ack, Parcel
from sandbox.slack.settings import Settings

FORM = "application/x-www-form-urlencoded"
REASONS = {"timeout": "http_timeout", "unreachable": "connection_failed", "status": "http_error"}


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature over the raw body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(parcel: Parcel) -> tuple[bytes, str]:
    """The body and its content type: a form for commands, ``payload=`` for interactivity, JSON for events."""
    if parcel.envelope == "events_api":
        return json.dumps(parcel.payload).encode(), "application/json"
    fields = parcel.payload if parcel.envelope == "slash_commands" else {"payload": json.dumps(parcel.payload)}
    return urlencode(fields).encode(), FORM


class HttpTransport:
    """Posts to the request URLs in turn."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = itertools.count()
        self._client = httpx.AsyncClient(trust_env=False)

    async def aclose(self) -> None:
        await self._client.aclose()

    def headers(self, body: bytes, content_type: str, parcel: Parcel) -> dict[str, str]:
        timestamp = str(int(self._settings.signing_clock.now().timestamp()))
        retry = {"x-slack-retry-num": str(parcel.retry), "x-slack-retry-reason": parcel.reason} if parcel.retry else {}
        return {
            "content-type": content_type,
            "user-agent": "Slackbot 1.0 (chaperone sandbox)",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature(self._settings.signing_secret, timestamp, body),
            **retry,
        }

    async def send(self, parcel: Parcel, timeout: float) -> Ack:  # noqa: ASYNC109  see Transport
        urls = self._settings.request_urls
        if not urls:
            return Ack("unreachable")
        body, content_type = encoded(parcel)
        url = urls[next(self._turn) % len(urls)]
        try:
            async with asyncio.timeout(timeout):
                response = await self._client.post(
                    url, content=body, headers=self.headers(body, content_type, parcel), timeout=None
                )
        except TimeoutError:
            return Ack("timeout")
        except httpx.HTTPError:
            return Ack("unreachable")
        no_retry = response.headers.get("x-slack-no-retry") == "1"
        if not response.is_success:
            return Ack("status", status=response.status_code, no_retry=no_retry)
        return Ack("ok", _parsed(response), response.status_code, no_retry)


def _parsed(response: httpx.Response) -> object:
    if not response.content:
        return None
    if "json" not in response.headers.get("content-type", ""):
        return response.text
    try:
        return response.json()
    except ValueError:
        return response.text
