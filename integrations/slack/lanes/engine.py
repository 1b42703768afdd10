"""The engine that keeps each message true: claim, draw from the rows, compare, act, record."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

import orjson
import structlog

from core.clock import Clock
from core.database import Database
from core.errors import ChaperoneError, NotFound, Permanent, Transient, described
from integrations.messages import HOME_PREFIX, ThreadMessenger, open_lane
from integrations.ports import Drawing, Posted
from integrations.slack.lanes.rows import HeldLane, LaneRows

log = structlog.get_logger()

T = TypeVar("T")

Drawer = Callable[[str], Awaitable[Drawing | None]]
"""Takes what follows ``:`` in the lane, loads rows now, answers how the message should look (None: nothing yet)."""

Followers = Callable[[str], Awaitable[Sequence[str]]]
"""Takes what follows ``:`` in a subject, answers the other subjects that show it too (somebody's Home)."""

LEASE = timedelta(seconds=20)
PATIENCE = timedelta(seconds=15)
"""The longest that one step at Slack may take: well within the lease, which each step renews."""


class Lanes:
    """Draws lanes. Any number of processes may draw the same one: the newest rows end up on the screen, once."""

    def __init__(
        self,
        database: Database,
        messenger: ThreadMessenger,
        clock: Clock,
        drawers: Mapping[str, Drawer],
        *,
        followers: Mapping[str, Followers] | None = None,
        lease: timedelta = LEASE,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._clock = clock
        self._drawers = drawers
        self._followers = dict(followers or {})
        self._patience = patience
        self._rows = LaneRows(database, lease)

    async def draw(self, subject: str) -> None:
        """Bring every message of the subject up to date, and those of the subjects that show it too.

        Raises Transient when any of them has to be drawn again later; what a person must mend first is stored as the
        lane's fault instead.
        """
        kind, _, key = subject.partition(":")
        showing = await self._followers[kind](key) if kind in self._followers else []
        lanes = [lane for each in [subject, *showing] for lane in await self._rows.of_subject(each)]
        outcomes = await asyncio.gather(*(self._draw_lane(lane) for lane in lanes), return_exceptions=True)
        _raise_soonest([error for error in outcomes if error is not None])

    async def draw_home(self, user: str) -> None:
        """Bring the Home tab of this Slack user up to date."""
        lane = f"{HOME_PREFIX}:{user}"
        async with self._database.autocommit() as connection:
            await open_lane(connection, lane=lane, subject=lane, channel=user)
        await self.draw(lane)

    async def tell(self, channel: str, user: str, text: str) -> None:
        """Say something that only this person sees; in a direct message where the bot may not speak in the channel.

        Raises Transient, and Permanent or NotFound when the person cannot be reached at all.
        """
        drawing = Drawing(text, [])
        try:
            await self._messenger.ephemeral(channel, user, drawing)
        except (NotFound, Permanent) as error:
            log.info("message.told_directly", **described(error))
            await self._messenger.post(user, drawing, lane=f"tell:{user}")

    async def stale(self, limit: int) -> list[str]:
        """Subjects with a call of unknown outcome or a fault, to be drawn again by the periodic sweep."""
        return await self._rows.stale(limit)

    async def _draw_lane(self, lane: str) -> None:
        async with self._rows.holding(lane) as held:
            try:
                await self._bring_up_to_date(held)
            except Transient:
                raise
            except ChaperoneError as error:
                if held.fault != str(error):
                    log.warning("message.fault", lane=lane, fault=str(error))
                await self._rows.note_fault(held, str(error))

    async def _bring_up_to_date(self, held: HeldLane) -> None:
        kind, _, key = held.lane.partition(":")
        if kind not in self._drawers:
            raise Permanent(f"Nobody here draws {kind} messages. Bring every process to the same release.")
        drawing = await self._drawers[kind](key)
        if drawing is None or _digest(drawing) == held.drawn:
            if held.fault:
                await self._rows.note_fault(held, None)
        elif kind == HOME_PREFIX:
            await self._publish(held, drawing)
        else:
            await self._show(held, drawing)

    async def _show(self, held: HeldLane, drawing: Drawing) -> None:
        if held.posted:
            try:
                return await self._update(held, held.posted, drawing)
            except NotFound:
                # Its place is kept until a new message stands: a channel that comes back brings the old one along.
                log.info("message.gone", lane=held.lane)
        thread_ts = await self._thread(drawing)
        if held.intent_at and (found := await self._lost(held, held.intent_at, thread_ts)):
            return await self._update(held, found, drawing)
        return await self._post(held, drawing, thread_ts)

    async def _update(self, held: HeldLane, posted: Posted, drawing: Drawing) -> None:
        await self._rows.begin(held)
        await self._within(self._messenger.update(posted, drawing, lane=held.lane))
        await self._rows.store(held, posted, _digest(drawing))

    async def _post(self, held: HeldLane, drawing: Drawing, thread_ts: str | None) -> None:
        async with self._intent(held):
            posted = await self._within(
                self._messenger.post(held.channel, drawing, lane=held.lane, thread_ts=thread_ts)
            )
        await self._rows.store(held, posted, _digest(drawing))

    async def _publish(self, held: HeldLane, drawing: Drawing) -> None:
        async with self._intent(held):
            await self._within(self._messenger.publish_home(held.channel, drawing.blocks))
        await self._rows.store(held, None, _digest(drawing))

    async def _lost(self, held: HeldLane, since: datetime, thread_ts: str | None) -> Posted | None:
        """The message of an earlier post whose reply never came, other than the one that we know of."""
        await self._rows.begin(held)
        find = self._messenger.find(held.channel, lane=held.lane, since=since, thread_ts=thread_ts)
        found = await self._within(find)
        return None if found == held.posted else found

    async def _thread(self, drawing: Drawing) -> str | None:
        """The ``ts`` under which to post. Raises Transient until the message above stands."""
        if drawing.thread_of is None:
            return None
        above, fault = await self._rows.place(drawing.thread_of)
        if above:
            return above.ts
        if fault:
            raise Permanent(f"The message above it cannot be posted. {fault}")
        raise Transient(f"The message {drawing.thread_of} is not posted yet. The one under it is tried again.")

    @asynccontextmanager
    async def _intent(self, held: HeldLane) -> AsyncIterator[None]:
        """The block calls Slack: commit that first, and take it back if the call certainly had no effect."""
        await self._rows.begin(held, intent_at=self._clock.now())
        try:
            yield
        except ChaperoneError as error:
            if not (isinstance(error, Transient) and error.outcome_unknown):
                await self._rows.forget_intent(held)
            raise

    async def _within(self, step: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await step
        except TimeoutError:
            raise Transient("Slack took too long. It is looked up and tried again.", outcome_unknown=True) from None


def _digest(drawing: Drawing) -> str:
    shown = orjson.dumps([drawing.text, drawing.blocks], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(shown).hexdigest()


def _raise_soonest(errors: Sequence[BaseException]) -> None:
    """Raise the error after which work goes on earliest: one lane's trouble must not hold up the others."""
    passing = [error for error in errors if isinstance(error, Transient)]
    chosen = min(passing, key=_wait, default=None) or next(iter(errors), None)
    for error in errors:
        if error is not chosen:
            log.warning("message.draw_failed", **described(error))
    if chosen:
        raise chosen


def _wait(error: Transient) -> float:
    """Seconds. Where the other side named no time the first pause of the backoff is about a second."""
    return 1.0 if error.retry_after is None else error.retry_after
