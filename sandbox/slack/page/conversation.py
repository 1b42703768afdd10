"""A conversation as rows: who wrote, when, what, and where a day or an author begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from sandbox.slack.page.blocks import Surface, render_blocks
from sandbox.slack.page.dates import clock_time, day_divider
from sandbox.slack.page.mrkdwn import mrkdwn
from sandbox.slack.page.reader import Reader
from sandbox.slack.workspace import Channel, File, Message, User, Workspace

_SAME_BREATH = 300  # seconds within which an author's messages stand together
_SHOWN = 200  # messages; older ones are only counted


@dataclass(frozen=True)
class Row:
    """One message on the page. ``divider`` is the day that begins above it, if one does."""

    message: Message
    author: User
    when: datetime
    body: Markup
    divider: str | None = None
    first: bool = True
    replies: int = 0
    last_reply: str = ""
    repliers: Sequence[User] = ()
    pinned: bool = False
    files: Sequence[File] = ()
    lane: str | None = None
    reactions: Sequence[tuple[str, int]] = ()

    @property
    def time(self) -> str:
        return clock_time(self.when)

    @property
    def full_time(self) -> str:
        return f"{self.when:%A, %B} {self.when.day}, {self.when.year} at {self.time} {self.when:%Z}"


@dataclass(frozen=True)
class Scene:
    """One conversation seen by one person. ``part`` keeps the HTML ids of a card in a thread apart from its twin's."""

    workspace: Workspace
    channel: Channel
    user: User
    reader: Reader
    part: str = ""

    def rows(self) -> list[Row]:
        """The top-level messages, oldest first, at most the latest 200."""
        shown = [message for message in self._visible() if not message.thread_ts or message.thread_ts == message.ts]
        return list(self.drawn(shown[-_SHOWN:]))

    def thread(self, ts: str) -> list[Row]:
        """A message and its replies; empty if the person cannot see it."""
        family = [message for message in self._visible() if ts in {message.ts, message.thread_ts}]
        beside = replace(self, part="-thread")
        return list(beside.drawn(family)) if any(message.ts == ts for message in family) else []

    def pins(self) -> list[tuple[Row, Markup]]:
        """The pinned messages, each with its text alone: two copies of a card would share their ids."""
        rows = self.drawn([message for message in self._visible() if message.ts in self.channel.pins])
        return [(row, mrkdwn(row.message.text, self.reader)) for row in rows]

    def _visible(self) -> list[Message]:
        return self.workspace.messages_for(self.user.id, self.channel)

    def drawn(self, messages: Sequence[Message]) -> Iterator[Row]:
        """The messages as rows, each seeing the one before it."""
        before: Message | None = None
        for message in messages:
            yield self._row(message, before)
            before = message

    def _row(self, message: Message, before: Message | None) -> Row:
        when = self.reader.local(float(message.ts))
        new_day = before is None or self.reader.local(float(before.ts)).date() != when.date()
        replies = [one for one in self.channel.replies(message.ts) if one.ephemeral_for in {None, self.user.id}]
        replies = [one for one in replies if one.ts != message.ts]
        writers = list(dict.fromkeys(one.user for one in replies))
        now = self.reader.local(self.reader.now.timestamp())
        return Row(
            message=message,
            author=self._author(message.user),
            when=when,
            body=self.body(message),
            divider=day_divider(when, now).capitalize() if new_day else None,
            first=new_day or before is None or not _together(before, message),
            replies=len(replies),
            last_reply=_last_reply(replies, self.reader, now),
            repliers=[self._author(writer) for writer in writers[:4]],
            pinned=message.ts in self.channel.pins,
            files=[self.workspace.files[one] for one in message.files if one in self.workspace.files],
            lane=_lane(message),
            reactions=[(name, len(users)) for name, users in message.reactions.items()],
        )

    def body(self, message: Message) -> Markup:
        """The blocks, or the text where there are none: Slack never shows both."""
        if not message.blocks:
            return mrkdwn(message.text, self.reader)
        return render_blocks(
            message.blocks,
            Surface(
                self.reader,
                kind="message",
                name=f"{self.channel.id}-{message.ts}{self.part}",
                values=message.state_values.get(self.user.id, {}),
                people=people_choices(self.workspace),
                conversations=conversation_choices(self.workspace, self.user.id),
            ),
        )

    def _author(self, user_id: str) -> User:
        return self.workspace.users.get(user_id) or User(user_id or "?", "unknown", "Unknown member")


def people_choices(workspace: Workspace) -> list[tuple[str, str]]:
    """Whom a users_select offers."""
    active = (user for user in workspace.users.values() if not user.deleted)
    return sorted(((user.id, user.shown_name) for user in active), key=lambda pair: pair[1].casefold())


def conversation_choices(workspace: Workspace, user_id: str) -> list[tuple[str, str]]:
    visible = (one for one in workspace.channels.values() if not one.is_im and workspace.may_see(user_id, one))
    return sorted(((one.id, f"#{one.name}") for one in visible), key=lambda pair: pair[1])


def _together(before: Message, message: Message) -> bool:
    same = (before.user, before.ephemeral_for, before.subtype) == (message.user, message.ephemeral_for, message.subtype)
    return same and float(message.ts) - float(before.ts) < _SAME_BREATH


def _last_reply(replies: Sequence[Message], reader: Reader, now: datetime) -> str:
    if not replies:
        return ""
    when = reader.local(float(replies[-1].ts))
    return f"Last reply {day_divider(when, now)} at {clock_time(when)}"


def _lane(message: Message) -> str | None:
    """Chaperone names a message's lane in its metadata, so that its cards can be told apart."""
    payload = (message.metadata or {}).get("event_payload") or {}
    lane = payload.get("lane") if isinstance(payload, dict) else None
    return lane if isinstance(lane, str) else None
