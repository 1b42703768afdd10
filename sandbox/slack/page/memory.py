"""What the page remembers between requests, and Slack itself would: who has read what, and a form's errors."""

from dataclasses import dataclass, field

from sandbox.slack.workspace import Channel, Message, View, Workspace


@dataclass
class Memory:
    """One for the whole page; it dies with the process, as the simulated workspace does."""

    _read: dict[tuple[str, str], str] = field(default_factory=dict)
    _errors: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def mark_read(self, user: str, channel: Channel) -> bool:
        """Everything in the channel has been seen. True if something was new."""
        last = channel.messages[-1].ts if channel.messages else ""
        fresh = last > self._read.get((user, channel.id), "")
        if fresh:
            self._read[user, channel.id] = last
        return fresh

    def unread(self, user: str, channel: Channel, workspace: Workspace) -> list[Message]:
        """What others wrote there since the person last looked."""
        last = self._read.get((user, channel.id), "")
        seen = workspace.messages_for(user, channel)
        return [message for message in seen if message.ts > last and message.user != user]

    def keep_errors(self, view: View, errors: dict[str, str]) -> None:
        self._errors[view.id] = (view.hash, errors)

    def errors(self, view: View) -> dict[str, str]:
        """The errors of the last submission, gone as soon as the app changes the view."""
        written_for, errors = self._errors.get(view.id, ("", {}))
        return errors if written_for == view.hash else {}

    def forget_errors(self, view_id: str) -> None:
        self._errors.pop(view_id, None)
