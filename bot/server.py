"""One uvicorn inside our own event loop: we bind the port, hear the signals and end it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

from bot.settings import Settings
from core.errors import ConfigurationFault

log = structlog.get_logger()

GRACE = 5
"""Seconds that requests under way are given at the end."""

_BACKLOG = 2048


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours are heard by the process as a whole."""
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, settings: Settings, *, default_port: int) -> AsyncIterator[int]:
    """The application on PORT while the block runs; yields the port. Raises ConfigurationFault where it is taken.

    Where Slack is on this machine (sandbox, tests), nothing outside it can connect.
    """
    listening = _bound(settings, default_port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve([listening]))
    waiting = asyncio.create_task(server.ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    port = int(listening.getsockname()[1])
    log.info("http.listening", port=port, host=_host(settings))
    try:
        yield port
    finally:
        waiting.cancel()
        server.should_exit = True
        await running


def _host(settings: Settings) -> str:
    return "127.0.0.1" if settings.loopback else "0.0.0.0"  # noqa: S104  a Procfile host routes to any interface


def _bound(settings: Settings, default_port: int) -> socket.socket:
    wanted = default_port if settings.port is None else settings.port
    try:
        return socket.create_server((_host(settings), wanted), backlog=_BACKLOG)
    except OSError as error:
        raise ConfigurationFault(
            [f"PORT: {wanted} cannot be had ({error.strerror}). Set PORT to a free one, or to 0 for any."]
        ) from None
