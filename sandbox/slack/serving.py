"""Running the application under uvicorn on the loopback."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from sandbox.slack.dropping import DroppableProtocol
from sandbox.slack.engine import Engine

HOST = "127.0.0.1"


def listening(port: int) -> socket.socket:
    """A socket on the loopback; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


def address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


class SlackServer(uvicorn.Server):
    """uvicorn, which lets go of listening pages and sockets before it waits for them."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=DroppableProtocol,
                ws="websockets-sansio",
                lifespan="on",
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=3,
            )
        )
        self._engine: Engine = app.state.engine

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but being asked to stop is no failure: the process ends with 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._engine.aclose()
        await super().shutdown(sockets)
