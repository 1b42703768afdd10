"""Pools of a process: nothing before they are open, one notification for many commits, none that can fail them."""

import asyncio

import pytest
from psycopg import OperationalError

from core.database import Database
from core.database.wake import Waker, has_news
from core.jobs import Job, enqueue


async def test_a_database_that_is_not_open_says_so():
    with pytest.raises(RuntimeError, match="async with"):
        _ = Database("postgresql://nowhere").engine


async def test_workers_are_woken_after_the_commit_of_a_transaction(database_url: str):
    async with Database(database_url, size=2) as database, await database.connect() as ears:
        await ears.execute("LISTEN ch_pgqueuer")
        async with database.transaction() as tx:
            await enqueue(tx.connection, [Job("n"), Job("m")])
        async with database.autocommit() as connection:
            await enqueue(connection, [Job("n")])
        heard = [note async for note in ears.notifies(timeout=5, stop_after=1)]
    assert len(heard) == 1


async def test_nothing_is_sent_where_nothing_was_enqueued(database_url: str):
    sent = 0

    async def send() -> None:
        nonlocal sent
        sent += 1

    waker = Waker(send)
    async with Database(database_url, size=1) as database, await database.connect() as connection:
        waker.ended(connection)
        await waker.close()
        assert sent == 0
        for _ in range(3):
            has_news(connection)
            waker.ended(connection)
        await waker.close()
    assert sent == 1


async def test_a_notification_that_fails_fails_nothing_else(database_url: str):
    async def send() -> None:
        raise OperationalError("the database is away")

    waker = Waker(send)
    async with Database(database_url, size=1) as database, await database.connect() as connection:
        has_news(connection)
        waker.ended(connection)
        await asyncio.wait_for(waker.close(), 5)
