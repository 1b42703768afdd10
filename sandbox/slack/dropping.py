"""Dropping a connection without an answer, as a network does."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}


class DroppableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which remembers its transports by the client's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self._peer: tuple[str, int] = transport.get_extra_info("peername")[:2]
        _open[self._peer] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        _open.pop(self._peer, None)
        super().connection_lost(exc)


class _NoAnswer(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends nothing."""


async def drop(request: Request) -> Response:
    """Cut the connection that this request came on. Only under DroppableProtocol."""
    client: Any = request.scope["client"]
    transport = _open[client[0], client[1]]
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        continue
    return _NoAnswer()
