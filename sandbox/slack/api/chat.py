"""chat.*: posting, updating, deleting.

Source: https://docs.slack.dev/reference/methods
"""

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.slack.api.call import Call, Method
from sandbox.slack.blocks import check_message_blocks, prepare
from sandbox.slack.errors import SlackError, invalid
from sandbox.slack.payloads.shapes import message_shape
from sandbox.slack.workspace import Blocks, Channel, Message

POST_LIMIT = 40_000
UPDATE_LIMIT = 4_000
METADATA_BYTES = 16_000


def _target(call: Call) -> Channel:
    """Where a message goes: a channel, or with a user id the DM with that person."""
    wanted = call.required("channel")
    if wanted in call.workspace.users:
        if wanted == call.bot or call.workspace.users[wanted].deleted:
            raise SlackError("channel_not_found")
        return call.workspace.dm(call.bot, wanted)
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.bot not in channel.members and not call.may("chat:write.public"):
        raise SlackError("not_in_channel")
    return channel


def _content(call: Call, limit: int) -> tuple[str, Blocks | None]:
    text, blocks = call.text("text"), call.parsed("blocks", "invalid_blocks_format")
    if "attachments" in call.arguments and call.parsed("attachments"):
        raise SlackError("attachments_not_simulated")
    if blocks is not None:
        if not isinstance(blocks, list):
            raise SlackError("invalid_blocks_format")
        if faults := check_message_blocks(blocks):
            raise invalid("invalid_blocks", faults)
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > limit:
        raise SlackError("msg_too_long")
    return text, prepare(blocks, call.workspace.new_id) if blocks else None


def _metadata(call: Call) -> dict[str, Any] | None:
    metadata = call.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    shaped = isinstance(metadata, dict) and isinstance(metadata.get("event_payload"), dict)
    if not shaped or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if len(str(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return dict(metadata)


def _thread(call: Call, channel: Channel) -> str | None:
    """The parent's ``ts``, also when a reply's was given. Raises thread_not_found."""
    if not (ts := call.text("thread_ts")):
        return None
    parent = channel.message(ts)
    if parent is None or parent.ephemeral_for is not None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _warned(text: str) -> dict[str, Any]:
    """Slack's warning about a message that notifications and screen readers cannot read."""
    if text:
        return {}
    warning = "missing_text_in_message"
    return {"warning": warning, "response_metadata": {"warnings": [warning]}}


def _post(call: Call) -> dict[str, Any]:
    channel = _target(call)
    text, blocks = _content(call, POST_LIMIT)
    team = call.workspace
    message = Message(
        "",
        call.bot,
        text,
        blocks,
        thread_ts=_thread(call, channel),
        metadata=_metadata(call),
        bot_id=team.app.bot_id,
    )
    message.ts = team.next_ts()
    team.post(channel, message)
    shape = message_shape(message, team, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape, **_warned(text)}


def _ephemeral(call: Call) -> dict[str, Any]:
    channel, user = _target(call), call.user(call.required("user"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = _content(call, POST_LIMIT)
    team = call.workspace
    message = Message(team.next_ts(), call.bot, text, blocks, ephemeral_for=user.id, bot_id=team.app.bot_id)
    message.thread_ts = _thread(call, channel)
    team.post(channel, message)
    return {"message_ts": message.ts, **_warned(text)}


def _own(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.channel()
    message = call.message(channel, call.required("ts"))
    if channel.is_archived:
        raise SlackError("is_archived")
    if message.user != call.bot or message.subtype is not None:
        raise SlackError(refusal)
    return channel, message


def _update(call: Call) -> dict[str, Any]:
    """Text without blocks takes the blocks away; metadata stays unless it is given."""
    channel, message = _own(call, "cant_update_message")
    text, blocks = _content(call, UPDATE_LIMIT)
    metadata, before = _metadata(call), copy.deepcopy(message)
    message.text, message.blocks, message.state_values = text, blocks, {}
    message.metadata = message.metadata if metadata is None else metadata
    message.edited_ts = call.workspace.next_ts()
    call.workspace.edited(channel, message, before)
    shape = message_shape(message, call.workspace, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shape, **_warned(text)}


def _delete(call: Call) -> dict[str, Any]:
    channel, message = _own(call, "cant_delete_message")
    call.workspace.delete(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> dict[str, Any]:
    channel = call.channel()
    message = call.message(channel, call.required("message_ts"))
    path = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": f"{call.workspace.base_url}/{path}{thread}"}


METHODS: Mapping[str, Method] = {
    "chat.postMessage": Method(_post, ("chat:write",), 4),
    "chat.postEphemeral": Method(_ephemeral, ("chat:write",), 4),
    "chat.update": Method(_update, ("chat:write",), 3),
    "chat.delete": Method(_delete, ("chat:write",), 3),
    "chat.getPermalink": Method(_permalink, (), 4),
}
