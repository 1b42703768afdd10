import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import OperationalError
from structlog.testing import capture_logs

from bot.metrics import Metrics
from bot.ticks import Ticks, _Traveller
from core.clock import TravellingClock

HOUR = timedelta(hours=1)


@pytest.fixture
async def ticks() -> AsyncIterator[Ticks]:
    found = Ticks(Metrics())
    yield found
    found.stop()


async def test_a_tick_comes_at_once_and_not_only_after_its_first_interval(ticks: Ticks) -> None:
    came = asyncio.Event()

    async def work() -> None:
        came.set()

    ticks.add("sweep", HOUR, work)
    ticks.start()
    await asyncio.wait_for(came.wait(), 5)


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("bug")])
async def test_a_tick_that_fails_is_logged_counted_and_comes_back_soon(error: Exception) -> None:
    metrics = Metrics()
    ticks, times, again = Ticks(metrics), 0, asyncio.Event()

    async def work() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise error
        again.set()

    with capture_logs() as lines:
        ticks.add("sweep", HOUR, work)
        ticks.start()
        await asyncio.wait_for(again.wait(), 10)
    ticks.stop()
    (line,) = lines
    assert (line["event"], line["tick"], line["error"]) == ("clock.tick_failed", "sweep", type(error).__name__)
    value = metrics.registry.get_sample_value
    assert value("chaperone_clock_failures_total", {"tick": "sweep"}) == 1
    assert value("chaperone_clock_slack_seconds_count", {"tick": "sweep"}) == 2


async def test_a_jump_in_time_is_swept_at_once_and_once(tmp_path: Path) -> None:
    clock, swept = TravellingClock(tmp_path / "offset"), 0

    async def sweep() -> None:
        nonlocal swept
        swept += 1

    traveller = _Traveller(clock, sweep)
    await traveller.look()
    assert swept == 0
    clock.travel(timedelta(hours=2))
    await traveller.look()
    await traveller.look()
    assert swept == 1


async def test_a_jump_whose_sweep_failed_is_swept_again(tmp_path: Path) -> None:
    clock, outcomes = TravellingClock(tmp_path / "offset"), iter([OperationalError("gone"), None])
    swept = []

    async def sweep() -> None:
        if error := next(outcomes):
            raise error
        swept.append(True)

    traveller = _Traveller(clock, sweep)
    clock.travel(timedelta(hours=2))
    with pytest.raises(OperationalError):
        await traveller.look()
    await traveller.look()
    assert swept == [True]
