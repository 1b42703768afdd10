"""``advance()``: a guarded change of one row, its ledger entry and its jobs, in one SQL statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncRawCursor
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from core.actors import Actor
from core.clock import Clock
from core.database.connections import Connection
from core.database.wake import has_news
from core.errors import Conflict
from core.jobs.enqueue import Job, job_parameters, spliced_enqueue
from core.ledger.entry_ids import entry_id
from core.lifecycle import NEW, Lifecycle
from core.proof.entry import EntryFields, canonical, mac
from core.trace import current_trace

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """One declared move of one row.

    ``source`` is the state in which the caller read the row (``NEW`` to create it). ``changes`` are further columns
    to set; ``where`` are further columns that must still hold these values (a fencing token); ``reached`` are instants
    that must have come (no instant at all counts as come). ``data`` goes into the entry: facts an auditor needs,
    never a secret.
    """

    lifecycle: Lifecycle
    command: str
    subject: UUID
    source: str
    changes: Mapping[str, object] = field(default_factory=dict)
    where: Mapping[str, object] = field(default_factory=dict)
    reached: Mapping[str, datetime] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)
    jobs: Sequence[Job] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Writes entries that carry a MAC, so that an entry which Chaperone did not write can be told apart."""

    mac_key: bytes = field(repr=False)
    clock: Clock

    async def advance(self, connection: Connection, move: Move, *, actor: Actor) -> Row:
        """Make the move on this connection and answer the whole row as it is now.

        Raises Conflict when the table declares no such move or the row is no longer in ``move.source``; then
        nothing was written. The deferred trigger refuses the commit of any status changed in another way.
        """
        declared = move.lifecycle.move(move.command, move.source)
        entry = self._entry(move, declared.event.code, declared.target, actor=actor)
        sql = _statement(_shape(move))
        values = [declared.target, move.subject, move.source, *map(_adapted, move.changes.values())]
        guards = [*move.where.values(), *move.reached.values()]
        parameters = [*values, *guards, *entry, *(job_parameters(move.jobs) if move.jobs else ())]
        cursor = AsyncRawCursor(connection, row_factory=dict_row)
        await cursor.execute(sql, parameters)
        row = await cursor.fetchone()
        if row is not None and move.jobs:
            has_news(connection)
        if row is None:
            raise Conflict(f"Somebody else was first: this {_spoken(move.lifecycle.table)} is no longer {move.source}.")
        return row

    def _entry(self, move: Move, event: str, target: str, *, actor: Actor) -> tuple[object, ...]:
        at = self.clock.now()
        fields = EntryFields(
            id=entry_id(at),
            at=at,
            event=event,
            table=move.lifecycle.table,
            subject=move.subject,
            source=move.source,
            target=target,
            actor=str(actor),
            trace=current_trace(),
            data=orjson.dumps(dict(move.data), default=str).decode(),
        )
        return (
            fields.id,
            fields.at,
            fields.event,
            fields.table,
            fields.source,
            fields.actor,
            fields.trace,
            fields.data,
            mac(self.mac_key, canonical(fields)),
        )


_ENTRY_CASTS = ("uuid", "timestamptz", "text", "text", "text", "text", "text", "json", "bytea")


def _adapted(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value


def _spoken(table: str) -> str:
    return table.removeprefix("access_").replace("_", " ")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the SQL of a move depends on; everything else is a parameter."""

    table: str
    changes: tuple[str, ...]
    where: tuple[str, ...]
    reached: tuple[str, ...]
    opening: bool
    jobs: bool

    @property
    def first_guard(self) -> int:
        return 4 + len(self.changes)

    @property
    def first_entry(self) -> int:
        return self.first_guard + len(self.where) + len(self.reached)


def _shape(move: Move) -> _Shape:
    return _Shape(
        move.lifecycle.table,
        tuple(move.changes),
        tuple(move.where),
        tuple(move.reached),
        move.source == NEW,
        bool(move.jobs),
    )


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> str:
    """The SQL of one shape of move. $1 target, $2 subject, $3 source, then changes, guards, entry, jobs."""
    write = _insert(shape) if shape.opening else _update(shape)
    entry = ", ".join(f"${shape.first_entry + i}::{cast}" for i, cast in enumerate(_ENTRY_CASTS))
    jobs = ""
    if shape.jobs:
        jobs = ", " + spliced_enqueue(shape.first_entry + len(_ENTRY_CASTS), "EXISTS (SELECT 1 FROM moved)")
    # Identifiers come from our own transition tables; every value is a parameter.
    return f"""
        WITH moved AS ({write}),
        entry AS (
            INSERT INTO ledger_entry
                (id, at, event, subject_table, source, actor, trace, data, mac, subject, target)
            SELECT {entry}, moved.id, moved.status FROM moved
        ){jobs}
        SELECT * FROM moved"""


def _insert(shape: _Shape) -> str:
    columns = "".join(f", {name}" for name in shape.changes)
    values = "".join(f", ${4 + i}" for i in range(len(shape.changes)))
    return (
        f"INSERT INTO {shape.table} (status, id{columns}) SELECT $1, $2{values} WHERE $3 = '' "
        "ON CONFLICT DO NOTHING RETURNING *"
    )


def _update(shape: _Shape) -> str:
    settings = "".join(f", {name} = ${4 + i}" for i, name in enumerate(shape.changes))
    same = [f"{name} IS NOT DISTINCT FROM ${shape.first_guard + i}" for i, name in enumerate(shape.where)]
    after = shape.first_guard + len(shape.where)
    come = [f"({name} IS NULL OR {name} <= ${after + i})" for i, name in enumerate(shape.reached)]
    guards = "".join(f" AND {guard}" for guard in [*same, *come])
    return f"UPDATE {shape.table} SET status = $1{settings} WHERE id = $2 AND status = $3{guards} RETURNING *"
