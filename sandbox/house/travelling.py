"""Time travel: every process's clock at once, and what became due by it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import TravellingClock
from core.database import Database
from core.jobs import Job, enqueue
from core.policy import in_words, parse_duration
from sandbox.house.faults import SandboxFault

_SHORT = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)

_DUE = """
    SELECT what, who, entitlement, since FROM (
        SELECT 'access that has run out' AS what, r.requester_name AS who, g.entitlement, g.due_at AS since
        FROM access_grant g JOIN access_request r ON r.id = g.request_id
        WHERE g.status IN ('granting', 'active') AND g.due_at <= %(now)s
        UNION ALL
        SELECT 'reminder before the end', r.requester_name, g.entitlement, g.remind_at
        FROM access_grant g JOIN access_request r ON r.id = g.request_id
        WHERE g.status = 'active' AND g.remind_at <= %(now)s AND g.due_at > %(now)s
        UNION ALL
        SELECT 'request that nobody decided', requester_name, entitlement, expires_at
        FROM access_request WHERE status = 'pending' AND expires_at <= %(now)s
    ) due ORDER BY since"""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that the new time brings about."""

    what: str
    who: str
    entitlement: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.what}: {self.who}, {self.entitlement}"


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a journey ended. ``offset`` is how far the sandbox is from the machine's clock now."""

    now: datetime
    offset: timedelta
    due: tuple[Due, ...]


async def travel(by: timedelta, *, clock_file: Path, database_url: str) -> Journey:
    """Move the clock of every process that shares the file, and have the sweep find what is due now.

    Raises SandboxFault for a journey into the past: the ledger's order only knows one direction.
    """
    if by < timedelta():
        raise SandboxFault(
            "Time goes forward only, also here. For an earlier time begin anew: chaperone sandbox --fresh"
        )
    clock = TravellingClock(clock_file)
    offset = clock.travel(by)
    now = clock.now()
    connection = await Database(database_url).connect()
    try:
        rows = await (await connection.execute(_DUE, {"now": now})).fetchall()
        await enqueue(connection, [Job("access.sweep", priority=10)])
    finally:
        await connection.close()
    return Journey(now, offset, tuple(Due(*row) for row in rows))


def duration(text: str) -> timedelta:
    """``90s``, ``45m``, ``2h``, ``1d``, ``1h30m``, or ISO 8601 (``PT2H``). Raises ValueError with examples."""
    short = _SHORT.fullmatch(text.strip().lower())
    if short and any(short.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in short.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        return parse_duration(text.strip().upper())
    except ValueError:
        raise ValueError(f"“{text}” is no length of time. Write 90s, 45m, 2h, 1d, 1h30m or PT2H.") from None


def described(journey: Journey) -> Mapping[str, object]:
    """For ``--json``."""
    return {
        "now": journey.now.isoformat(),
        "ahead_seconds": journey.offset.total_seconds(),
        "ahead": in_words(timedelta(seconds=int(journey.offset.total_seconds()))),
        "due": [
            {"what": each.what, "who": each.who, "entitlement": each.entitlement, "since": each.since.isoformat()}
            for each in journey.due
        ],
    }
