"""The sequencer: numbers without gaps, one at a time, and nothing that Chaperone did not write."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from core.database import Database
from core.ledger import Sequencer
from core.proof.checkpoint import open_note
from tests.unit.core_ledger.requests import ANA, ask_many, asking

ORIGIN = "ledger.test"


@pytest.fixture
def sequencer(database, key, clock) -> Sequencer:
    return Sequencer(database, key=key, origin=ORIGIN, clock=clock, interval=timedelta(milliseconds=20))


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.autocommit() as connection:
        return await (await connection.execute(query)).fetchall()


async def sizes(database: Database) -> list[object]:
    return [size for (size,) in await rows(database, "SELECT size FROM ledger_checkpoint ORDER BY size")]


async def settled(sequencer: Sequencer, wanted: int) -> None:
    """Sequence until ``wanted`` entries are taken: another test's transaction may hold the horizon for a moment."""
    taken = 0
    async with asyncio.timeout(20):
        while taken < wanted:
            taken += await sequencer.sequence()


async def test_every_entry_gets_a_number_and_the_root_is_signed(database, ledger, sequencer, key):
    await ask_many(database, ledger, 7)
    await settled(sequencer, 7)
    assert [index for (index,) in await rows(database, "SELECT index FROM ledger_leaf ORDER BY index")] == list(
        range(7)
    )
    (note,) = (await rows(database, "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"))[0]
    assert open_note(str(note), [key.verifying_key]).size == 7


async def test_without_news_there_is_no_new_checkpoint(database, ledger, sequencer):
    await ask_many(database, ledger, 3)
    await settled(sequencer, 3)
    before = await sizes(database)
    assert await sequencer.sequence() == 0
    assert await sizes(database) == before


async def test_a_large_backlog_is_taken_in_batches(database, ledger, key, clock):
    small = Sequencer(database, key=key, origin=ORIGIN, clock=clock, batch=4)
    await ask_many(database, ledger, 10)
    await settled(small, 10)
    assert (await sizes(database))[-1] == 10


async def test_an_entry_of_a_transaction_that_commits_late_is_not_lost(database, ledger, sequencer, clock):
    async with database.transaction() as slow:
        await ledger.advance(slow.connection, asking(clock, uuid4()), actor=ANA)
        await ask_many(database, ledger, 2)
        assert await sequencer.sequence() == 0
    await settled(sequencer, 3)


async def test_only_one_of_two_sequencers_works_and_the_other_takes_over(database, ledger, key, clock):
    def another() -> Sequencer:
        return Sequencer(database, key=key, origin=ORIGIN, clock=clock, interval=timedelta(milliseconds=10))

    first, second = another(), another()
    running = [asyncio.create_task(each.run()) for each in (first, second)]
    await ask_many(database, ledger, 5)
    await reaches(database, 5)
    first.stop()
    await running[0]
    await ask_many(database, ledger, 5)
    await reaches(database, 10)
    second.stop()
    await running[1]


async def test_a_sequencer_that_loses_its_database_connection_goes_on(database, ledger, sequencer, superuser_url):
    running = asyncio.create_task(sequencer.run())
    await ask_many(database, ledger, 1)
    await reaches(database, 1)
    with psycopg.connect(superuser_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    await ask_many(database, ledger, 1)
    await reaches(database, 2)
    sequencer.stop()
    await running


async def test_an_entry_put_in_by_hand_is_never_sequenced(database, ledger, sequencer, superuser_url):
    await ask_many(database, ledger, 2)
    with psycopg.connect(superuser_url) as admin:
        admin.execute(
            "INSERT INTO ledger_entry (id, at, event, subject_table, subject, source, target, actor, trace, data, mac)"
            " SELECT gen_random_uuid(), at, event, subject_table, subject, source, target, actor, trace, data, mac"
            " FROM ledger_entry LIMIT 1"
        )
    await settled(sequencer, 2)
    assert await sequencer.sequence() == 0


async def test_entries_restored_from_a_dump_of_another_cluster_are_sequenced(
    database, ledger, sequencer, superuser_url
):
    await ask_many(database, ledger, 2)
    await settled(sequencer, 2)
    await ask_many(database, ledger, 1)
    with psycopg.connect(superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_entry SET xid = '999999999999'::xid8")
        admin.execute("UPDATE ledger_checkpoint SET last_xid = '999999999999'::xid8")
    await settled(sequencer, 1)
    await ask_many(database, ledger, 2)
    await settled(sequencer, 2)
    assert (await sizes(database))[-1] == 5


async def reaches(database: Database, size: int) -> None:
    async with asyncio.timeout(20):
        while (await sizes(database) or [0])[-1] != size:
            await asyncio.sleep(0.01)
