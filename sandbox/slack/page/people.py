"""How people look: initials in a square, badges, the names behind the ids."""

import re
from collections.abc import Iterator
from hashlib import blake2s
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from sandbox.slack.page.markup import tag
from sandbox.slack.page.reader import Reader
from sandbox.slack.workspace import Channel, User, Workspace

_UNCHOSEN = User(id="", name="", real_name="").avatar_color
_PALETTE = (
    "#7a4fa3",
    "#b0553a",
    "#2f7d6b",
    "#3567a8",
    "#a23e64",
    "#6b7a1f",
    "#8a5a1c",
    "#3d6f8f",
    "#94487f",
    "#4d7a3a",
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def initials(name: str) -> str:
    letters = [word[0] for word in re.split(r"[\s._-]+", name) if word and word[0].isalnum()]
    return "".join([letters[0], letters[-1]] if len(letters) > 1 else letters).upper() or "?"


def avatar(user: User, size: str = "m") -> Markup:
    """A coloured square. SVG attributes, since our content security policy refuses inline styles."""
    chosen = user.avatar_color if _COLOUR.fullmatch(user.avatar_color) else _UNCHOSEN
    number = int.from_bytes(blake2s(user.id.encode(), digest_size=2).digest(), "big")
    colour = _PALETTE[number % len(_PALETTE)] if chosen == _UNCHOSEN else chosen
    letters = tag("text", initials(user.shown_name), x="18", y="23.5", text_anchor="middle")
    square = tag("rect", width="36", height="36", rx="8", fill=colour)
    return tag("svg", square, letters, class_=f"avatar avatar-{size}", viewBox="0 0 36 36", aria_hidden="true")


def badges(user: User, workspace: Workspace) -> Iterator[str]:
    """What sets somebody apart: app, guest, deactivated, external."""
    if user.is_bot:
        yield "app"
    if user.is_guest:
        yield "guest"
    if user.deleted:
        yield "deactivated"
    if user.team_id != workspace.team_id:
        yield "external"


def humans(workspace: Workspace) -> list[User]:
    return sorted((user for user in workspace.users.values() if not user.is_bot), key=lambda user: user.shown_name)


def groups_of(user: User, workspace: Workspace) -> list[str]:
    return [group.handle for group in workspace.usergroups.values() if user.id in group.users]


def zone_of(user: User) -> ZoneInfo:
    """The person's time zone; UTC where the profile names none that exists."""
    try:
        return ZoneInfo(user.tz)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def channel_title(channel: Channel, user_id: str, workspace: Workspace) -> str:
    """The channel's name, or for a direct message the other person's."""
    if not channel.is_im:
        return channel.name
    other = partner(channel, user_id)
    return workspace.users[other].shown_name if other in workspace.users else other


def partner(channel: Channel, user_id: str) -> str:
    """With whom a direct message is; the person's own id if it is with nobody else."""
    return next((member for member in sorted(channel.members) if member != user_id), user_id)


def reader_for(user: User, workspace: Workspace) -> Reader:
    visible = [one for one in workspace.channels.values() if not one.is_im and workspace.may_see(user.id, one)]
    return Reader(
        now=workspace.clock.now(),
        user=user.id,
        zone=zone_of(user),
        people={one.id: one.shown_name for one in workspace.users.values()},
        channels={one.id: one.name for one in visible},
        groups={one.id: one.handle for one in workspace.usergroups.values()},
    )
