"""Server-Sent Events: who hears what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import TravellingClock
from sandbox.slack.page.live import concerns, events
from sandbox.slack.workspace import Change
from tests.unit.sandbox_page.stage import ANN, BEN, CAM, OPS, SECRET, Stage


@pytest.mark.parametrize(
    ("change", "heard_by"),
    [
        (Change("message", OPS), {ANN, BEN, CAM}),
        (Change("message", OPS, ANN), {ANN}),
        (Change("message", SECRET), {BEN}),
        (Change("channel", SECRET), {ANN, BEN, CAM}),
        (Change("view", user=ANN), {ANN}),
        (Change("home", user=BEN), {BEN}),
        (Change("user", user=BEN), {ANN, BEN, CAM}),
    ],
)
def test_news_reaches_those_whose_page_it_changes(change: Change, heard_by: set[str]) -> None:
    workspace = Stage().workspace
    people = [workspace.users[one] for one in (ANN, BEN, CAM)]
    assert {one.id for one in people if concerns(change, one, workspace)} == heard_by


async def heard(stream: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(stream), 5)


async def test_the_stream_greets_tells_and_ends_when_the_workspace_closes() -> None:
    stage = Stage()
    stream = events(stage.workspace.users[ANN], stage.workspace)
    assert await heard(stream) == "retry: 1000\nevent: hello\ndata: {}\n\n"
    stage.post("for Ben", ephemeral_for=BEN)
    stage.post("for all")
    assert await heard(stream) == f'event: change\ndata: {{"kind":"message","channel":"{OPS}"}}\n\n'
    stage.workspace.close_subscriptions()
    with pytest.raises(StopAsyncIteration):
        await heard(stream)


async def test_a_quiet_stream_comments_now_and_then() -> None:
    stage = Stage()
    stream = events(stage.workspace.users[ANN], stage.workspace, patience=0.001)
    await heard(stream)
    assert await heard(stream) == ": still here\n\n"
    await stream.aclose()


async def test_a_journey_in_time_is_told(tmp_path: Path) -> None:
    clock = TravellingClock(tmp_path / "offset")
    stage = Stage(clock=clock)
    stream = events(stage.workspace.users[ANN], stage.workspace, patience=0.001)
    await heard(stream)
    clock.travel(timedelta(hours=2))
    assert await heard(stream) == "event: travel\ndata: {}\n\n"
    await stream.aclose()
