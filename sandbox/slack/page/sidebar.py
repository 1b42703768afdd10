"""The sidebar: conversations in sections, with what is new in them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.slack.page.memory import Memory
from sandbox.slack.page.people import channel_title, partner
from sandbox.slack.workspace import Channel, User, Workspace


@dataclass(frozen=True)
class Entry:
    """One line. ``count`` is what wants attention (mentions, direct messages); ``fresh`` is bold without a number."""

    channel: Channel
    title: str
    other: User | None = None
    fresh: bool = False
    count: int = 0


@dataclass(frozen=True)
class Sidebar:
    channels: list[Entry]
    direct: list[Entry]
    bot: Entry | None
    other_channels: list[Entry]


def sidebar_of(user: User, workspace: Workspace, memory: Memory) -> Sidebar:
    """The person's conversations; the bot's own apart; then public channels that they could join."""
    mine = workspace.channels_of(user.id)
    with_bot = [one for one in mine if one.is_im and workspace.app.bot_user in one.members]
    direct = [one for one in mine if one.is_im and one not in with_bot]
    joinable = [
        one
        for one in workspace.channels.values()
        if not one.is_im and not one.is_archived and user.id not in one.members and workspace.may_see(user.id, one)
    ]

    def entries(channels: Iterable[Channel]) -> list[Entry]:
        found = (_entry(one, user, workspace, memory) for one in channels)
        return sorted(found, key=lambda entry: entry.title.casefold())

    return Sidebar(
        channels=entries(one for one in mine if not one.is_im),
        direct=entries(direct),
        bot=next(iter(entries(with_bot)), None),
        other_channels=entries(joinable),
    )


def _entry(channel: Channel, user: User, workspace: Workspace, memory: Memory) -> Entry:
    unread = memory.unread(user.id, channel, workspace) if user.id in channel.members else []
    names = _called(user, workspace)
    addressed = unread if channel.is_im else [one for one in unread if any(name in one.text for name in names)]
    return Entry(
        channel=channel,
        title=channel_title(channel, user.id, workspace),
        other=workspace.users.get(partner(channel, user.id)) if channel.is_im else None,
        fresh=bool(unread),
        count=len(addressed),
    )


def _called(user: User, workspace: Workspace) -> list[str]:
    """Every way in which a message can call this person."""
    groups = [f"<!subteam^{group.id}" for group in workspace.usergroups.values() if user.id in group.users]
    return [f"<@{user.id}", "<!here", "<!channel", "<!everyone", *groups]
