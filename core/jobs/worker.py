"""The worker: takes jobs from PgQueuer and runs their handlers, several processes side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import orjson
import structlog
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import FailingListenerError, RetryRequested
from pgqueuer.domain.models import Job as QueuedJob
from psycopg import OperationalError

from core.database.connections import Database
from core.errors import Conflict, described
from core.jobs.driver import SplitDriver
from core.jobs.retry import Backoff
from core.trace import traced

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class JobRun:
    """What a handler is told: its payload and which attempt this is, counted from 1."""

    name: str
    payload: Mapping[str, str]
    attempt: int


Handler = Callable[[JobRun], Awaitable[None]]


class JobMetrics(Protocol):
    """Where the worker counts; the edge plugs in Prometheus."""

    def job_done(self, name: str, outcome: str) -> None: ...


class _Uncounted:
    def job_done(self, name: str, outcome: str) -> None:
        """Nobody asked for figures."""


class GivenUp(Exception):  # noqa: N818  the queue parks the job as failed; its row still knows what is due
    """A job that will not be tried again. Carries the error's class only: PgQueuer stores what it is given."""


@dataclass(slots=True)
class Registry:
    """Every handler by its job name, each with its own decision on retries."""

    handlers: dict[str, tuple[Handler, Backoff]] = field(default_factory=dict)

    def add(self, name: str, handler: Handler, backoff: Backoff | None = None) -> None:
        if name in self.handlers:
            raise ValueError(f"two handlers for the job {name}")
        self.handlers[name] = (handler, backoff or Backoff())


@dataclass(frozen=True, slots=True)
class WorkerTuning:
    """How soon a vanished worker's jobs are taken over, and how much runs at once."""

    dequeue_timeout: timedelta = timedelta(seconds=1)
    heartbeat_timeout: timedelta = timedelta(seconds=10)
    batch_size: int = 20
    concurrency: int = 100
    reconnect: timedelta = timedelta(seconds=1)


class _Load:
    """Has the queue looked at again when a batch's worth of jobs has ended: there is room for the next."""

    def __init__(self, batch: int, driver: SplitDriver) -> None:
        self._batch = batch
        self._driver = driver
        self._ended = self._running = 0

    def __enter__(self) -> None:
        self._running += 1

    def __exit__(self, *_: object) -> None:
        self._running -= 1
        self._ended += 1
        if not self._running or self._ended % self._batch == 0:
            self._driver.wake()


class Worker:
    """Runs jobs until stopped. Loses its database, waits, and goes on."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        *,
        tuning: WorkerTuning | None = None,
        metrics: JobMetrics | None = None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._tuning = tuning or WorkerTuning()
        self._metrics = metrics or _Uncounted()
        self._stopping = asyncio.Event()
        self._queue: QueueManager | None = None

    def stop(self) -> None:
        """Finish what is running and return from ``run``."""
        self._stopping.set()
        if self._queue:
            self._queue.shutdown.set()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._run_once()
            except (OperationalError, OSError, FailingListenerError) as error:
                log.warning("worker.database_lost", error=type(error).__name__)
                await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), self._tuning.reconnect.total_seconds())
        except TimeoutError:
            return

    async def _run_once(self) -> None:
        async with await self._database.connect() as asking, await self._database.connect() as listening:
            driver = SplitDriver(asking, listening)
            self._queue = queue = QueueManager(Queries(driver))
            load = _Load(self._tuning.batch_size, driver)
            for name, (handler, backoff) in self._registry.handlers.items():
                queue.entrypoint(name, on_failure="hold")(self._runner(handler, backoff, load))
            if self._stopping.is_set():  # told so while we connected
                queue.shutdown.set()
            try:
                await queue.run(
                    dequeue_timeout=self._tuning.dequeue_timeout,
                    batch_size=self._tuning.batch_size,
                    max_concurrent_tasks=self._tuning.concurrency,
                    heartbeat_timeout=self._tuning.heartbeat_timeout,
                    shutdown_on_listener_failure=True,
                )
            finally:
                self._queue = None

    def _runner(self, handler: Handler, backoff: Backoff, load: "_Load") -> Callable[[QueuedJob], Awaitable[None]]:
        async def run(job: QueuedJob) -> None:
            work = JobRun(str(job.entrypoint), orjson.loads(job.payload or b"{}"), job.attempts + 1)
            headers = job.headers or {}
            with traced(str(headers.get("trace", ""))), load:
                await self._attempt(work, handler, backoff)

        return run

    async def _attempt(self, work: JobRun, handler: Handler, backoff: Backoff) -> None:
        try:
            await handler(work)
        except Conflict as error:
            self._report(work, "superseded", error)
        except Exception as error:  # noqa: BLE001  the edge of a job: logged, then retried or parked
            decision = backoff.decide(work.attempt, error)
            self._report(work, "given_up" if decision.after is None else "retried", error)
            if decision.after is None:
                raise GivenUp(type(error).__name__) from None
            raise RetryRequested(decision.after, type(error).__name__) from None
        else:
            self._metrics.job_done(work.name, "done")

    def _report(self, work: JobRun, outcome: str, error: Exception) -> None:
        self._metrics.job_done(work.name, outcome)
        log.warning(
            "job.not_done",
            outcome=outcome,
            job=work.name,
            attempt=work.attempt,
            payload=dict(work.payload),
            **described(error),
        )
