"""One way to call Slack: gate, explicit timeouts, no blind retries, errors of ours."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from core.clock import Clock
from core.errors import Transient
from integrations.slack.faults import Call, lost, refusal
from integrations.slack.gate import RateGate

# The SDK writes whole messages to its log at DEBUG, and takes an unset level for DEBUG.
_quiet = logging.getLogger("integrations.slack.sdk")
_quiet.setLevel(logging.CRITICAL)

Request = Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]


class SlackCalls:
    """The connection to one workspace. ``timeout`` in seconds covers a whole call."""

    def __init__(self, token: str, *, base_url: str, clock: Clock, timeout: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 5))
        self._gate = RateGate(clock)
        self._session: aiohttp.ClientSession | None = None
        # The SDK's own retries send again after a lost connection: that would post twice.
        self._client = AsyncWebClient(token, base_url=base_url, retry_handlers=[], logger=_quiet)
        self._client.proxy = _proxy(base_url)

    async def __call__(self, call: Call, request: Request) -> AsyncSlackResponse:
        self._gate.enter(call)
        try:
            return await request(self._connected())
        except SlackApiError as error:
            fault = refusal(call, error)
            if isinstance(fault, Transient) and fault.retry_after is not None:
                self._gate.close(call, fault.retry_after)
            # Without its cause, because the SDK's text quotes the reply.
            raise fault from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise lost(call, error) from None

    def _connected(self) -> AsyncWebClient:
        """The client with a live pool of connections, made on first use because it belongs to the running loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
            self._client.session = self._session
        return self._client

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def _proxy(base_url: str) -> str | None:
    """The environment's proxy for this address, if any: the SDK reads proxies but not their exceptions."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"} or proxy_bypass(host):
        return None
    return getproxies().get(address.scheme)


def fields(response: AsyncSlackResponse) -> dict[str, Any]:
    """The body of an answer: always an object for the methods that we call."""
    return response.data if isinstance(response.data, dict) else {}
