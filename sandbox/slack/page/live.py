"""Server-Sent Events: what has changed for a person, so that the page fetches it again."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta

import orjson
from starlette.responses import StreamingResponse

from core.clock import TravellingClock
from sandbox.slack.page.web import HEADERS
from sandbox.slack.workspace import Change, Subscription, User, Workspace

_PATIENCE = 2.0  # seconds between looks at the clock, and so the latest that a page learns of a journey in time
_QUIET = 7  # looks without news until a comment keeps the connection open


def stream(user: User, workspace: Workspace) -> StreamingResponse:
    return StreamingResponse(events(user, workspace), media_type="text/event-stream", headers=HEADERS)


async def events(user: User, workspace: Workspace, patience: float = _PATIENCE) -> AsyncGenerator[str, None]:
    """``change`` events with kind and channel; ``travel`` when the clock has jumped.

    First ``hello``, so that a page that comes back knows to fetch everything.
    """
    news, travelled = workspace.subscribe(), offset(workspace)
    try:
        yield "retry: 1000\n" + _event("hello", {})
        for quiet in itertools.count(1):
            change = await _next(news, patience)
            if change is not None:
                if concerns(change, user, workspace):
                    yield _event("change", {"kind": change.kind, "channel": change.channel})
            elif offset(workspace) != travelled:
                travelled = offset(workspace)
                yield _event("travel", {})
            elif quiet % _QUIET == 0:
                yield ": still here\n\n"
    except StopAsyncIteration:
        return
    finally:
        with suppress(ValueError):  # a workspace that shuts down has closed it already
            news.close()


async def _next(news: Subscription, patience: float) -> Change | None:
    """The next change, or None after ``patience`` seconds without one. StopAsyncIteration when there will be none."""
    try:
        return await asyncio.wait_for(anext(news), patience)
    except TimeoutError:
        return None


def _event(name: str, data: dict[str, str | None]) -> str:
    return f"event: {name}\ndata: {orjson.dumps(data).decode()}\n\n"


def concerns(change: Change, user: User, workspace: Workspace) -> bool:
    """Whether a person's page looks different after the change. Nobody learns that a private channel is busy."""
    if change.kind in {"view", "home"}:
        return change.user == user.id
    if change.kind == "message" and change.user not in {None, user.id}:
        return False
    channel = workspace.channels.get(change.channel or "")
    return channel is None or change.kind == "channel" or workspace.may_see(user.id, channel)


def offset(workspace: Workspace) -> timedelta:
    """How far the workspace's clock has travelled; zero for a clock that cannot."""
    clock = workspace.clock
    return clock.offset() if isinstance(clock, TravellingClock) else timedelta()
