"""People, channels, messages, views and files as the Web API and payloads show them.

Source: https://docs.slack.dev/reference/objects
"""

import mimetypes
from typing import Any

from sandbox.slack.workspace import Channel, File, Message, User, UserGroup, View, Workspace


def user_shape(user: User, *, with_email: bool) -> dict[str, Any]:
    """A user object; the e-mail address only for those with users:read.email."""
    profile = {
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "title": user.title,
        "team": user.team_id,
    }
    if with_email and not user.is_bot:
        profile["email"] = user.email
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": user.deleted,
        "color": user.avatar_color.removeprefix("#"),
        "tz": user.tz,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": user.is_guest,
        "is_ultra_restricted": False,
        "is_admin": False,
        "is_owner": False,
        "profile": profile,
    }


def group_shape(group: UserGroup, workspace: Workspace, *, with_users: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": group.id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "handle": group.handle,
        "name": group.name,
        "description": "",
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return {**shape, "users": list(group.users)} if with_users else shape


def channel_shape(channel: Channel, workspace: Workspace) -> dict[str, Any]:
    """A conversation object as the bot sees it."""
    bot = workspace.app.bot_user
    shape: dict[str, Any] = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_mpim": False,
        "is_private": channel.is_private or channel.is_im,
        "is_org_shared": False,
        "context_team_id": workspace.team_id,
    }
    if channel.is_im:
        return {**shape, "user": next(iter(channel.members - {bot}), bot), "is_user_deleted": False}
    return {
        **shape,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_general": channel.name == "general",
        "creator": channel.creator,
        "is_member": bot in channel.members,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
    }


def message_shape(
    message: Message, workspace: Workspace, *, channel: Channel | None = None, with_metadata: bool = False
) -> dict[str, Any]:
    """A message object. ``channel`` adds what is known of its thread."""
    app = workspace.app
    shape: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": app.app_id}
    if message.subtype:
        shape["subtype"] = message.subtype
    if message.blocks is not None:
        shape["blocks"] = message.blocks
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.files:
        shape["files"] = [file_shape(workspace.files[file_id], workspace) for file_id in message.files]
    if message.reactions:
        shape["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items()]
    if with_metadata and message.metadata is not None:
        shape["metadata"] = message.metadata
    return {**shape, **_thread(message, channel)}


def _thread(message: Message, channel: Channel | None) -> dict[str, Any]:
    if message.thread_ts:
        return {"thread_ts": message.thread_ts}
    replies = [one for one in channel.replies(message.ts) if one.ephemeral_for is None] if channel else []
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def view_shape(view: View, workspace: Workspace) -> dict[str, Any]:
    """A view object with its state."""
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": view.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.app.bot_id,
        "type": view.type,
        "title": view.title or {"type": "plain_text", "text": "View Title", "emoji": True},
        "submit": view.submit,
        "close": view.close,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "external_id": view.external_id,
        "state": {"values": view.state_values},
        "hash": view.hash,
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "clear_on_close": view.clear_on_close,
        "notify_on_close": view.notify_on_close,
    }


def file_shape(file: File, workspace: Workspace) -> dict[str, Any]:
    mimetype, _encoding = mimetypes.guess_type(file.name)
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": mimetype or "application/octet-stream",
        "filetype": file.name.rpartition(".")[2],
        "size": file.length,
        "user": file.user,
        "mode": "hosted",
        "url_private": f"{workspace.base_url}/files/{file.id}/{file.name}",
        "permalink": f"{workspace.base_url}/files/{file.id}/{file.name}",
        "channels": list(file.channels),
    }
