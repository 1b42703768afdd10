"""The simulated Slack inside a test: in this process, on a free port of the loopback."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from core.clock import Clock, SystemClock
from sandbox.slack.actions import Actions
from sandbox.slack.app import PageRoutes, create_app
from sandbox.slack.engine import Engine
from sandbox.slack.seeding import workspace_of
from sandbox.slack.serving import SlackServer, address, listening
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Installation, Workspace

SMALL_CLINIC: dict[str, Any] = {
    "people": [
        {"slack_user": "U01ANA", "name": "Ana Souza", "email": "ana@clinic.example", "groups": ["engineering"]},
        {"slack_user": "U01BEN", "name": "Ben Okafor", "email": "ben@clinic.example", "groups": ["managers"]},
        {"slack_user": "U01EVE", "name": "Eve Former", "email": "eve@clinic.example", "active": False},
        {"slack_user": "U01GUS", "name": "Gus Guest", "email": "gus@vendor.example", "guest": True},
    ],
    "slack": {
        "channels": [
            {"id": "C01OPS", "name": "ops", "members": ["bot", "U01ANA", "U01BEN"]},
            {"id": "C01OPEN", "name": "open", "members": ["U01ANA"]},
            {"id": "C01PRIV", "name": "private", "private": True, "members": ["bot", "U01ANA"]},
            {"id": "C01SECR", "name": "secret", "private": True, "members": ["U01BEN"]},
        ]
    },
}
"""Two engineers, somebody who left, a guest; the bot is in #ops and #private, not in #open and #secret."""


@dataclass(frozen=True)
class RunningSlack:
    """A Slack that answers. ``api_url`` is what an SDK takes as its base URL."""

    base_url: str
    workspace: Workspace
    actions: Actions
    engine: Engine
    settings: Settings

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"


class _Hosted(uvicorn.Server):
    """Leaves the signals to the test runner, and looks more often whether it is over."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        ticks = itertools.count()
        while not await self.on_tick(next(ticks)):  # noqa: ASYNC110  uvicorn tells it by a flag only
            await asyncio.sleep(0.005)


class _HostedSlack(_Hosted, SlackServer):
    pass


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Any ASGI application (a bot, say) on an ephemeral port of the loopback; its address without a slash."""
    listener = listening(0)
    config = uvicorn.Config(app, ws="websockets-sansio", access_log=False, log_level="warning")
    async with _running(_Hosted(config), listener):
        yield address(listener)


@asynccontextmanager
async def _running(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await poll(lambda: server.started or task.done())
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()


@asynccontextmanager
async def running_slack(
    *,
    people: dict[str, Any] | None = None,
    workspace: Workspace | None = None,
    clock: Clock | None = None,
    settings: Settings | None = None,
    app: Installation | None = None,
    page_routes: PageRoutes | None = None,
) -> AsyncIterator[RunningSlack]:
    """A Slack on an ephemeral port, with ``people`` (as in people.yaml; SMALL_CLINIC when not given).

    Without ``settings``, retries of events come at once.
    """
    clock = clock or SystemClock()
    settings = settings or Settings(retry_scale=0.0)
    workspace = workspace or workspace_of(people or SMALL_CLINIC, clock=clock, app=app)
    starlette = create_app(workspace, settings=settings, clock=clock, page_routes=page_routes or ())
    listener = listening(0)
    workspace.base_url = address(listener)
    async with _running(_HostedSlack(starlette), listener):
        engine: Engine = starlette.state.engine
        yield RunningSlack(workspace.base_url, workspace, starlette.state.actions, engine, settings)


async def poll(holds: Callable[[], bool], *, within: float = 10.0) -> None:
    """Wait until something holds. Raises TimeoutError after ``within`` seconds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110  what is polled knows no event
            await asyncio.sleep(0.005)
