"""Answers beside the Web API: response_url (five uses, thirty minutes) and the body of a command's ack.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.slack.blocks import check_message_blocks, prepare
from sandbox.slack.errors import SlackError, invalid
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Channel, Message, Workspace


@dataclass
class _ResponseUrl:
    user: str
    channel: str
    original: str | None
    thread_ts: str | None
    expires: datetime
    uses: int = 0


class ResponseUrls:
    """Hands out response URLs and takes what is posted to them."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self._workspace = workspace
        self._settings = settings
        self._issued: dict[str, _ResponseUrl] = {}

    def issue(self, user: str, channel: str, original: Message | None = None) -> str:
        """A URL for answers to ``user`` in ``channel``; ``original`` is the message that was acted on."""
        key = self._workspace.new_id("R")
        expires = self._workspace.clock.now() + self._settings.response_url_lifetime
        ts, thread = (original.ts, original.thread_ts) if original else (None, None)
        self._issued[key] = _ResponseUrl(user, channel, ts, thread, expires)
        return f"{self._workspace.base_url}/respond/{self._workspace.team_id}/{key}"

    def use(self, key: str, body: Any) -> None:
        """Post to a response URL.

        Raises SlackError: expired_url, used_url, no_text, invalid_blocks, invalid_payload.
        """
        issued = self._issued.get(key)
        if issued is None or self._workspace.clock.now() > issued.expires:
            raise SlackError("expired_url")
        if issued.uses >= self._settings.response_url_uses:
            raise SlackError("used_url")
        issued.uses += 1
        self.apply(body, issued.user, issued.channel, original=issued.original, thread_ts=issued.thread_ts)

    def apply(
        self, body: Any, user: str, channel: str, *, original: str | None = None, thread_ts: str | None = None
    ) -> None:
        """Do what an answer says: post (ephemeral unless told otherwise), replace or delete."""
        if not isinstance(body, dict):
            raise SlackError("invalid_payload")
        room = self._workspace.channels[channel]
        message = room.message(original) if original else None
        if body.get("delete_original"):
            self._delete(room, message)
        else:
            drawn = self._drawn(body)
            if body.get("replace_original") and original:
                self._replace(room, message, drawn)
            else:
                self._post(room, drawn, body, user, thread_ts)

    def _drawn(self, body: dict[str, Any]) -> Message:
        text, blocks = body.get("text") or "", body.get("blocks")
        if blocks is not None and (faults := check_message_blocks(blocks)):
            raise invalid("invalid_blocks", faults)
        if not text and not blocks:
            raise SlackError("no_text")
        kept = prepare(blocks, self._workspace.new_id) if blocks else None
        app = self._workspace.app
        return Message(self._workspace.next_ts(), app.bot_user, text, kept, bot_id=app.bot_id)

    def _post(self, room: Channel, drawn: Message, body: dict[str, Any], user: str, thread_ts: str | None) -> None:
        kind = body.get("response_type", "ephemeral")
        if kind not in {"ephemeral", "in_channel"}:
            raise SlackError("invalid_response_type")
        drawn.ephemeral_for = user if kind == "ephemeral" else None
        drawn.thread_ts = body.get("thread_ts") or thread_ts
        drawn.metadata = body.get("metadata")
        self._workspace.post(room, drawn)

    def _replace(self, room: Channel, message: Message | None, drawn: Message) -> None:
        if message is None:
            raise SlackError("message_not_found")
        before = copy.deepcopy(message)
        message.text, message.blocks, message.edited_ts = drawn.text, drawn.blocks, drawn.ts
        message.state_values = {}
        self._workspace.edited(room, message, before)

    def _delete(self, room: Channel, message: Message | None) -> None:
        if message is None:
            raise SlackError("message_not_found")
        self._workspace.delete(room, message)
