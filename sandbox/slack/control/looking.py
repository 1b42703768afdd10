"""``GET /sandbox/state``: everything in the workspace, as JSON."""

from dataclasses import asdict
from typing import Any

from sandbox.slack.engine import Engine
from sandbox.slack.payloads.shapes import channel_shape, file_shape, group_shape, message_shape, user_shape, view_shape
from sandbox.slack.workspace import Channel, Message, Workspace


def _message(message: Message, channel: Channel, workspace: Workspace) -> dict[str, Any]:
    shape = message_shape(message, workspace, channel=channel, with_metadata=True)
    return {**shape, "ephemeral_for": message.ephemeral_for}


def _channel(channel: Channel, workspace: Workspace) -> dict[str, Any]:
    return {
        **channel_shape(channel, workspace),
        "members": sorted(channel.members),
        "pins": list(channel.pins),
        "bookmarks": [asdict(one) for one in channel.bookmarks],
        "messages": [_message(message, channel, workspace) for message in channel.messages],
    }


def state(engine: Engine) -> dict[str, Any]:
    """Users, usergroups, channels with members and messages, open views and Homes by user, complaints."""
    team = engine.workspace
    stacks = {user: [view_shape(view, team) for view in stack] for user, stack in team.view_stacks.items() if stack}
    return {
        "ok": True,
        "team": {"id": team.team_id, "name": team.team_name, "domain": team.team_domain},
        "now": team.clock.now().isoformat(),
        "users": [user_shape(user, with_email=True) for user in team.users.values()],
        "usergroups": [group_shape(group, team, with_users=True) for group in team.usergroups.values()],
        "channels": [_channel(channel, team) for channel in team.channels.values()],
        "views": stacks,
        "homes": {user: view_shape(view, team) for user, view in team.homes.items()},
        "files": [file_shape(file, team) for file in team.files.values()],
        "connections": engine.delivery.socket.connections,
        "complaints": list(team.complaints),
    }
