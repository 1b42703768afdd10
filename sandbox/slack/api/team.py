"""auth.*, apps.*, users.* and usergroups.* methods."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api.call import Call, Method
from sandbox.slack.api.rooms import visible_channels
from sandbox.slack.errors import SlackError
from sandbox.slack.payloads.shapes import channel_shape, group_shape, user_shape
from sandbox.slack.workspace import UserGroup


def _auth_test(call: Call) -> dict[str, Any]:
    team = call.workspace
    return {
        "url": f"{team.base_url}/",
        "team": team.team_name,
        "user": team.bot.name,
        "team_id": team.team_id,
        "user_id": call.bot,
        "bot_id": team.app.bot_id,
        "is_enterprise_install": False,
    }


def _connections_open(call: Call) -> dict[str, Any]:
    if not call.engine.settings.socket_mode:
        raise SlackError("socket_mode_not_enabled")
    address = call.workspace.base_url.replace("http://", "ws://", 1)
    ticket = call.engine.delivery.socket.ticket()
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.workspace.app.app_id}"}


def _users_info(call: Call) -> dict[str, Any]:
    return {"user": user_shape(call.user(call.required("user")), with_email=call.may("users:read.email"))}


def _users_list(call: Call) -> dict[str, Any]:
    users, metadata = call.page(list(call.workspace.users.values()), 1000)
    with_email = call.may("users:read.email")
    return {"members": [user_shape(user, with_email=with_email) for user in users], **metadata}


def _lookup_by_email(call: Call) -> dict[str, Any]:
    wanted = call.required("email").casefold()
    for user in call.workspace.users.values():
        if user.email.casefold() == wanted and not user.deleted:
            return {"user": user_shape(user, with_email=True)}
    raise SlackError("users_not_found")


def _users_conversations(call: Call) -> dict[str, Any]:
    user = call.user(call.text("user", call.bot))
    mine = [channel for channel in visible_channels(call) if user.id in channel.members]
    channels, metadata = call.page(mine, 100)
    return {"channels": [channel_shape(channel, call.workspace) for channel in channels], **metadata}


def _group(call: Call) -> UserGroup:
    group = call.workspace.usergroups.get(call.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return group


def _groups_list(call: Call) -> dict[str, Any]:
    with_users = call.flag("include_users")
    groups = call.workspace.usergroups.values()
    return {"usergroups": [group_shape(group, call.workspace, with_users=with_users) for group in groups]}


def _group_users(call: Call) -> dict[str, Any]:
    return {"users": list(_group(call).users)}


def _group_create(call: Call) -> dict[str, Any]:
    name = call.required("name")
    handle = call.text("handle") or name.lower().replace(" ", "-")
    if any(group.handle == handle for group in call.workspace.usergroups.values()):
        raise SlackError("handle_already_exists")
    group = UserGroup(call.workspace.new_id("S"), handle, name)
    call.workspace.usergroups[group.id] = group
    return {"usergroup": group_shape(group, call.workspace, with_users=True)}


def _group_users_update(call: Call) -> dict[str, Any]:
    group = _group(call)
    group.users = [call.user(user).id for user in call.ids("users")]
    return {"usergroup": group_shape(group, call.workspace, with_users=True)}


CONVERSATION_READ = ("channels:read", "groups:read", "im:read")
METHODS: Mapping[str, Method] = {
    "auth.test": Method(_auth_test, (), 4, token="any"),
    "apps.connections.open": Method(_connections_open, ("connections:write",), 1, token="app"),
    "users.info": Method(_users_info, ("users:read",), 4),
    "users.list": Method(_users_list, ("users:read",), 2),
    "users.lookupByEmail": Method(_lookup_by_email, ("users:read.email",), 3),
    "users.conversations": Method(_users_conversations, CONVERSATION_READ, 3),
    "usergroups.list": Method(_groups_list, ("usergroups:read",), 2),
    "usergroups.users.list": Method(_group_users, ("usergroups:read",), 2),
    "usergroups.create": Method(_group_create, ("usergroups:write",), 2),
    "usergroups.users.update": Method(_group_users_update, ("usergroups:write",), 2),
}
