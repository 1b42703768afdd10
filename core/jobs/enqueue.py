"""Putting jobs into PgQueuer's queue inside the caller's own transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import orjson
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.domain.settings import DBSettings
from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from core.database.connections import Connection
from core.database.wake import has_news
from core.trace import current_trace

JOB_PARAMETERS = 6
"""How many parameters PgQueuer's enqueue statement takes; `tests/contracts/test_pgqueuer.py` pins it."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: the handler's name and what it needs to load its rows.

    ``after`` is counted from now; ``once`` is a key under which no second job waits or runs at the same time.
    """

    name: str
    payload: Mapping[str, str] = field(default_factory=dict)
    after: timedelta = timedelta()
    once: str | None = None
    priority: int = 0


def job_parameters(jobs: Sequence[Job]) -> tuple[list[object], ...]:
    """The six arrays of PgQueuer's enqueue statement, with our trace id in the headers."""
    headers = Jsonb({"trace": current_trace()})
    return (
        [job.priority for job in jobs],
        [job.name for job in jobs],
        [orjson.dumps(dict(job.payload)) for job in jobs],
        [max(job.after, timedelta()) for job in jobs],
        [job.once for job in jobs],
        [headers for _ in jobs],
    )


@cache
def enqueue_query() -> str:
    """PgQueuer's own statement; a second job under the same key is left out."""
    return QueryQueueBuilder(DBSettings()).build_enqueue_query(on_conflict="skip")


async def enqueue(connection: Connection, jobs: Sequence[Job]) -> None:
    """Enqueue on this connection, as part of whatever transaction is open on it."""
    if jobs:
        has_news(connection)
        await AsyncRawCursor(connection).execute(enqueue_query(), job_parameters(jobs))


def spliced_enqueue(first: int, condition: str) -> str:
    """PgQueuer's enqueue statement as common table expressions of a larger one.

    Its parameters are numbered from ``first`` on; nothing is enqueued unless ``condition`` (SQL) holds.
    """
    body = re.sub(r"--[^\n]*", "", enqueue_query()).strip().removeprefix("WITH ")
    expressions, _, _ = body.rpartition("SELECT i.ord AS ord")

    def renumbered(match: re.Match[str]) -> str:
        return f"(SELECT ${int(match[1]) + first - 1}{match[2]} WHERE {condition})"

    return re.sub(r"\$(\d)(::\w+\[\])", renumbered, expressions).strip()
