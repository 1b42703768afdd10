"""The sequencer: gives entries their numbers, extends the tree and signs checkpoints. One at a time, anywhere."""

import asyncio
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import structlog
from psycopg import OperationalError
from psycopg.rows import dict_row

from core.clock import Clock
from core.database.connections import Connection, Database
from core.errors import described
from core.ledger.advance import Row
from core.ledger.rows import entry_fields
from core.proof.checkpoint import Checkpoint, sign
from core.proof.entry import canonical, mac
from core.proof.keys import SigningKey
from core.proof.tree import Frontier, leaf_hash

log = structlog.get_logger()

_ELECTION = 0x6C656467  # "ledg": whoever holds this advisory lock is the sequencer

# Only rows below the oldest transaction still running: nobody can commit below it later, so there are no gaps.
_BATCH = """
    SELECT id, xid::text AS xid, at, event, subject_table, subject, source, target, actor, trace,
        data::text AS data, mac
    FROM ledger_entry e
    WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) AND (xid, id) > (%s::xid8, %s)
        AND NOT EXISTS (SELECT 1 FROM ledger_leaf WHERE entry = e.id)
    ORDER BY xid, id LIMIT %s"""

# A dump restored into another cluster brings entries whose transaction ids this cluster has not reached yet. They
# are committed all the same: a row that we can see with such an id can only have been restored.
_RESTORED = _BATCH.replace("xid < pg_snapshot_xmin", "xid >= pg_snapshot_xmax")

_HEAD = """
    SELECT size, last_xid::text, last_entry, frontier, last_xid >= pg_snapshot_xmax(pg_current_snapshot())
    FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"""
_ADD_LEAVES = """
    INSERT INTO ledger_leaf (index, entry, hash) SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[])"""
_ADD_CHECKPOINT = """
    INSERT INTO ledger_checkpoint (size, at, note, last_xid, last_entry, frontier) VALUES (%s, %s, %s, %s, %s, %s)"""


@dataclass(frozen=True, slots=True)
class _Head:
    frontier: Frontier
    last_xid: str
    last_entry: UUID


class Sequencer:
    """Run one in every clock process; the advisory lock elects the one that works."""

    def __init__(
        self,
        database: Database,
        *,
        key: SigningKey,
        origin: str,
        clock: Clock,
        batch: int = 5000,
        interval: timedelta = timedelta(milliseconds=500),
    ) -> None:
        self._database = database
        self._key = key
        self._mac_key = key.entry_mac_key()
        self._origin = origin
        self._clock = clock
        self._batch = batch
        self._interval = interval
        self._stopping = asyncio.Event()
        self._reported: set[UUID] = set()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Sequence until stopped. A lost connection loses the election; it is sought again."""
        while not self._stopping.is_set():
            try:
                await self._serve()
            except (OperationalError, OSError) as error:
                log.warning("sequencer.database_lost", **described(error))
                await self._pause()

    async def sequence(self) -> int:
        """Sequence everything that can be, once, and answer how many entries that were.

        0 also means that another process is the sequencer at this moment.
        """
        connection = await self._database.connect()
        try:
            return await self._catch_up(connection) if await _elected(connection) else 0
        finally:
            await connection.close()

    async def _serve(self) -> None:
        connection = await self._database.connect()
        try:
            while not self._stopping.is_set() and not await _elected(connection):
                await self._pause()
            await self._catch_up(connection)
            while not self._stopping.is_set():
                await self._drain(connection, _BATCH)
                await self._pause()
        finally:
            await connection.close()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), self._interval.total_seconds())
        except TimeoutError:
            return

    async def _catch_up(self, connection: Connection) -> int:
        """What a new sequencer does first: entries restored from a dump, then the rest."""
        return await self._drain(connection, _RESTORED) + await self._drain(connection, _BATCH)

    async def _drain(self, connection: Connection, query: LiteralString) -> int:
        total = 0
        while taken := await self._extend(connection, query):
            total += taken
        return total

    async def _extend(self, connection: Connection, query: LiteralString) -> int:
        """One batch: leaves and checkpoint in one transaction. Answers how many entries it took."""
        async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            head = await _head(connection)
            await cursor.execute(query, [head.last_xid, head.last_entry, self._batch])
            rows = [row for row in await cursor.fetchall() if self._written_by_us(row)]
            if rows:
                await self._write(connection, head, rows)
        return len(rows)

    def _written_by_us(self, row: Row) -> bool:
        """An entry that somebody put into the table by hand is never signed; `ledger verify` names it."""
        genuine = hmac.compare_digest(mac(self._mac_key, canonical(entry_fields(row))), row["mac"])
        if not genuine and row["id"] not in self._reported:
            self._reported.add(row["id"])
            log.error("ledger.foreign_entry", entry=str(row["id"]), event_code=row["event"])
        return genuine

    async def _write(self, connection: Connection, head: _Head, rows: list[Row]) -> None:
        frontier, start = head.frontier, head.frontier.size
        hashes = [leaf_hash(canonical(entry_fields(row))) for row in rows]
        frontier.append(hashes)
        async with connection.cursor() as cursor:
            await cursor.execute(
                _ADD_LEAVES,
                [list(range(start, frontier.size)), [row["id"] for row in rows], hashes],
            )
            note = sign(Checkpoint(self._origin, frontier.size, frontier.root()), self._key)
            await cursor.execute(
                _ADD_CHECKPOINT,
                [frontier.size, self._clock.now(), note, rows[-1]["xid"], rows[-1]["id"], frontier.to_list()],
            )


async def _elected(connection: Connection) -> bool:
    """Held until the connection ends, so a sequencer that vanishes is followed by another at once."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [_ELECTION])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _head(connection: Connection) -> _Head:
    """Where the tree ends. A last transaction that this cluster has not reached was restored: begin at its start."""
    cursor = await connection.execute(_HEAD)
    row = await cursor.fetchone()
    if row is None:
        return _Head(Frontier(), "0", UUID(int=0))
    size, last_xid, last_entry, frontier, restored = row
    return _Head(Frontier.from_list(size, list(frontier)), "0" if restored else last_xid, last_entry)
