"""A hand-written messenger in memory, with faults that a test or a benchmark switches on."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from core.clock import Clock, SystemClock
from core.errors import ChaperoneError, NotFound, Permanent, Transient
from integrations.messages import ThreadMessenger
from integrations.ports import Blocks, Drawing, Posted

Operation = Literal["post", "update", "find", "publish_home", "open_view", "update_view", "ephemeral"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class FakeMessage:
    """One message as people see it. ``edits`` counts the updates since it was posted."""

    posted: Posted
    drawing: Drawing
    lane: str
    thread_ts: str | None = None
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Whisper:
    """An ephemeral message, as ``user`` saw it in ``channel``."""

    channel: str
    user: str
    drawing: Drawing


@dataclass
class Hold:
    """A call that has been taken and waits: ``entered`` is set once it is there, set ``release`` to let it go on."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)


class FakeMessenger(ThreadMessenger):
    """Keeps messages in memory. A user id as channel stands for that person's direct message (``D`` for ``U``).

    ``calls`` counts calls by operation, whatever became of them. ``homes`` maps a user to the Home they see; ``views``
    lists opened dialogs as ``(trigger_id, view)``; ``forms`` maps the id of each open one to its hash and itself.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.calls: Counter[Operation] = Counter()
        self.messages: list[FakeMessage] = []
        self.homes: dict[str, Blocks] = {}
        self.views: list[tuple[str, dict[str, Any]]] = []
        self.forms: dict[str, tuple[str, dict[str, Any]]] = {}
        self.whispers: list[Whisper] = []
        self._clock = clock or SystemClock()
        self._last_ts = timedelta()
        self._archived: set[str] = set()
        self._left: set[str] = set()
        self._errors: defaultdict[Operation | None, deque[ChaperoneError]] = defaultdict(deque)
        self._lost: Counter[Operation | None] = Counter()
        self._holds: defaultdict[Operation, deque[Hold]] = defaultdict(deque)

    # --- what a test switches on ----------------------------------------------------------------------------

    def fail_next(self, error: ChaperoneError, *, times: int = 1, operation: Operation | None = None) -> None:
        """Raise ``error`` from the next calls instead of acting: of one operation, or of any."""
        self._errors[operation].extend([error] * times)

    def rate_limit_next(self, *, retry_after: float = 1, times: int = 1, operation: Operation | None = None) -> None:
        """Answer 429 to the next calls."""
        error = Transient("Slack asks for a pause. It is tried again.", retry_after=retry_after)
        self.fail_next(error, times=times, operation=operation)

    def break_next(self, times: int = 1, operation: Operation | None = None) -> None:
        """Answer 500 to the next calls without acting: nobody can tell it from a lost reply."""
        self.fail_next(_broken(), times=times, operation=operation)

    def lose_next_reply(self, times: int = 1, operation: Operation | None = None) -> None:
        """Carry out the next calls and then raise Transient with ``outcome_unknown``."""
        self._lost[operation] += times

    def hold_next(self, operation: Operation) -> Hold:
        """Make the next call wait, after it was sent and before it takes effect."""
        hold = Hold()
        self._holds[operation].append(hold)
        return hold

    def delete(self, posted: Posted) -> None:
        """Delete a message, as a person does."""
        self.messages = [message for message in self.messages if message.posted != posted]

    def delete_lane(self, lane: str) -> None:
        """Delete every message of a lane, as a person does."""
        self.messages = [message for message in self.messages if message.lane != lane]

    def archive(self, channel: str) -> None:
        self._archived.add(channel)

    def unarchive(self, channel: str) -> None:
        self._archived.discard(channel)

    def leave(self, channel: str) -> None:
        """Take the bot out of a private channel: it no longer knows that the channel exists."""
        self._left.add(channel)

    def join(self, channel: str) -> None:
        self._left.discard(channel)

    # --- what a test looks at -------------------------------------------------------------------------------

    def in_channel(self, channel: str) -> list[FakeMessage]:
        """The messages in a channel, or in a person's direct message, in order."""
        place = _place(channel)
        return [message for message in self.messages if message.posted.channel == place]

    def of_lane(self, lane: str) -> list[FakeMessage]:
        return [message for message in self.messages if message.lane == lane]

    # --- the port -------------------------------------------------------------------------------------------

    async def post(self, channel: str, drawing: Drawing, *, lane: str, thread_ts: str | None = None) -> Posted:
        async with self._call("post"):
            place = self._open(channel)
            if thread_ts is not None:
                self._message(Posted(place, thread_ts))
            posted = Posted(place, self._next_ts())
            self.messages.append(FakeMessage(posted, drawing, lane, thread_ts))
        return posted

    async def update(self, posted: Posted, drawing: Drawing, *, lane: str) -> None:
        async with self._call("update"):
            self._open(posted.channel)
            message = self._message(posted)
            message.drawing, message.lane, message.edits = drawing, lane, message.edits + 1

    async def find(
        self,
        channel: str,
        *,
        lane: str,
        since: datetime,  # noqa: ARG002  Slack's newest page is searched whatever the clocks say, and this is one page
        thread_ts: str | None = None,
    ) -> Posted | None:
        async with self._call("find"):
            self._known(_place(channel))
            matching = [one for one in self.in_channel(channel) if one.lane == lane and one.thread_ts == thread_ts]
        return matching[-1].posted if matching else None

    async def publish_home(self, user: str, blocks: Blocks) -> None:
        async with self._call("publish_home"):
            self.homes[user] = blocks

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        async with self._call("open_view"):
            self.views.append((trigger_id, view))
            self.forms[f"V{len(self.views)}"] = ("h0", view)

    async def update_view(self, view_id: str, seen: str, view: dict[str, Any]) -> None:
        async with self._call("update_view"):
            if view_id not in self.forms:
                raise NotFound("The form is closed already. Open it again.")
            if self.forms[view_id][0] == seen:
                self.forms[view_id] = (f"{seen}+", view)

    async def ephemeral(self, channel: str, user: str, drawing: Drawing) -> None:
        async with self._call("ephemeral"):
            self.whispers.append(Whisper(self._open(channel), user, drawing))

    # --- how it works ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _call(self, operation: Operation) -> AsyncIterator[None]:
        """The block is what Slack does; what goes wrong before or after it is decided here."""
        self.calls[operation] += 1
        for waiting in (self._errors[operation], self._errors[None]):
            if waiting:
                raise waiting.popleft()
        if self._holds[operation]:
            hold = self._holds[operation].popleft()
            hold.entered.set()
            await hold.release.wait()
        yield
        for key in (operation, None):
            if self._lost[key]:
                self._lost[key] -= 1
                raise _broken()

    def _known(self, place: str) -> None:
        if place in self._left:
            raise NotFound(f"Slack shows the bot no channel {place}. Invite @chaperone there, or mend the channel id.")

    def _open(self, channel: str) -> str:
        place = _place(channel)
        self._known(place)
        if place in self._archived:
            raise Permanent(f"The channel {place} is archived. Unarchive it, or name another one in the configuration.")
        return place

    def _message(self, posted: Posted) -> FakeMessage:
        for message in self.messages:
            if message.posted == posted:
                return message
        raise NotFound(f"The message in {posted.channel} is gone: somebody deleted it. It is posted anew.")

    def _next_ts(self) -> str:
        tick = timedelta(microseconds=1)
        self._last_ts = max(self._last_ts + tick, self._clock.now() - _EPOCH)
        seconds, micros = divmod(self._last_ts // tick, 1_000_000)
        return f"{seconds}.{micros:06d}"


def _place(channel: str) -> str:
    return "D" + channel[1:] if channel.startswith(("U", "W")) else channel


def _broken() -> Transient:
    return Transient("Slack's answer was lost or broken. It is looked up and tried again.", outcome_unknown=True)
