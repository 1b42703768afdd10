"""Writing, slash commands, shortcuts, direct messages, the app's Home."""

import re
from collections.abc import Sequence

from sandbox.slack.actions.outcome import CannotDo, Outcome
from sandbox.slack.actions.standing import Standing
from sandbox.slack.delivery import Ack
from sandbox.slack.errors import SlackError
from sandbox.slack.workspace import File, Message

MENTION = re.compile(r"(<(?:@[UW]\w+|#C\w+(?:\|[^<>]*)?|!(?:here|channel|everyone)|!subteam\^S\w+)>)")


def typed(text: str) -> str:
    """Text as Slack keeps it: ``&``, ``<`` and ``>`` escaped, except in mentions that the composer made."""
    parts = MENTION.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = parts[index].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(parts)


def trouble(what: str, ack: Ack) -> Outcome:
    """What Slack shows when the app did not take it."""
    if ack.outcome == "timeout":
        return Outcome(failed=f"{what} failed because the app did not respond")
    if ack.outcome == "status":
        return Outcome(failed=f"{what} failed with the error “dispatch_failed” (the app answered {ack.status})")
    return Outcome(failed=f"{what} failed with the error “dispatch_failed” (the app cannot be reached)")


class Talking:
    """See Actions for what each method promises."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._engine = standing.engine
        self._workspace = standing.workspace

    def say(self, user: str, channel: str, text: str, thread_ts: str | None, files: Sequence[str]) -> Outcome:
        room = self._standing.room(user, channel)
        if not text.strip() and not files:
            raise CannotDo("an empty message is not sent")
        if thread_ts is not None:
            _room, parent = self._standing.message(user, channel, thread_ts)
            thread_ts = parent.thread_ts or parent.ts
        message = Message(self._workspace.next_ts(), user, typed(text), thread_ts=thread_ts)
        for file_id in files:
            self._uploaded(user, file_id).channels.append(room.id)
            message.files.append(file_id)
        self._workspace.post(room, message)
        return Outcome(channel=room.id, ts=message.ts)

    def _uploaded(self, user: str, file_id: str) -> File:
        file = self._workspace.files.get(file_id)
        if file is None or file.user != user:
            raise CannotDo(f"{user} has uploaded no file {file_id}")
        return file

    async def slash(self, user: str, channel: str, text: str) -> Outcome:
        room = self._standing.room(user, channel)
        name, _space, rest = text.strip().partition(" ")
        if self._workspace.app.command(name) is None or "commands" not in self._workspace.app.scopes:
            return Outcome(failed=f"{name} is not a valid command")
        trigger_id = self._engine.triggers.issue(user)
        url = self._engine.responses.issue(user, room.id)
        payload = self._standing.payloads.command(
            user, room, name, rest.strip(), trigger_id=trigger_id, response_url=url
        )
        ack = await self._engine.delivery.command(payload)
        if not ack.ok:
            return trouble(name, ack)
        return self._answered(name, ack, user, room.id)

    def _answered(self, name: str, ack: Ack, user: str, channel: str) -> Outcome:
        """The body of an acknowledgement is a message, ephemeral unless it says otherwise."""
        if not ack.body:
            return Outcome(channel=channel)
        body = {"text": ack.body} if isinstance(ack.body, str) else ack.body
        try:
            self._engine.responses.apply(body, user, channel)
        except SlackError as error:
            self._workspace.complaints.append(f"the answer to {name} was refused: {error.answer()}")
            return Outcome(failed=f"{name} failed with the error “{error.code}”")
        return Outcome(channel=channel)

    def open_home(self, user: str, tab: str) -> Outcome:
        self._standing.person(user)
        room = self._workspace.dm(self._workspace.app.bot_user, user)
        self._engine.events.home_opened(user, room, tab)
        return Outcome(channel=room.id)

    async def global_shortcut(self, user: str, callback_id: str) -> Outcome:
        self._standing.person(user)
        shortcut = self._workspace.app.shortcut(callback_id, "global")
        if shortcut is None:
            raise CannotDo(f"no global shortcut {callback_id}")
        trigger_id = self._engine.triggers.issue(user)
        payload = self._standing.payloads.shortcut(user, callback_id, trigger_id=trigger_id)
        ack = await self._engine.delivery.interaction(payload)
        return Outcome() if ack.ok else trouble(shortcut.name, ack)

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        room, message = self._standing.message(user, channel, ts)
        shortcut = self._workspace.app.shortcut(callback_id, "message")
        if shortcut is None:
            raise CannotDo(f"no message shortcut {callback_id}")
        payload = self._standing.payloads.message_action(
            user,
            room,
            message,
            callback_id,
            trigger_id=self._engine.triggers.issue(user),
            response_url=self._engine.responses.issue(user, room.id),
        )
        ack = await self._engine.delivery.interaction(payload)
        return Outcome() if ack.ok else trouble(shortcut.name, ack)

    def open_dm(self, user: str, other: str) -> Outcome:
        self._standing.person(user)
        if other not in self._workspace.users or other == user:
            raise CannotDo(f"nobody called {other} to write to")
        return Outcome(channel=self._workspace.dm(user, other).id)

    def join(self, user: str, channel: str) -> Outcome:
        room = self._standing.seen(user, channel)
        if room.is_archived or room.is_private or room.is_im:
            raise CannotDo(f"{user} cannot join {channel}")
        if user not in room.members:
            self._workspace.join(room, user)
        return Outcome(channel=room.id)

    def invite(self, user: str, channel: str, other: str) -> Outcome:
        room = self._standing.room(user, channel)
        invited = self._workspace.users.get(other)
        if invited is None or invited.deleted or room.is_im:
            raise CannotDo(f"{other} cannot be invited to {channel}")
        if other not in room.members:
            self._workspace.join(room, other, inviter=user)
        return Outcome(channel=room.id)

    def upload(self, user: str, name: str, content: bytes) -> str:
        self._standing.person(user)
        file = File(self._workspace.new_id("F"), name, name, len(content), user, content, completed=True)
        self._workspace.files[file.id] = file
        return file.id
