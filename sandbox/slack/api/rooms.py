"""conversations.*: who is in which channel, and what has been said there."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.slack.api.call import Call, Method
from sandbox.slack.errors import SlackError
from sandbox.slack.payloads.events import READ_SCOPE, channel_type
from sandbox.slack.payloads.shapes import channel_shape, message_shape
from sandbox.slack.workspace import Channel, Message

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
NAME_LIMIT = 80
TOPIC_LIMIT = 250


def visible_channels(call: Call) -> list[Channel]:
    """Channels of the ``types`` asked for that the bot may see. Raises missing_scope, invalid_types."""
    wanted = call.text("types", "public_channel").split(",")
    kinds = {TYPES.get(kind.strip(), "") for kind in wanted}
    if "" in kinds:
        raise SlackError("invalid_types")
    for kind in kinds & READ_SCOPE.keys():
        call.need(READ_SCOPE[kind])
    without_archived, bot = call.flag("exclude_archived"), call.bot
    return [
        channel
        for channel in call.workspace.channels.values()
        if channel_type(channel) in kinds
        and (channel_type(channel) == "channel" or bot in channel.members)
        and not (without_archived and channel.is_archived)
    ]


def _list(call: Call) -> dict[str, Any]:
    channels, metadata = call.page(visible_channels(call), 100)
    return {"channels": [channel_shape(channel, call.workspace) for channel in channels], **metadata}


def _info(call: Call) -> dict[str, Any]:
    return {"channel": channel_shape(call.readable(), call.workspace)}


def _members(call: Call) -> dict[str, Any]:
    members, metadata = call.page(sorted(call.readable().members), 100)
    return {"members": members, **metadata}


def _open(call: Call) -> dict[str, Any]:
    if call.text("channel"):
        return {"channel": {"id": call.channel().id}}
    users = call.ids("users")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if call.user(users[0]).deleted:
        raise SlackError("user_disabled")
    channel = call.workspace.dm(call.bot, users[0])
    shape = channel_shape(channel, call.workspace) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shape}


def _create(call: Call) -> dict[str, Any]:
    is_private = call.flag("is_private")
    call.need("groups:write" if is_private else "channels:manage")
    name = _checked_name(call)
    channel = Channel(call.workspace.new_id("C"), name, is_private, creator=call.bot, members={call.bot})
    call.workspace.add_channel(channel)
    return {"channel": channel_shape(channel, call.workspace)}


def _checked_name(call: Call) -> str:
    name = call.text("name")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_LIMIT:
        raise SlackError("invalid_name_maxlength")
    if not re.search(r"[^\W_]", name):
        raise SlackError("invalid_name_punctuation")
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if any(channel.name == name for channel in call.workspace.channels.values()):
        raise SlackError("name_taken")
    return name


def _invite(call: Call) -> dict[str, Any]:
    """Without ``force`` nobody is invited when one of them cannot be."""
    channel, users = call.manageable(), call.ids("users")
    refused = {user: code for user in users if (code := _why_not(call, channel, user))}
    if refused and not (call.flag("force") and len(refused) < len(users)):
        errors = [{"user": user, "ok": False, "error": code} for user, code in refused.items()]
        raise SlackError(next(iter(refused.values())), errors=errors)
    for user in users:
        if user not in refused:
            call.workspace.join(channel, user, inviter=call.bot)
    return {"channel": channel_shape(channel, call.workspace)}


def _why_not(call: Call, channel: Channel, user: str) -> str | None:
    person = call.workspace.users.get(user)
    if person is None:
        return "user_not_found"
    if user == call.bot:
        return "cant_invite_self"
    if channel.is_im:
        return "method_not_supported_for_channel_type"
    if user in channel.members:
        return "already_in_channel"
    return "cant_invite" if person.deleted else None


def _kick(call: Call) -> dict[str, Any]:
    channel, user = call.manageable(), call.user(call.required("user"))
    if user.id == call.bot:
        raise SlackError("cant_kick_self")
    if channel.name == "general":
        raise SlackError("cant_kick_from_general")
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    call.workspace.leave(channel, user.id)
    return {}


def _join(call: Call) -> dict[str, Any]:
    channel = call.channel()
    if channel_type(channel) != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.bot in channel.members:
        warnings = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": channel_shape(channel, call.workspace), **warnings}
    call.workspace.join(channel, call.bot)
    return {"channel": channel_shape(channel, call.workspace)}


def _topic(call: Call) -> dict[str, Any]:
    channel, topic = call.manageable(), call.text("topic")
    if len(topic) > TOPIC_LIMIT:
        raise SlackError("too_long")
    call.workspace.set_topic(channel, call.bot, topic)
    return {"topic": topic, "channel": channel_shape(channel, call.workspace)}


def _purpose(call: Call) -> dict[str, Any]:
    channel, purpose = call.manageable(), call.text("purpose")
    if len(purpose) > TOPIC_LIMIT:
        raise SlackError("too_long")
    call.workspace.set_purpose(channel, call.bot, purpose)
    return {"purpose": purpose, "channel": channel_shape(channel, call.workspace)}


def _archive(call: Call) -> dict[str, Any]:
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    call.workspace.set_archived(call.manageable(), call.bot, archived=True)
    return {}


def _unarchive(call: Call) -> dict[str, Any]:
    channel = call.channel()
    call.need("groups:write" if channel.is_private else "channels:manage")
    if not channel.is_archived:
        raise SlackError("not_archived")
    if call.bot not in channel.members:
        raise SlackError("not_in_channel")
    call.workspace.set_archived(channel, call.bot, archived=False)
    return {}


def _within(call: Call, message: Message) -> bool:
    """``oldest`` and ``latest`` are exclusive unless ``inclusive``."""
    oldest, latest, at = call.text("oldest", "0"), call.text("latest") or "inf", float(message.ts)
    if call.flag("inclusive"):
        return float(oldest) <= at <= float(latest)
    return float(oldest) < at < float(latest)


def _pages(call: Call, channel: Channel, messages: list[Message], default: int) -> dict[str, Any]:
    try:
        inside = [message for message in messages if _within(call, message)]
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    page, metadata = call.page(inside, default)
    with_metadata = call.flag("include_all_metadata")
    shapes = [message_shape(one, call.workspace, channel=channel, with_metadata=with_metadata) for one in page]
    more = bool(metadata["response_metadata"]["next_cursor"])
    return {"messages": shapes, "has_more": more, **(metadata if more else {})}


def _history(call: Call) -> dict[str, Any]:
    """Top-level messages, newest first."""
    channel = call.with_history()
    shown = [one for one in channel.messages if one.ephemeral_for is None and one.thread_ts is None]
    return {**_pages(call, channel, shown[::-1], 100), "pin_count": len(channel.pins)}


def _replies(call: Call) -> dict[str, Any]:
    """A message and its replies, oldest first."""
    channel = call.with_history()
    asked = channel.message(call.required("ts"))
    if asked is None or asked.ephemeral_for is not None:
        raise SlackError("thread_not_found")
    parent = channel.message(asked.thread_ts) if asked.thread_ts else asked
    replies = [one for one in channel.replies(asked.thread_ts or asked.ts) if one.ephemeral_for is None]
    return _pages(call, channel, [parent, *replies] if parent else replies, 1000)


READ = ("channels:read", "groups:read", "im:read")
HISTORY = ("channels:history", "groups:history", "im:history")
MANAGE = ("channels:manage", "groups:write")
METHODS: Mapping[str, Method] = {
    "conversations.list": Method(_list, READ, 2),
    "conversations.info": Method(_info, READ, 3),
    "conversations.members": Method(_members, READ, 4),
    "conversations.open": Method(_open, ("im:write",), 3),
    "conversations.create": Method(_create, MANAGE, 2),
    "conversations.invite": Method(_invite, MANAGE, 3),
    "conversations.kick": Method(_kick, MANAGE, 3),
    "conversations.join": Method(_join, ("channels:join",), 3),
    "conversations.history": Method(_history, HISTORY, 3),
    "conversations.replies": Method(_replies, HISTORY, 3),
    "conversations.setTopic": Method(_topic, (*MANAGE, "im:write"), 2),
    "conversations.setPurpose": Method(_purpose, (*MANAGE, "im:write"), 2),
    "conversations.archive": Method(_archive, MANAGE, 2),
    "conversations.unarchive": Method(_unarchive, MANAGE, 2),
}
