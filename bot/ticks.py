"""When the clock process does what: APScheduler decides the moment, the rows say what is due."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.events import EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors_to_slack import DATABASE_LOST
from bot.metrics import Metrics
from bot.observation import Observer
from core.clock import Clock, SystemClock, TravellingClock
from core.database import Database
from core.errors import described
from core.jobs import Backoff, enqueue
from core.trace import traced
from integrations.messages import draw_job
from playbooks.access.commands import Desk
from playbooks.access.jobs import sweep

log = structlog.get_logger()

SWEEP = timedelta(seconds=30)
OBSERVE = timedelta(seconds=15)
PRUNE = timedelta(hours=1)
WATCH_TRAVEL = timedelta(milliseconds=500)

_STALE_AT_ONCE = 200
_AGAIN = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=15))

# PgQueuer keeps what it did for ever. A week is enough to look into yesterday; what counts is in the ledger.
_PRUNE = (
    "DELETE FROM pgqueuer_log WHERE created < now() - interval '7 days'",
    "DELETE FROM pgqueuer_statistics WHERE created < now() - interval '90 days'",
    "DELETE FROM pgqueuer WHERE status = 'failed' AND updated < now() - interval '30 days'",
)

Work = Callable[[], Awaitable[None]]
Stale = Callable[[int], Awaitable[list[str]]]
"""Which subjects' messages have to be drawn again, at most so many."""


class Ticks:
    """The ticks of one clock process. Several may run: each tick is safe to be run twice."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._machine: Clock = SystemClock()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_listener(self._submitted, EVENT_JOB_SUBMITTED)
        self._failures: dict[str, int] = {}

    def add(self, name: str, every: timedelta, work: Work) -> None:
        """Do ``work`` now, every so often, and soon again when the database was away."""

        async def tick() -> None:
            with traced():
                await self._attempt(name, work)

        self._scheduler.add_job(
            tick,
            "interval",
            seconds=every.total_seconds(),
            id=name,
            next_run_time=self._machine.now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin; call it inside the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    async def _attempt(self, name: str, work: Work) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  the edge of a tick: logged, and tried again
            self._metrics.clock_failures.labels(name).inc()
            self._failures[name] = self._failures.get(name, 0) + 1
            away = isinstance(error, DATABASE_LOST)
            (log.warning if away else log.error)("clock.tick_failed", tick=name, **described(error))
            self._soon(name)
        else:
            self._failures.pop(name, None)

    def _soon(self, name: str) -> None:
        """The next tick may be half a minute or an hour away: come back sooner, a little later each time."""
        wait = _AGAIN.decide(self._failures[name], ConnectionError()).after or SWEEP
        job = self._scheduler.get_job(name)
        soon = self._machine.now() + wait
        if job and job.next_run_time and job.next_run_time > soon:
            job.modify(next_run_time=soon)

    def _submitted(self, event: JobSubmissionEvent) -> None:
        late = self._machine.now() - event.scheduled_run_times[0]
        self._metrics.clock_slack.labels(event.job_id).observe(max(late.total_seconds(), 0.0))


def furnish(ticks: Ticks, desk: Desk, stale: Stale, metrics: Metrics) -> None:
    """The ticks that a clock process has."""

    async def sweep_all() -> None:
        due = await sweep(desk)
        redrawn = await redraw_stale(desk.database, stale)
        if due or redrawn:
            log.info("clock.swept", due=due, redrawn=redrawn)

    async def prune_queue() -> None:
        await prune(desk.database)

    ticks.add("sweep", SWEEP, sweep_all)
    ticks.add("observe", OBSERVE, Observer(desk.database, desk.clock, metrics).look)
    ticks.add("prune", PRUNE, prune_queue)
    if isinstance(desk.clock, TravellingClock):
        ticks.add("travel", WATCH_TRAVEL, _Traveller(desk.clock, sweep_all).look)


async def redraw_stale(database: Database, stale: Stale) -> int:
    """Messages whose last drawing was cut short are drawn again. Answers how many subjects that were."""
    subjects = await stale(_STALE_AT_ONCE)
    async with database.autocommit() as connection:
        await enqueue(connection, [draw_job(subject) for subject in subjects])
    return len(subjects)


async def prune(database: Database) -> None:
    """Remove what the queue keeps of work long done."""
    async with database.autocommit() as connection:
        for statement in _PRUNE:
            await connection.execute(statement)


class _Traveller:
    """In the sandbox time jumps: what became due by the jump is swept at once."""

    def __init__(self, clock: TravellingClock, sweep_all: Work) -> None:
        self._clock = clock
        self._sweep_all = sweep_all
        self._offset = clock.offset()

    async def look(self) -> None:
        offset = self._clock.offset()
        if offset != self._offset:
            await self._sweep_all()
            self._offset = offset
