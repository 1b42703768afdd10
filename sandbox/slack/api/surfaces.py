"""views.*, pins.*, bookmarks.*, reactions.* and files.* methods."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api.call import Call, Method
from sandbox.slack.blocks import Fault
from sandbox.slack.errors import SlackError, invalid
from sandbox.slack.payloads.shapes import file_shape, message_shape, view_shape
from sandbox.slack.views import Views
from sandbox.slack.workspace import Bookmark, File, Message, View


def _payload(call: Call) -> Any:
    view = call.parsed("view")
    if view is None:
        raise invalid("invalid_arguments", [Fault("missing required field: view", "")])
    return view


def _shown(call: Call, view: View) -> dict[str, Any]:
    return {"view": view_shape(view, call.workspace)}


def _open(call: Call) -> dict[str, Any]:
    payload, user = _payload(call), call.engine.triggers.exchange(call.required("trigger_id"))
    return _shown(call, Views(call.workspace).opened(user, payload))


def _push(call: Call) -> dict[str, Any]:
    payload, user = _payload(call), call.engine.triggers.exchange(call.required("trigger_id"))
    return _shown(call, Views(call.workspace).pushed(user, payload))


def _update(call: Call) -> dict[str, Any]:
    views = Views(call.workspace)
    view = views.found(call.text("view_id"), call.text("external_id"))
    return _shown(call, views.updated(view, _payload(call), expected_hash=call.text("hash")))


def _publish(call: Call) -> dict[str, Any]:
    if not call.workspace.app.home_tab:
        raise SlackError("not_enabled")
    user = call.user(call.required("user_id"))
    return _shown(call, Views(call.workspace).published(user.id, _payload(call), expected_hash=call.text("hash")))


def _pin(call: Call) -> dict[str, Any]:
    channel = call.joined()
    message = call.message(channel, call.required("timestamp"))
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins.append(message.ts)
    call.workspace.changed("channel", channel.id)
    return {}


def _unpin(call: Call) -> dict[str, Any]:
    channel = call.joined()
    message = call.message(channel, call.required("timestamp"))
    if message.ts not in channel.pins:
        raise SlackError("no_pin")
    channel.pins.remove(message.ts)
    call.workspace.changed("channel", channel.id)
    return {}


def _pins(call: Call) -> dict[str, Any]:
    channel = call.joined()
    pinned = [call.message(channel, ts) for ts in channel.pins]
    shapes = [message_shape(message, call.workspace, channel=channel) for message in pinned]
    return {"items": [{"type": "message", "channel": channel.id, "message": shape} for shape in shapes]}


def _bookmark(call: Call) -> dict[str, Any]:
    channel = call.joined("channel_id")
    if call.required("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not call.text("link").startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    bookmark = Bookmark(call.workspace.new_id("Bk"), call.required("title"), call.text("link"), call.text("emoji"))
    channel.bookmarks.append(bookmark)
    call.workspace.changed("channel", channel.id)
    shape = {"id": bookmark.id, "channel_id": channel.id, "title": bookmark.title, "link": bookmark.link}
    return {"bookmark": {**shape, "emoji": bookmark.emoji, "type": "link"}}


def _react(call: Call) -> dict[str, Any]:
    channel = call.joined()
    message, name = call.message(channel, call.required("timestamp")), call.required("name").strip(":")
    users = message.reactions.setdefault(name, [])
    if call.bot in users:
        raise SlackError("already_reacted")
    users.append(call.bot)
    call.workspace.changed("message", channel.id)
    return {}


def _upload_url(call: Call) -> dict[str, Any]:
    name, length = call.required("filename"), call.number("length", 0)
    if length < 1:
        raise invalid("invalid_arguments", [Fault("must be more than 0: length", "")])
    file = File(call.workspace.new_id("F"), name, name, length, call.bot)
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.workspace.base_url}/upload/{file.id}", "file_id": file.id}


def _files(call: Call) -> list[File]:
    given = call.parsed("files")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given) or not given:
        raise invalid("invalid_arguments", [Fault("missing required field: files", "")])
    files = []
    for one in given:
        file = call.workspace.files.get(str(one.get("id")))
        if file is None or file.content is None or file.completed:
            raise SlackError("file_not_found")
        file.title = str(one.get("title") or file.name)
        files.append(file)
    return files


def _complete(call: Call) -> dict[str, Any]:
    """Finishes uploads and, with ``channel_id``, shares them there in one message."""
    files, team = _files(call), call.workspace
    channel = call.joined("channel_id") if call.text("channel_id") else None
    for file in files:
        file.completed = True
    if channel is not None:
        for file in files:
            file.channels.append(channel.id)
        message = Message(team.next_ts(), call.bot, call.text("initial_comment"), bot_id=team.app.bot_id)
        message.files = [file.id for file in files]
        message.thread_ts = call.text("thread_ts") or None
        team.post(channel, message)
    return {"files": [file_shape(file, team) for file in files]}


METHODS: Mapping[str, Method] = {
    "views.open": Method(_open, (), 4),
    "views.push": Method(_push, (), 4),
    "views.update": Method(_update, (), 4),
    "views.publish": Method(_publish, (), 4),
    "pins.add": Method(_pin, ("pins:write",), 2),
    "pins.remove": Method(_unpin, ("pins:write",), 2),
    "pins.list": Method(_pins, ("pins:read",), 2),
    "bookmarks.add": Method(_bookmark, ("bookmarks:write",), 2),
    "reactions.add": Method(_react, ("reactions:write",), 3),
    "files.getUploadURLExternal": Method(_upload_url, ("files:write",), 4),
    "files.completeUploadExternal": Method(_complete, ("files:write",), 4),
}
