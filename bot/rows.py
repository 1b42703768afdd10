"""What the rows say about how the house fares: overdue grants, the ledger's lag, the queue, what happened since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database.connections import Connection

OVERDUE_AFTER = timedelta(seconds=30)
"""A grant that ran out a moment ago is being revoked; one that ran out a sweep ago is late."""

# Only what lies above the last checkpoint can be without a number, so the whole ledger is never scanned.
_STANDING = """
    WITH head AS (SELECT last_xid, last_entry FROM ledger_checkpoint ORDER BY size DESC LIMIT 1),
    overdue AS (
        SELECT count(*) AS many, min(since) AS since FROM (
            SELECT due_at AS since FROM access_grant WHERE status IN ('granting', 'active') AND due_at < %(late)s
            UNION ALL
            SELECT coalesce(ended_at, due_at) FROM access_grant
            WHERE status = 'revoking' AND coalesce(ended_at, due_at) < %(late)s
        ) late
    )
    SELECT overdue.many, overdue.since, (
        SELECT min(at) FROM ledger_entry e WHERE (e.xid, e.id) > (
            coalesce((SELECT last_xid FROM head), '0'::xid8),
            coalesce((SELECT last_entry FROM head), '00000000-0000-0000-0000-000000000000')))
    FROM overdue"""

_QUEUE = """
    SELECT count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'picked'),
        count(*) FILTER (WHERE status NOT IN ('queued', 'picked')),
        coalesce(extract(epoch FROM now() - min(execute_after) FILTER (
            WHERE status = 'queued' AND execute_after <= now())), 0)::float8
    FROM pgqueuer"""

_GRANTS = "SELECT status, count(*) FROM access_grant WHERE status IN ('granting', 'active', 'revoking') GROUP BY 1"

_TRANSITIONS = """
    SELECT e.event, count(*) FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry
    WHERE l.index >= %(begin)s AND l.index < %(end)s GROUP BY 1"""

_LAGS = "SELECT lag_seconds FROM access_grant WHERE revoked_at > %(after)s AND revoked_at <= %(until)s"


@dataclass(frozen=True, slots=True)
class Standing:
    """Grants past their end and entries without a number; instants are of the oldest, None where there is none."""

    overdue: int
    overdue_since: datetime | None
    unsequenced_since: datetime | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs by what they do now. ``parked`` were given up; ``oldest_wait`` of a runnable one is in seconds."""

    queued: int
    picked: int
    parked: int
    oldest_wait: float


async def standing(connection: Connection, *, now: datetime) -> Standing:
    cursor = await connection.execute(_STANDING, {"late": now - OVERDUE_AFTER})
    return Standing(*(await cursor.fetchone() or (0, None, None)))


async def queue(connection: Connection) -> Queue:
    return Queue(*(await (await connection.execute(_QUEUE)).fetchone() or (0, 0, 0, 0.0)))


async def live_grants(connection: Connection) -> Mapping[str, int]:
    """How many grants are in each state that is not their last."""
    return dict(await (await connection.execute(_GRANTS)).fetchall())


async def ledger_size(connection: Connection) -> int:
    row = await (await connection.execute("SELECT max(size) FROM ledger_checkpoint")).fetchone()
    return int(row[0] or 0) if row else 0


async def transitions(connection: Connection, *, begin: int, end: int) -> Mapping[str, int]:
    """How often each event happened between two sizes of the ledger."""
    return dict(await (await connection.execute(_TRANSITIONS, {"begin": begin, "end": end})).fetchall())


async def lags(connection: Connection, *, after: datetime, until: datetime) -> list[float]:
    """The measured lags (seconds) of the grants that were confirmed gone in that time."""
    cursor = await connection.execute(_LAGS, {"after": after, "until": until})
    return [float(lag) for (lag,) in await cursor.fetchall()]
