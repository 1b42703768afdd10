"""The worker on real PostgreSQL: runs, retries, parks, takes over, and survives its database's connection."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest

from core.database import Database
from core.errors import Conflict, Permanent, Transient
from core.jobs import Backoff, Job, JobRun, Registry, Worker, WorkerTuning, enqueue
from core.trace import current_trace, traced

FAST = WorkerTuning(
    dequeue_timeout=timedelta(milliseconds=200),
    heartbeat_timeout=timedelta(seconds=2),
    batch_size=5,
    concurrency=10,
    reconnect=timedelta(milliseconds=50),
)


class Figures:
    def __init__(self) -> None:
        self.done: Counter[tuple[str, str]] = Counter()

    def job_done(self, name: str, outcome: str) -> None:
        self.done[name, outcome] += 1


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database(database_url, size=4) as opened:
        yield opened


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


async def put(database: Database, *jobs: Job) -> None:
    async with database.autocommit() as connection:
        await enqueue(connection, jobs)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_job_runs_with_its_payload_under_the_trace_that_enqueued_it(database):
    seen: list[tuple[JobRun, str]] = []

    async def handler(run: JobRun) -> None:
        seen.append((run, current_trace()))

    registry, figures = Registry(), Figures()
    registry.add("greet", handler)
    with traced("a" * 32):
        await put(database, Job("greet", {"name": "Ana"}))
    async with working(Worker(database, registry, tuning=FAST, metrics=figures)):
        await until(lambda: bool(seen))
        await until(lambda: figures.done["greet", "done"] == 1)
    assert seen == [(JobRun("greet", {"name": "Ana"}, 1), "a" * 32)]


async def test_a_passing_failure_is_tried_again_and_a_final_one_is_parked(database):
    attempts: Counter[str] = Counter()

    async def flaky(run: JobRun) -> None:
        attempts["flaky"] += 1
        if attempts["flaky"] < 3:
            raise Transient("not yet", retry_after=0.05)
        assert run.attempt == 3

    async def hopeless(_run: JobRun) -> None:
        attempts["hopeless"] += 1
        raise Permanent("never")

    async def late(_run: JobRun) -> None:
        attempts["late"] += 1
        raise Conflict("somebody else was first")

    registry, figures = Registry(), Figures()
    for handler in (flaky, hopeless, late):
        registry.add(handler.__name__, handler, Backoff(first=timedelta(milliseconds=10)))
    await put(database, Job("flaky"), Job("hopeless"), Job("late"))
    expected = {("flaky", "retried"): 2, ("flaky", "done"): 1, ("hopeless", "given_up"): 1, ("late", "superseded"): 1}
    async with working(Worker(database, registry, tuning=FAST, metrics=figures)):
        await until(lambda: figures.done == Counter(expected))
    async with database.autocommit() as connection:
        left = await (await connection.execute("SELECT entrypoint, status FROM pgqueuer")).fetchall()
        (stored,) = await (
            await connection.execute("SELECT string_agg(traceback::text, ' ') FROM pgqueuer_log")
        ).fetchone()
    assert left == [("hopeless", "failed")]
    assert "never" not in stored


async def test_a_job_with_a_key_waits_only_once(database):
    await put(database, Job("a", once="k"), Job("a", once="k"), Job("b"))
    async with database.autocommit() as connection:
        (count,) = await (await connection.execute("SELECT count(*) FROM pgqueuer")).fetchone()
    assert count == 2


async def test_a_job_for_later_waits(database):
    ran: list[str] = []

    async def handler(run: JobRun) -> None:
        ran.append(run.payload["n"])

    registry = Registry()
    registry.add("n", handler)
    await put(database, Job("n", {"n": "later"}, after=timedelta(seconds=0.4)), Job("n", {"n": "now"}))
    async with working(Worker(database, registry, tuning=FAST)):
        await until(lambda: len(ran) == 2)
    assert ran == ["now", "later"]


async def test_the_worker_goes_on_after_its_connection_was_cut(database, superuser_url):
    ran: list[str] = []

    async def handler(run: JobRun) -> None:
        ran.append(run.payload["n"])

    registry = Registry()
    registry.add("n", handler)
    await put(database, Job("n", {"n": "1"}))
    async with working(Worker(database, registry, tuning=FAST)):
        await until(lambda: ran == ["1"])
        with psycopg.connect(superuser_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        async with asyncio.timeout(20):
            while "2" not in ran:
                try:
                    await put(database, Job("n", {"n": "2"}, once="2"))
                except psycopg.OperationalError:
                    continue
                await asyncio.sleep(0.05)


async def test_a_stopped_worker_does_not_start(database):
    worker = Worker(database, Registry(), tuning=FAST)
    worker.stop()
    await asyncio.wait_for(worker.run(), 5)


def test_a_job_name_belongs_to_one_handler():
    async def handler(_run: JobRun) -> None: ...

    registry = Registry()
    registry.add("n", handler)
    with pytest.raises(ValueError, match="two handlers"):
        registry.add("n", handler)


async def test_a_worker_told_to_stop_while_it_connects_takes_no_job(database, database_url):
    class Slow(Database):
        async def connect(self):
            worker.stop()
            return await super().connect()

    ran: list[str] = []

    async def handler(run: JobRun) -> None:
        ran.append(run.name)

    registry = Registry()
    registry.add("n", handler)
    await put(database, Job("n"))
    async with Slow(database_url, size=2) as slow:
        worker = Worker(slow, registry, tuning=FAST)
        await asyncio.wait_for(worker.run(), 10)
    assert ran == []


async def test_a_short_job_ends_while_a_long_one_goes_on(database):
    ended: list[str] = []
    short_ended = asyncio.Event()

    async def long(_run: JobRun) -> None:
        await short_ended.wait()
        await asyncio.sleep(0.1)
        ended.append("long")

    async def short(_run: JobRun) -> None:
        ended.append("short")
        short_ended.set()

    registry = Registry()
    registry.add("long", long)
    registry.add("short", short)
    await put(database, Job("long"), Job("short"))
    async with working(Worker(database, registry, tuning=FAST)):
        await until(lambda: len(ended) == 2)
    assert ended == ["short", "long"]
