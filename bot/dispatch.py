"""What Slack sends, by kind and name: one dictionary look-up from a payload to whoever answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["command", "action", "view", "shortcut", "event"]


@dataclass(frozen=True, slots=True)
class Payload:
    """One verified payload. ``team`` and ``user`` are Slack ids, empty where Slack names none.

    ``body`` is Slack's own JSON (a slash command's form as a dictionary of strings). ``action`` is the element that
    was used, for a button or a menu. ``trigger_id`` opens one modal within 3 seconds.
    """

    kind: Kind
    name: str
    """What it is dispatched by: command, action id, callback id or event type."""
    body: dict[str, Any]
    team: str
    user: str
    trace: str
    trigger_id: str | None = None
    response_url: str | None = None

    @property
    def action(self) -> dict[str, Any]:
        """The first of ``actions`` that is an object; empty where there is none."""
        actions = self.body.get("actions")
        found = actions[0] if isinstance(actions, list) and actions else {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back at once, within Slack's 3 seconds. Empty means "taken"."""

    text: str | None = None
    """Shown to the person alone, as the answer to a slash command."""
    errors: dict[str, str] | None = None
    """A form's faults, by the block id of the input block at which each is shown."""
    view: dict[str, Any] | None = None
    """Replaces the form that was sent."""
    clear: bool = False
    """Closes every modal of the stack."""
    tell: str | None = None
    """Shown to the person alone, where they pressed the button (or as a direct message from a form)."""


Handler = Callable[[Payload], Awaitable[Answer]]

NOTHING = Answer()


@dataclass(slots=True)
class Dispatch:
    """Who answers what, by exact names.

    ``commands`` by "/access", ``actions`` by action id, ``views`` and ``shortcuts`` by callback id, ``events`` by type.
    """

    commands: dict[str, Handler] = field(default_factory=dict)
    actions: dict[str, Handler] = field(default_factory=dict)
    views: dict[str, Handler] = field(default_factory=dict)
    shortcuts: dict[str, Handler] = field(default_factory=dict)
    events: dict[str, Handler] = field(default_factory=dict)

    def handler(self, kind: Kind, name: str) -> Handler | None:
        """Who answers, None for a name that nobody knows (a button of an older version)."""
        table = {
            "command": self.commands,
            "action": self.actions,
            "view": self.views,
            "shortcut": self.shortcuts,
            "event": self.events,
        }[kind]
        return table.get(name)
