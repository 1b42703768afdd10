"""The whole ledger of a database, checked in one snapshot: entries, leaves, checkpoints, and the rows they explain."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from core.clock import Clock
from core.ledger.rows import entry_fields
from core.lifecycle import Lifecycle
from core.proof.checkpoint import Checkpoint
from core.proof.entry import EntryFields
from core.proof.keys import VerifyingKey
from core.proof.report import Problem, Report
from core.proof.verify import verify

SEQUENCED_WITHIN = timedelta(minutes=1)
"""An entry older than this without a leaf is a finding: either the sequencer is down or it would not sign it."""

_ENTRIES = """
    SELECT e.id, e.at, e.event, e.subject_table, e.subject, e.source, e.target, e.actor, e.trace,
        e.data::text AS data, e.mac
    FROM ledger_entry e LEFT JOIN ledger_leaf l ON l.entry = e.id ORDER BY l.index NULLS LAST, e.xid, e.id"""

_UNEXPLAINED = """
    SELECT r.id, r.status, last.targets FROM {table} r LEFT JOIN LATERAL (
        SELECT array_agg(target) AS targets FROM ledger_entry
        WHERE subject = r.id AND subject_table = {name}
        GROUP BY xid ORDER BY xid DESC LIMIT 1
    ) last ON true WHERE r.status = ANY (last.targets) IS NOT TRUE ORDER BY r.id"""


def verify_database(
    url: str,
    *,
    verifying_key: VerifyingKey,
    mac_key: bytes | None,
    clock: Clock,
    lifecycles: Iterable[Lifecycle] = (),
    anchor: Checkpoint | None = None,
) -> Report:
    """Check everything at ``url`` in one repeatable-read snapshot.

    ``lifecycles``: tables whose every status must be what its last entry says. Streams: a large ledger does not
    fill the memory. Raises psycopg.OperationalError when the database cannot be reached.
    """
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        report = verify(
            _entries(connection),
            _leaves(connection),
            _checkpoints(connection),
            verifying_key=verifying_key,
            mac_key=mac_key,
            anchor=anchor,
            sequenced_before=clock.now() - SEQUENCED_WITHIN,
        )
        unexplained = [problem for each in lifecycles for problem in _unexplained(connection, each)]
    return replace(report, problems=[*report.problems, *unexplained])


def _entries(connection: psycopg.Connection[object]) -> Iterator[tuple[EntryFields, bytes]]:
    with connection.cursor("entries", row_factory=dict_row) as cursor:
        cursor.itersize = 5000
        cursor.execute(_ENTRIES)
        for row in cursor:
            yield entry_fields(row), row["mac"]


def _leaves(connection: psycopg.Connection[object]) -> Iterator[tuple[int, UUID, bytes]]:
    with connection.cursor("leaves", row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.itersize = 5000
        cursor.execute("SELECT index, entry, hash FROM ledger_leaf ORDER BY index")
        yield from cursor


def _checkpoints(connection: psycopg.Connection[object]) -> Iterator[tuple[int, str]]:
    with connection.cursor("checkpoints", row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.execute("SELECT size, note FROM ledger_checkpoint ORDER BY size")
        yield from cursor


def _unexplained(connection: psycopg.Connection[object], lifecycle: Lifecycle) -> Iterator[Problem]:
    query = sql.SQL(_UNEXPLAINED).format(table=sql.Identifier(lifecycle.table), name=sql.Literal(lifecycle.table))
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        for row_id, status, recorded in cursor.execute(query):
            said = ", ".join(recorded or ["nothing"])
            text = f"{lifecycle.table} {row_id} is “{status}”, but its last ledger entries say “{said}”"
            yield Problem(kind="unexplained", entry_id=None, index=None, text=text)
