"""The hands of every person in the workspace."""

from typing import Any

from sandbox.slack.actions.outcome import Container, Outcome


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

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Outcome:
        """Write a message. ``text`` is what was typed, mentions already as ``<@U...>``. Sets ``channel``, ``ts``."""
        raise NotImplementedError

    async def slash(self, user: str, channel: str, text: str) -> Outcome:
        """Send a slash command such as "/access prod"."""
        raise NotImplementedError

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
        raise NotImplementedError

    async def submit_view(self, user: str, view_id: str, values: dict[str, Any] | None = None) -> Outcome:
        """Press Submit in the top modal. ``values`` maps block id -> value; untouched inputs keep their value."""
        raise NotImplementedError

    async def close_view(self, user: str, view_id: str, *, clear: bool = False) -> Outcome:
        """Press Cancel (back to the modal underneath), or with ``clear`` the X, which closes the whole stack."""
        raise NotImplementedError

    async def open_home(self, user: str, tab: str = "home") -> Outcome:
        """Click the app. ``tab`` is "home" or "messages"."""
        raise NotImplementedError

    async def global_shortcut(self, user: str, callback_id: str) -> Outcome:
        raise NotImplementedError

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        raise NotImplementedError

    async def options(self, user: str, container: Container, block_id: str, action_id: str, query: str) -> Outcome:
        """Type into an external select. The answer is in ``options``."""
        raise NotImplementedError

    async def open_dm(self, user: str, other: str) -> Outcome:
        """Open the direct message with somebody (the bot, for one). Sets ``channel``."""
        raise NotImplementedError

    async def upload(self, user: str, name: str, content: bytes) -> str:
        """Upload a file for a file_input or a message. Answers the file's id."""
        raise NotImplementedError
