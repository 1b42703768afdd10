"""One call of a Web API method: its arguments, its token, and what both allow."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blocks import Fault
from sandbox.slack.engine import Engine
from sandbox.slack.errors import SlackError, invalid
from sandbox.slack.payloads.events import HISTORY_SCOPE, READ_SCOPE, channel_type
from sandbox.slack.workspace import Channel, Message, Token, User, Workspace

WRITE_SCOPE = {"channel": "channels:manage", "group": "groups:write", "im": "im:write"}


@dataclass(frozen=True)
class Method:
    """One row of the method table. ``scopes``: any one of them will do; () asks for none. ``tier``: 1 to 4."""

    run: Callable[["Call"], dict[str, Any]]
    scopes: tuple[str, ...]
    tier: int
    token: str = "bot"


@dataclass(frozen=True)
class Call:
    """What a method works with. Methods raise SlackError and return what stands beside ``"ok": true``."""

    engine: Engine
    token: Token
    arguments: Mapping[str, Any]

    @property
    def workspace(self) -> Workspace:
        return self.engine.workspace

    @property
    def bot(self) -> str:
        return self.workspace.app.bot_user

    # --- arguments ---

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def required(self, name: str) -> str:
        """A non-empty text. Raises invalid_arguments."""
        if not (value := self.text(name)):
            raise invalid("invalid_arguments", [Fault(f"missing required field: {name}", "")])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        return str(self.arguments[name]).lower() in {"1", "true"} if name in self.arguments else default

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.arguments.get(name, default))
        except (TypeError, ValueError):
            raise invalid("invalid_arguments", [Fault(f"must provide an integer: {name}", "")]) from None

    def parsed(self, name: str, fault: str = "invalid_arguments") -> Any:
        """An argument that is JSON, given as such or as a string. None when it is missing."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(fault) from None

    def ids(self, name: str) -> list[str]:
        """A list of ids, given as such or separated by commas. Raises invalid_arguments when empty."""
        value = self.arguments.get(name)
        listed = value if isinstance(value, list) else str(value or "").split(",")
        if ids := [str(one).strip() for one in listed if str(one).strip()]:
            return ids
        raise invalid("invalid_arguments", [Fault(f"missing required field: {name}", "")])

    # --- what the token allows ---

    def need(self, *scopes: str) -> None:
        """Raises missing_scope unless the token has one of them."""
        if scopes and not self.token.scopes & set(scopes):
            provided = ",".join(sorted(self.token.scopes))
            raise SlackError("missing_scope", needed=",".join(scopes), provided=provided)

    def may(self, scope: str) -> bool:
        return scope in self.token.scopes

    # --- what they name ---

    def user(self, user_id: str) -> User:
        """Raises user_not_found."""
        if user_id not in self.workspace.users:
            raise SlackError("user_not_found")
        return self.workspace.users[user_id]

    def channel(self, name: str = "channel") -> Channel:
        """The channel, by id or ``#name``. Private ones that the bot is not in do not exist: channel_not_found."""
        wanted = self.required(name)
        channel = self.workspace.channels.get(wanted) or self._named(wanted.removeprefix("#"))
        if channel is None or not self.workspace.may_see(self.bot, channel):
            raise SlackError("channel_not_found")
        return channel

    def _named(self, wanted: str) -> Channel | None:
        return next((one for one in self.workspace.channels.values() if not one.is_im and one.name == wanted), None)

    def readable(self, name: str = "channel") -> Channel:
        """A channel whose facts the token may read."""
        channel = self.channel(name)
        self.need(READ_SCOPE[channel_type(channel)])
        return channel

    def with_history(self) -> Channel:
        """A channel whose messages the bot may read: it is in it. Raises not_in_channel."""
        channel = self.channel()
        self.need(HISTORY_SCOPE[channel_type(channel)])
        return self._joined(channel)

    def manageable(self) -> Channel:
        """A living channel that the bot is in and may change. Raises not_in_channel, is_archived."""
        channel = self.channel()
        self.need(WRITE_SCOPE[channel_type(channel)])
        if channel.is_archived:
            raise SlackError("is_archived")
        return self._joined(channel)

    def joined(self, name: str = "channel") -> Channel:
        """A living channel that the bot is in."""
        channel = self.channel(name)
        if channel.is_archived:
            raise SlackError("is_archived")
        return self._joined(channel)

    def _joined(self, channel: Channel) -> Channel:
        if self.bot not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, ts: str) -> Message:
        """Raises message_not_found; ephemeral messages cannot be found."""
        message = channel.message(ts)
        if message is None or message.ephemeral_for is not None:
            raise SlackError("message_not_found")
        return message

    def page(self, items: list[Any], default: int, most: int = 1000) -> tuple[list[Any], dict[str, Any]]:
        """The page that ``cursor`` and ``limit`` ask for, and its response_metadata. Raises invalid_cursor."""
        start = self.text("cursor").removeprefix("from:") or "0"
        limit = self.number("limit", default) or default
        if not start.isdigit():
            raise SlackError("invalid_cursor")
        if not 1 <= limit <= most:
            raise SlackError("invalid_limit")
        end = int(start) + limit
        following = f"from:{end}" if end < len(items) else ""
        return items[int(start) : end], {"response_metadata": {"next_cursor": following}}
