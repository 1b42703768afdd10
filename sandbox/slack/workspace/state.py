"""The workspace itself: one team's state in memory, changed from one event loop only."""

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from core.clock import Clock
from sandbox.slack.workspace.changes import Change, Kind, Subscription
from sandbox.slack.workspace.install import Installation
from sandbox.slack.workspace.model import Channel, File, Message, User, UserGroup, View

CHANGEABLE = ("users", "usergroups", "channels", "view_stacks", "homes", "files", "complaints")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the Events API may have to tell the app."""

    kind: Literal["posted", "edited", "deleted", "joined"]
    channel: Channel
    user: str
    message: Message | None = None
    before: Message | None = None
    inviter: str | None = None


class Workspace:
    """One team with one app installed."""

    def __init__(
        self,
        *,
        clock: Clock,
        team_id: str = "T0SANDBOX",
        team_name: str = "Sandbox",
        team_domain: str = "sandbox",
        app: Installation | None = None,
    ) -> None:
        self.clock = clock
        self.team_id, self.team_name, self.team_domain = team_id, team_name, team_domain
        self.app = app or Installation()
        self.users: dict[str, User] = {}
        self.usergroups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.view_stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.complaints: list[str] = []
        """What the app answered that Slack would not have taken, for tests and the curious."""
        self.base_url = "http://127.0.0.1"
        """Where this simulator is reached; set by the server that runs it."""
        self.hooks: list[Callable[[Happening], None]] = []
        self._subscriptions: dict[Subscription, None] = {}
        self._ids = itertools.count(1)
        self._last_tick = 0
        self.add_user(self._bot())

    def _bot(self) -> User:
        name = self.app.name
        return User(self.app.bot_user, name.lower(), name, name, is_bot=True, avatar_color="#1d7a5f")

    @property
    def bot(self) -> User:
        return self.users[self.app.bot_user]

    # --- numbers ---

    def tick(self) -> int:
        """Microseconds since the epoch by the injected clock: unique, always increasing."""
        now = (self.clock.now() - EPOCH) // timedelta(microseconds=1)
        self._last_tick = max(now, self._last_tick + 1)
        return self._last_tick

    def next_ts(self) -> str:
        """A fresh message timestamp such as ``1772420400.000001``."""
        seconds, micros = divmod(self.tick(), 1_000_000)
        return f"{seconds}.{micros:06d}"

    def new_id(self, prefix: str) -> str:
        return f"{prefix}0SBX{next(self._ids):05d}"

    # --- news ---

    def subscribe(self) -> Subscription:
        """Every change from now on, as an async iterator (see Subscription)."""
        subscription = Subscription(lambda closed: self._subscriptions.pop(closed, None))
        self._subscriptions[subscription] = None
        return subscription

    def changed(self, kind: Kind, channel: str | None = None, user: str | None = None) -> None:
        for subscription in self._subscriptions:
            subscription.put(Change(kind, channel, user))

    def happened(self, happening: Happening) -> None:
        for hook in self.hooks:
            hook(happening)

    def close_subscriptions(self) -> None:
        """End every subscription, so that pages that listen let go."""
        for subscription in list(self._subscriptions):
            subscription.close()

    # --- from the start again ---

    def remember(self) -> dict[str, Any]:
        """A copy of everything that people and the app can change, for ``restore``."""
        return copy.deepcopy({name: getattr(self, name) for name in CHANGEABLE})

    def restore(self, remembered: dict[str, Any]) -> None:
        """Back to what was remembered."""
        for name, value in copy.deepcopy(remembered).items():
            setattr(self, name, value)
        for channel in self.channels:
            self.changed("channel", channel)
            self.changed("message", channel)
        for user in self.users:
            self.changed("view", user=user)
            self.changed("home", user=user)

    # --- people ---

    def add_user(self, user: User) -> None:
        user.team_id = user.team_id or self.team_id
        self.users[user.id] = user
        self.changed("user", user=user.id)

    def deactivate(self, user_id: str) -> None:
        """Switch a person off, as an administrator does. They stay in their channels' history."""
        self.users[user_id].deleted = True
        self.view_stacks.pop(user_id, None)
        self.changed("user", user=user_id)

    # --- channels ---

    def channels_of(self, user_id: str) -> list[Channel]:
        """The conversations that a person is in, archived ones left out, by name."""
        mine = (one for one in self.channels.values() if user_id in one.members and not one.is_archived)
        return sorted(mine, key=lambda one: one.name)

    def may_see(self, user_id: str, channel: Channel) -> bool:
        """Members see everything; others see public channels, unless they are guests."""
        is_public = not (channel.is_private or channel.is_im)
        return user_id in channel.members or (is_public and not self.users[user_id].is_guest)

    def dm(self, one: str, other: str) -> Channel:
        """The direct message between two people, opened if there is none yet."""
        pair = {one, other}
        for channel in self.channels.values():
            if channel.is_im and channel.members == pair:
                return channel
        return self.add_channel(Channel(self.new_id("D"), "", is_im=True, creator=one, members=pair))

    def add_channel(self, channel: Channel) -> Channel:
        channel.created = channel.created or int(self.clock.now().timestamp())
        self.channels[channel.id] = channel
        self.changed("channel", channel.id)
        return channel

    def join(self, channel: Channel, user_id: str, inviter: str | None = None) -> None:
        """Let somebody in, with Slack's own line about it in the channel."""
        channel.members.add(user_id)
        self.changed("channel", channel.id)
        self.notice(channel, user_id, "join", f"<@{user_id}> has joined the channel")
        self.happened(Happening("joined", channel, user_id, inviter=inviter))

    def leave(self, channel: Channel, user_id: str) -> None:
        channel.members.discard(user_id)
        self.changed("channel", channel.id)
        self.notice(channel, user_id, "leave", f"<@{user_id}> has left the channel")

    def set_archived(self, channel: Channel, by: str, *, archived: bool) -> None:
        done = "archive" if archived else "unarchive"
        self.notice(channel, by, done, f"<@{by}> {done}d the channel")
        channel.is_archived = archived
        self.changed("channel", channel.id)

    def set_topic(self, channel: Channel, by: str, topic: str) -> None:
        channel.topic = topic
        self.changed("channel", channel.id)
        self.notice(channel, by, "topic", f"<@{by}> set the channel topic: {topic}")

    def set_purpose(self, channel: Channel, by: str, purpose: str) -> None:
        channel.purpose = purpose
        self.changed("channel", channel.id)
        self.notice(channel, by, "purpose", f"<@{by}> set the channel description: {purpose}")

    def notice(self, channel: Channel, user_id: str, what: str, text: str) -> None:
        """Slack's own line in a channel (``subtype`` such as channel_join, group_topic). DMs have none."""
        if not channel.is_im:
            subtype = f"{'group' if channel.is_private else 'channel'}_{what}"
            self.post(channel, Message(self.next_ts(), user_id, text, subtype=subtype))

    # --- messages ---

    def post(self, channel: Channel, message: Message) -> Message:
        channel.messages.append(message)
        self.changed("message", channel.id, message.ephemeral_for)
        if message.ephemeral_for is None:
            self.happened(Happening("posted", channel, message.user, message))
        return message

    def edited(self, channel: Channel, message: Message, before: Message) -> None:
        """Tell that ``message``, which stands in ``channel`` already, used to look like ``before``."""
        self.changed("message", channel.id, message.ephemeral_for)
        if message.ephemeral_for is None:
            self.happened(Happening("edited", channel, message.user, message, before))

    def delete(self, channel: Channel, message: Message) -> None:
        channel.messages.remove(message)
        if message.ts in channel.pins:
            channel.pins.remove(message.ts)
        self.changed("message", channel.id, message.ephemeral_for)
        if message.ephemeral_for is None:
            self.happened(Happening("deleted", channel, message.user, None, message))

    def messages_for(self, user_id: str, channel: Channel) -> list[Message]:
        """What a person sees in a channel, replies included, in order: other people's ephemeral ones left out."""
        return [message for message in channel.messages if message.ephemeral_for in {None, user_id}]

    # --- views ---

    def opened(self, user_id: str, view: View) -> View:
        """Put a modal on top of what the person sees."""
        self.view_stacks.setdefault(user_id, []).append(view)
        self.changed("view", user=user_id)
        return view

    def closed(self, user_id: str, *, whole_stack: bool = False) -> list[View]:
        """Take the top modal away, or all. Answers the closed ones, top first."""
        stack = self.view_stacks.get(user_id, [])
        gone = [stack.pop() for _ in range(len(stack) if whole_stack else min(1, len(stack)))]
        self.changed("view", user=user_id)
        return gone

    def view(self, view_id: str) -> View | None:
        """An open modal or a published Home, by its id."""
        stacked = itertools.chain(*self.view_stacks.values(), self.homes.values())
        return next((view for view in stacked if view.id == view_id), None)

    def top_view(self, user_id: str) -> View | None:
        """The modal that a person sees now."""
        stack = self.view_stacks.get(user_id)
        return stack[-1] if stack else None
