"""The hands of every person in the workspace."""

from collections.abc import Sequence
from typing import Any

from sandbox.slack.actions.modals import Modals
from sandbox.slack.actions.outcome import Container, Outcome
from sandbox.slack.actions.pressing import Pressing
from sandbox.slack.actions.standing import Standing
from sandbox.slack.actions.talking import Talking
from sandbox.slack.engine import Engine


class Actions:
    """What a person in a browser can do. Every method takes the acting user's id first.

    Each delivers the right payload to the app and returns what the person sees, at the latest after Slack's three
    seconds. Raises CannotDo for what their browser would not offer them.

    Values, as people give them: button None; static_select, radio_buttons, external_select, overflow: the option's
    ``value``; checkboxes and multi_*_select: a list; users_select, conversations_select, channels_select: an id;
    datepicker "2026-03-02"; timepicker "14:30"; datetimepicker: seconds since the epoch; plain_text_input,
    number_input, email_text_input, url_text_input: text; rich_text_input: a rich_text object or text; file_input: a
    list of file ids. None or [] clears.
    """

    def __init__(self, engine: Engine) -> None:
        standing = Standing(engine)
        self._talking = Talking(standing)
        self._pressing = Pressing(standing)
        self._modals = Modals(standing)

    async def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, *, files: Sequence[str] = ()
    ) -> Outcome:
        """Write a message. ``text`` is what was typed, mentions already as ``<@U...>``. Sets ``channel``, ``ts``.

        ``files`` are ids of what the person has uploaded.
        """
        return self._talking.say(user, channel, text, thread_ts, files)

    async def slash(self, user: str, channel: str, text: str) -> Outcome:
        """Send a slash command such as "/access prod"."""
        return await self._talking.slash(user, channel, text)

    async def press(
        self,
        user: str,
        container: Container,
        block_id: str,
        action_id: str,
        value: Any = None,
        *,
        values: dict[str, Any] | None = None,
    ) -> Outcome:
        """Use an interactive element: a button, menu, picker, box or a dispatching text input.

        ``values`` (block id -> value) is what the person has filled into the container's other inputs so far.
        An element inside an input block without ``dispatch_action`` only remembers the value and tells nobody.
        """
        return await self._pressing.press(user, container, block_id, action_id, value, values or {})

    async def submit_view(self, user: str, view_id: str, values: dict[str, Any] | None = None) -> Outcome:
        """Press Submit in the top modal. ``values`` maps block id -> value; untouched inputs keep their value."""
        return await self._modals.submit(user, view_id, values or {})

    async def close_view(self, user: str, view_id: str, *, clear: bool = False) -> Outcome:
        """Press Cancel (back to the modal underneath), or with ``clear`` the X, which closes the whole stack."""
        return self._modals.close(user, view_id, clear=clear)

    async def open_home(self, user: str, tab: str = "home") -> Outcome:
        """Click the app. ``tab`` is "home" or "messages"."""
        return self._talking.open_home(user, tab)

    async def global_shortcut(self, user: str, callback_id: str) -> Outcome:
        return await self._talking.global_shortcut(user, callback_id)

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        return await self._talking.message_shortcut(user, channel, ts, callback_id)

    async def options(self, user: str, container: Container, block_id: str, action_id: str, query: str) -> Outcome:
        """Type into an external select. The answer is in ``options``."""
        return await self._pressing.options(user, container, block_id, action_id, query)

    async def open_dm(self, user: str, other: str) -> Outcome:
        """Open the direct message with somebody (the bot, for one). Sets ``channel``."""
        return self._talking.open_dm(user, other)

    async def upload(self, user: str, name: str, content: bytes) -> str:
        """Upload a file for a file_input or a message. Answers the file's id."""
        return self._talking.upload(user, name, content)

    async def join(self, user: str, channel: str) -> Outcome:
        """Join a public channel."""
        return self._talking.join(user, channel)

    async def invite(self, user: str, channel: str, other: str) -> Outcome:
        """Add somebody, or the bot, to a channel that the person is in."""
        return self._talking.invite(user, channel, other)
