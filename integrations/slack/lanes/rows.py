"""The table ``message_lane``: claims with a lease and a fence, intents before acts, outcomes after.

Leases run on the database's clock, which all machines share and which nobody travels in; intents carry ours,
because they are compared with what we and Slack call now.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.database import Database
from core.errors import Transient
from integrations.ports import Posted

COME_AGAIN = 0.5
"""Seconds until a lane that somebody else is drawing is looked at again."""

_CLAIM = """
UPDATE message_lane SET claim = %(claim)s, claimed_until = now() + %(lease)s
WHERE lane = %(lane)s AND (claimed_until IS NULL OR claimed_until < now())
RETURNING channel, posted_channel, ts, drawn, intent_at, fault
"""
_OURS = "WHERE lane = %(lane)s AND claim = %(claim)s"
_BEGIN = f"""
UPDATE message_lane
SET claimed_until = now() + %(lease)s, drawn = NULL, intent_at = COALESCE(intent_at, %(intent_at)s) {_OURS}
"""  # noqa: S608  only our own constant is spliced in
_STORE = f"""
UPDATE message_lane
SET posted_channel = %(posted_channel)s, ts = %(ts)s, drawn = %(drawn)s, intent_at = NULL, fault = NULL {_OURS}
"""  # noqa: S608  as above
_FORGET_INTENT = f"UPDATE message_lane SET intent_at = NULL {_OURS}"  # noqa: S608  as above
_FAULT = f"UPDATE message_lane SET fault = %(fault)s {_OURS}"  # noqa: S608  as above
_RELEASE = f"UPDATE message_lane SET claim = NULL, claimed_until = NULL {_OURS}"  # noqa: S608  as above
_BREAK = "UPDATE message_lane SET claim = NULL, claimed_until = NULL, drawn = NULL WHERE lane = %(lane)s"
_STALE = """
SELECT subject FROM message_lane
WHERE (claimed_until IS NULL OR claimed_until < now())
  AND (intent_at IS NOT NULL OR fault IS NOT NULL OR (ts IS NOT NULL AND drawn IS NULL))
GROUP BY subject
ORDER BY bool_and(fault IS NOT NULL), random() LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class HeldLane:
    """A lane as it was when we claimed it. ``intent_at`` is set if an earlier post's outcome is unknown."""

    lane: str
    claim: uuid.UUID
    channel: str
    posted: Posted | None
    drawn: str | None
    intent_at: datetime | None
    fault: str | None


class LaneRows:
    """Reads and writes lanes, each write guarded by the claim it is made under."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease

    async def of_subject(self, subject: str) -> list[str]:
        rows = await self._read("SELECT lane FROM message_lane WHERE subject = %(s)s ORDER BY lane", {"s": subject})
        return [lane for (lane,) in rows]

    async def place(self, lane: str) -> tuple[Posted | None, str | None]:
        """Where a lane's message stands and the lane's fault, if any."""
        rows = await self._read(
            "SELECT posted_channel, ts, fault FROM message_lane WHERE lane = %(lane)s", {"lane": lane}
        )
        if not rows:
            return None, None
        channel, ts, fault = rows[0]
        return _posted(channel, ts), fault

    async def stale(self, limit: int) -> list[str]:
        """Subjects left unfinished, those that only wait for a person last; at random, so that none starves."""
        return [subject for (subject,) in await self._read(_STALE, {"limit": limit})]

    @asynccontextmanager
    async def holding(self, lane: str) -> AsyncIterator[HeldLane]:
        """Claim the lane for the block. Raises Transient when somebody else holds it."""
        claim = uuid.uuid4()
        rows = await self._read(_CLAIM, {"lane": lane, "claim": claim, "lease": self._lease})
        if not rows:
            raise Transient(f"The message {lane} is just being drawn. It is looked at again.", retry_after=COME_AGAIN)
        channel, posted_channel, ts, drawn, intent_at, fault = rows[0]
        held = HeldLane(lane, claim, channel, _posted(posted_channel, ts), drawn, intent_at, fault)
        try:
            yield held
        finally:
            await self._write(_RELEASE, held)

    async def begin(self, held: HeldLane, *, intent_at: datetime | None = None) -> None:
        """Say that Slack is about to be called: what is on the screen is unknown from here on. Renews the lease.

        ``intent_at`` marks a call whose effect must be looked for should its reply be lost; an earlier mark stays.
        Raises Transient when the claim is lost.
        """
        await self._guarded(_BEGIN, held, intent_at=intent_at, lease=self._lease)

    async def store(self, held: HeldLane, posted: Posted | None, drawn: str) -> None:
        """Record what is on the screen now. Raises Transient when the claim was lost meanwhile."""
        channel, ts = (posted.channel, posted.ts) if posted else (None, None)
        await self._guarded(_STORE, held, posted_channel=channel, ts=ts, drawn=drawn)

    async def forget_intent(self, held: HeldLane) -> None:
        """The call certainly had no effect."""
        await self._guarded(_FORGET_INTENT, held)

    async def note_fault(self, held: HeldLane, fault: str | None) -> None:
        await self._guarded(_FAULT, held, fault=fault)

    async def _guarded(self, query: str, held: HeldLane, **values: object) -> None:
        if await self._write(query, held, **values):
            return
        # Our call may have landed after the new holder's. Breaking every claim makes both of us draw again.
        await self._write(_BREAK, held)
        raise Transient(f"The claim on {held.lane} was lost. It is drawn again.", retry_after=COME_AGAIN)

    async def _write(self, query: str, held: HeldLane, **values: object) -> int:
        async with self._database.autocommit() as connection:
            cursor = await connection.execute(query, {"lane": held.lane, "claim": held.claim} | values)
            return cursor.rowcount

    async def _read(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        async with self._database.autocommit() as connection:
            return await (await connection.execute(query, values)).fetchall()


def _posted(channel: str | None, ts: str | None) -> Posted | None:
    return Posted(channel, ts) if channel and ts else None
