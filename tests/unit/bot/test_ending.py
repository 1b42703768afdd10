"""How a process ends: its work finished, or cut short, or broken before."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.processes import _until


async def test_what_ends_the_run_before_its_time_is_raised() -> None:
    async def breaks() -> None:
        raise ValueError("bug")

    with pytest.raises(ValueError, match="bug"):
        await _until(asyncio.Event(), breaks, end=lambda: None)


async def test_work_under_way_is_finished_when_told_to_stop() -> None:
    stop, ended, finished = asyncio.Event(), asyncio.Event(), []

    async def works() -> None:
        stop.set()
        await ended.wait()
        finished.append(True)

    await asyncio.wait_for(_until(stop, works, end=ended.set), 5)
    assert finished == [True]


async def test_what_does_not_end_in_time_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.processes.ENDS_WITHIN", timedelta(seconds=0.05))
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as lines:
        await asyncio.wait_for(_until(stop, asyncio.Event().wait, end=lambda: None), 5)
    assert [line["event"] for line in lines] == ["process.cut_short"]
