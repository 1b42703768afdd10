"""The clock process's ticks: at once, and again soon when they fail."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import OperationalError
from structlog.testing import capture_logs

from bot.metrics import Metrics
from bot.ticks import Ticks, _Traveller, furnish
from core.clock import Clock, ManualClock, TravellingClock
from core.database import Database
from core.ledger import Ledger
from integrations.fakes_directory import FakeDirectory
from playbooks.access.commands import Desk
from playbooks.access.policy import Catalogue, load_policies
from tests.unit.bot.conftest import CLINIC

HOUR = timedelta(hours=1)


def desk_of(database: Database, clock: Clock) -> Desk:
    """A desk with nothing on it but a database and a clock."""
    policies, catalogue = load_policies(CLINIC / "policies"), Catalogue.load(CLINIC / "catalogue.yaml")
    ledger, directory = Ledger(b"", clock), FakeDirectory()
    return Desk(database, ledger, clock, directory, {}, policies, catalogue, "T", "C", "C")


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


@pytest.mark.parametrize("travels", [True, False])
async def test_a_clock_process_sweeps_observes_and_prunes(tmp_path: Path, travels: bool) -> None:
    """Without a database each of them fails, and is told by its name."""
    async with Database("postgresql://chaperone@127.0.0.1:1/nowhere") as away:
        clock = TravellingClock(tmp_path / "offset") if travels else ManualClock()
        metrics, failed = Metrics(), set[str]()
        ticks = Ticks(metrics)

        async def stale(_: int) -> list[str]:
            return []

        furnish(ticks, desk_of(away, clock), stale, metrics)
        ticks.start()
        async with asyncio.timeout(60):
            while failed < {"sweep", "observe", "prune"}:
                failed = {
                    sample.labels["tick"]
                    for metric in metrics.registry.collect()
                    for sample in metric.samples
                    if sample.name == "chaperone_clock_slack_seconds_count" and sample.value
                }
                await asyncio.sleep(0.02)
        ticks.stop()
    assert ("travel" in failed) is travels


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
