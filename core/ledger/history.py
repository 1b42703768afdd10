"""Reading the ledger: the entries of a row, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from core.database.connections import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as people read it; ``index`` is its place in the tree, None until the sequencer gave it one."""

    id: UUID
    at: datetime
    event: str
    subject_table: str
    subject: UUID
    source: str
    target: str
    actor: str
    trace: str
    data: dict[str, Any]
    index: int | None


_SELECT = """
    SELECT e.id, e.at, e.event, e.subject_table, e.subject, e.source, e.target, e.actor, e.trace, e.data, l.index
    FROM ledger_entry e LEFT JOIN ledger_leaf l ON l.entry = e.id
    WHERE e.subject = ANY(%s) ORDER BY e.xid, e.id"""


async def entries_of(connection: Connection, *subjects: UUID) -> Sequence[Entry]:
    """Everything that was recorded about these rows, in the order of their transactions."""
    async with connection.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(_SELECT, [list(subjects)])
        return await cursor.fetchall()
