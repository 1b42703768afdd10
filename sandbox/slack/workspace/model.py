"""The things in a workspace, as plain records. Shapes for the Web API live in ``api/shapes.py``."""

from dataclasses import dataclass, field
from typing import Any

Blocks = list[dict[str, Any]]
"""Block Kit as Slack documents it, already validated, every block with a ``block_id``."""

Values = dict[str, dict[str, dict[str, Any]]]
"""Slack's ``state.values``: block id -> action id -> ``{"type": ..., "value" | "selected_...": ...}``."""


@dataclass
class User:
    """A person or a bot. ``is_guest`` is Slack's ``is_restricted``; ``deleted`` means deactivated."""

    id: str
    name: str
    real_name: str
    display_name: str = ""
    email: str = ""
    title: str = ""
    tz: str = "America/New_York"
    is_bot: bool = False
    is_guest: bool = False
    deleted: bool = False
    team_id: str = ""
    avatar_color: str = "#4a154b"

    @property
    def shown_name(self) -> str:
        """What channels show: the display name, or else the real one."""
        return self.display_name or self.real_name or self.name


@dataclass
class UserGroup:
    """A user group (``@handle``); ``users`` are ids in order."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


@dataclass
class File:
    """An uploaded file. ``content`` is None until the bytes have arrived at the upload URL."""

    id: str
    name: str
    title: str
    length: int
    user: str
    content: bytes | None = None
    completed: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass
class Message:
    """One message. ``thread_ts`` is set on replies (the parent's ``ts``), None on top-level messages.

    ``ephemeral_for`` names the only person who sees it. ``state_values`` holds, per person, what they have filled
    into the message's inputs so far. ``reactions`` maps an emoji name to user ids. ``files`` are file ids.
    """

    ts: str
    user: str
    text: str
    blocks: Blocks | None = None
    thread_ts: str | None = None
    edited_ts: str | None = None
    metadata: dict[str, Any] | None = None
    files: list[str] = field(default_factory=list)
    ephemeral_for: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    state_values: dict[str, Values] = field(default_factory=dict)


@dataclass
class Bookmark:
    """A link in a channel's bookmarks bar."""

    id: str
    title: str
    link: str
    emoji: str = ""


@dataclass
class Channel:
    """A public or private channel, or a direct message between two people (``is_im``).

    ``messages`` are in order of ``ts``, replies and ephemeral ones included. ``pins`` are ``ts`` values.
    """

    id: str
    name: str
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    creator: str = ""
    created: int = 0
    members: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)

    def message(self, ts: str) -> Message | None:
        return next((message for message in self.messages if message.ts == ts), None)

    def replies(self, ts: str) -> list[Message]:
        """The replies under a message, oldest first, without the message itself; ephemeral ones included."""
        return [message for message in self.messages if message.thread_ts == ts]


@dataclass
class View:
    """A modal (``type`` "modal") or somebody's Home (``type`` "home").

    ``title``, ``submit`` and ``close`` are plain_text objects (``{"type", "text", "emoji"}``) or None.
    ``state_values`` starts with the initial values and follows what the person does.
    """

    id: str
    type: str
    user: str
    app_id: str
    blocks: Blocks
    root_view_id: str = ""
    previous_view_id: str | None = None
    callback_id: str = ""
    external_id: str = ""
    title: dict[str, Any] | None = None
    submit: dict[str, Any] | None = None
    close: dict[str, Any] | None = None
    private_metadata: str = ""
    notify_on_close: bool = False
    clear_on_close: bool = False
    hash: str = ""
    state_values: Values = field(default_factory=dict)
