"""`advance()` on real PostgreSQL: all or nothing, guarded, recorded, and impossible to go around."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from core.database import Database
from core.errors import Conflict
from core.jobs import Job
from core.ledger import Move, entries_of
from playbooks.access.lifecycle import PENDING, REQUEST
from tests.unit.core_ledger.requests import ANA, asking


async def rows(database: Database, query: str, *parameters: object) -> list[tuple[object, ...]]:
    async with database.autocommit() as connection:
        return await (await connection.execute(query, parameters)).fetchall()


async def test_a_new_row_comes_with_its_entry_and_its_jobs(database, ledger, clock):
    request = uuid4()
    async with database.autocommit() as connection:
        row = await ledger.advance(connection, asking(clock, request, jobs=(Job("draw", {"a": "b"}),)), actor=ANA)
        (entry,) = await entries_of(connection, request)
    assert row["status"] == PENDING
    assert (entry.event, entry.source, entry.target, entry.actor) == ("ACC-001", "", PENDING, "person:ana")
    assert entry.data == {"why": "test"}
    assert await rows(database, "SELECT entrypoint, payload FROM pgqueuer") == [("draw", b'{"a":"b"}')]


async def test_of_two_who_move_the_same_row_one_is_told_that_it_was_late(database, ledger, clock):
    request = uuid4()
    move = Move(REQUEST, "withdraw", request, PENDING, jobs=[Job("once")])
    async with database.autocommit() as connection:
        await ledger.advance(connection, asking(clock, request), actor=ANA)
        await ledger.advance(connection, move, actor=ANA)
        with pytest.raises(Conflict):
            await ledger.advance(connection, move, actor=ANA)
        assert [each.event for each in await entries_of(connection, request)] == ["ACC-001", "ACC-005"]
    assert await rows(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'once'") == [(1,)]


async def test_an_undeclared_move_is_impossible(database, ledger):
    with pytest.raises(Conflict):
        async with database.autocommit() as connection:
            await ledger.advance(connection, Move(REQUEST, "approve", uuid4(), "denied"), actor=ANA)


async def test_a_rolled_back_transaction_leaves_no_row_no_entry_and_no_job(database, ledger, clock):
    async def fails() -> None:
        async with database.transaction() as tx:
            await ledger.advance(tx.connection, asking(clock, uuid4(), jobs=(Job("draw"),)), actor=ANA)
            raise RuntimeError("after the move")

    with pytest.raises(RuntimeError):
        await fails()
    for table in ("access_request", "ledger_entry", "pgqueuer"):
        assert await rows(database, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_a_guard_that_does_not_hold_leaves_the_row_alone(database, ledger, clock):
    request = uuid4()
    async with database.autocommit() as connection:
        await ledger.advance(connection, asking(clock, request), actor=ANA)
        early = Move(REQUEST, "expire", request, PENDING, reached={"expires_at": clock.now()})
        with pytest.raises(Conflict):
            await ledger.advance(connection, early, actor=ANA)
        fenced = Move(REQUEST, "withdraw", request, PENDING, where={"decided_by": "somebody"})
        with pytest.raises(Conflict):
            await ledger.advance(connection, fenced, actor=ANA)
        clock.advance(timedelta(hours=9))
        due = Move(REQUEST, "expire", request, PENDING, reached={"expires_at": clock.now()})
        assert (await ledger.advance(connection, due, actor=ANA))["status"] == "expired"


async def test_the_same_submission_twice_is_one_request(database, ledger, clock):
    async with database.autocommit() as connection:
        await ledger.advance(connection, asking(clock, uuid4(), submission="V1"), actor=ANA)
        with pytest.raises(Conflict):
            await ledger.advance(connection, asking(clock, uuid4(), submission="V1"), actor=ANA)
    assert await rows(database, "SELECT count(*) FROM ledger_entry") == [(1,)]


async def test_a_status_changed_by_hand_does_not_commit(database, ledger, clock):
    request = uuid4()
    async with database.autocommit() as connection:
        await ledger.advance(connection, asking(clock, request), actor=ANA)
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="without a ledger entry"):
            await connection.execute("UPDATE access_request SET status = 'approved' WHERE id = %s", [request])


async def test_a_status_inserted_by_hand_does_not_commit(postgres_admin_url, database, ledger, clock):
    request = uuid4()
    async with database.autocommit() as connection:
        await ledger.advance(connection, asking(clock, request), actor=ANA)
        copy = "INSERT INTO access_request SELECT (jsonb_populate_record(r, %s)).* FROM access_request r WHERE id = %s"
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            await connection.execute(copy, [psycopg.types.json.Jsonb({"id": str(uuid4())}), request])


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_leaf", "ledger_checkpoint"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_application_cannot_change_the_ledger(database, table, statement):
    column = "mac" if table == "ledger_entry" else "hash" if table == "ledger_leaf" else "note"
    async with database.autocommit() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.format(table, column, column))


async def test_rows_on_the_record_cannot_be_deleted(database, ledger, clock):
    async with database.autocommit() as connection:
        await ledger.advance(connection, asking(clock, uuid4()), actor=ANA)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("DELETE FROM access_request")


async def test_a_grant_cannot_be_without_a_due_time(database, ledger, clock):
    async with database.autocommit() as connection:
        query = (
            "SELECT is_nullable FROM information_schema.columns WHERE table_name = 'access_grant' AND column_name = %s"
        )
        assert await (await connection.execute(query, ["due_at"])).fetchone() == ("NO",)
