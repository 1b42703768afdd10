"""Audited transitions per second: `advance()` against the same three writes made by hand and through the ORM."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import uvloop
from psycopg import AsyncRawCursor
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Column, DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import Field, SQLModel

from benchmarks.ground import BALL, ground
from benchmarks.table import Goal, show
from core.actors import person
from core.clock import SystemClock
from core.database import Database
from core.jobs import Job, enqueue
from core.jobs.enqueue import enqueue_query, job_parameters, spliced_enqueue
from core.ledger import Ledger, Move
from core.lifecycle import NEW

SECONDS = 1.5
ROUNDS = 3
CONNECTIONS = (1, 8, 32)
ANA = person("ana")
MOVES = {"left": ("hit", "right", "BEN-002"), "right": ("return", "left", "BEN-003")}
LATER = Job("none", {"id": "x"}, after=timedelta(days=1))

Mover = Callable[[UUID, str], Awaitable[None]]

_UPDATE = "UPDATE bench_ball SET status = $1 WHERE id = $2 AND status = $3 RETURNING id"
_COLUMNS = "(id, at, event, subject_table, subject, source, target, actor, trace, data, mac)"
_ENTRY = f"INSERT INTO ledger_entry {_COLUMNS} VALUES ($1,$2,$3,'bench_ball',$4,$5,$6,$7,$8,$9::json,$10)"  # noqa: S608
_CTE = f"""
    WITH moved AS ({_UPDATE}),
    entry AS (INSERT INTO ledger_entry {_COLUMNS}
        SELECT $4::uuid,$5::timestamptz,$6::text,'bench_ball',$2,$3,$1,$7::text,$8::text,$9::json,$10::bytea
        FROM moved),
    {spliced_enqueue(11, "EXISTS (SELECT 1 FROM moved)")}
    SELECT id FROM moved"""  # noqa: S608  constants of this file


class BenchBall(SQLModel, table=True):
    __tablename__ = "bench_ball"

    id: UUID = Field(primary_key=True)
    status: str
    hits: int = 0


class BenchEntry(SQLModel, table=True):
    __tablename__ = "ledger_entry"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    event: str
    subject_table: str
    subject: UUID
    source: str
    target: str
    actor: str
    trace: str = Field(sa_column=Column(Text))
    data: dict[str, Any] = Field(sa_column=Column(JSON))
    mac: bytes = Field(sa_column=Column(LargeBinary))


def ours(database: Database) -> Mover:
    ledger = Ledger(b"k" * 32, SystemClock())

    async def move(row: UUID, source: str) -> None:
        command, _, _ = MOVES[source]
        async with database.autocommit() as connection:
            wanted = Move(BALL, command, row, source, data={"why": "bench"}, jobs=[LATER])
            await ledger.advance(connection, wanted, actor=ANA)

    return move


def raw_statements(pool: AsyncConnectionPool[Any]) -> Mover:
    async def move(row: UUID, source: str) -> None:
        _, target, event = MOVES[source]
        async with pool.connection() as connection:
            cursor = AsyncRawCursor(connection)
            await cursor.execute(_UPDATE, [target, row, source])
            now = datetime.now(UTC)
            entry = [uuid4(), now, event, row, source, target, "person:ana", "t", '{"why":"bench"}', b"m" * 32]
            await cursor.execute(_ENTRY, entry)
            await cursor.execute(enqueue_query(), job_parameters([LATER]))

    return move


def raw_cte(pool: AsyncConnectionPool[Any]) -> Mover:
    async def move(row: UUID, source: str) -> None:
        _, target, event = MOVES[source]
        async with pool.connection() as connection:
            entry = [uuid4(), datetime.now(UTC), event, "person:ana", "t", '{"why":"bench"}', b"m" * 32]
            await AsyncRawCursor(connection).execute(_CTE, [target, row, source, *entry, *job_parameters([LATER])])

    return move


def orm(database: Database) -> Mover:
    async def move(row: UUID, source: str) -> None:
        _, target, event = MOVES[source]
        async with database.transaction() as tx:
            ball = await tx.session.get(BenchBall, row, with_for_update=True)
            if ball is None or ball.status != source:
                raise RuntimeError("the ball is elsewhere")
            ball.status = target
            entry = BenchEntry(
                id=uuid4(),
                at=datetime.now(UTC),
                event=event,
                subject_table="bench_ball",
                subject=row,
                source=source,
                target=target,
                actor="person:ana",
                trace="t",
                data={"why": "bench"},
                mac=b"m" * 32,
            )
            tx.session.add(entry)
            await tx.session.flush()
            await enqueue(tx.connection, [LATER])

    return move


async def rate(move: Mover, rows: dict[UUID, str]) -> float:
    """Transitions per second, one worker per row."""
    done, end = 0, time.perf_counter() + SECONDS

    async def work(row: UUID) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await move(row, rows[row])
            rows[row] = MOVES[rows[row]][1]
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(work(row) for row in rows))
    return done / (time.perf_counter() - started)


async def served(url: str, count: int) -> dict[UUID, str]:
    rows = [uuid4() for _ in range(count)]
    ledger = Ledger(b"k" * 32, SystemClock())
    async with Database(url, size=2) as database, database.autocommit() as connection:
        for row in rows:
            await ledger.advance(connection, Move(BALL, "serve", row, NEW), actor=ANA)
    return dict.fromkeys(rows, "left")


async def measured(url: str, connections: int) -> dict[str, float]:
    """Median rates of all four, taken in turns so that a slow moment of the machine hits each."""
    options = "-c role=chaperone_app"
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        url, kwargs={"options": options}, min_size=connections, max_size=connections, open=False
    )
    async with pool, Database(url, size=connections) as database:
        movers = {
            "raw, three statements": raw_statements(pool),
            "raw, one CTE": raw_cte(pool),
            "advance()": ours(database),
            "ORM": orm(database),
        }
        rates: dict[str, list[float]] = {name: [] for name in movers}
        rows = await served(url, connections)
        for lap in range(ROUNDS + 1):
            for name, move in movers.items():
                reached = await rate(move, rows)
                if lap:  # the first fills the pools and prepares the statements of all four
                    rates[name].append(reached)
    return {name: median(each) for name, each in rates.items()}


async def run(url: str) -> None:
    figures = {count: await measured(url, count) for count in CONNECTIONS}
    rows = [[name, *(f"{figures[count][name]:,.0f}" for count in CONNECTIONS)] for name in figures[1]]
    goals = []
    for count in CONNECTIONS:
        three, cte = (figures[count]["advance()"] / figures[count][each] for each in list(figures[count])[:2])
        if count > 1:
            goals.append(Goal(f"{count} connections, against three raw statements (>= 1.00)", three, three >= 1))
        goals.append(Goal(f"{count} connections, against one raw CTE (>= 0.60)", cte, cte >= 0.6))
    show("Audited transitions per second", ["connections", *map(str, CONNECTIONS)], rows, goals)


def main() -> None:
    with ground() as cluster:
        uvloop.run(run(cluster.app_url))


if __name__ == "__main__":
    main()
