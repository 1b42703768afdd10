"""Trigger ids: good once, for three seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack.errors import SlackError
from sandbox.slack.workspace import Workspace


@dataclass
class _Trigger:
    user: str
    expires: datetime
    used: bool = False


class Triggers:
    """Hands out trigger ids and takes them back."""

    def __init__(self, workspace: Workspace, lifetime: timedelta) -> None:
        self._workspace = workspace
        self._lifetime = lifetime
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user: str) -> str:
        trigger_id = f"{self._workspace.tick()}.{self._workspace.new_id('X')}"
        self._issued[trigger_id] = _Trigger(user, self._workspace.clock.now() + self._lifetime)
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """The person whose action this was.

        Raises SlackError: invalid_trigger_id, exchanged_trigger_id (used before), expired_trigger_id.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._workspace.clock.now() > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user
