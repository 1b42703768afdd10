"""Where a person acts, and what they see of it."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.workspace import View


class CannotDo(Exception):  # noqa: N818  the field says "cannot", not "cannot error"
    """The person's browser would not offer this: not in the channel, no such button, an option not in the list."""


@dataclass(frozen=True, slots=True)
class InMessage:
    """Something inside a message."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class InView:
    """Something inside an open modal."""

    view_id: str


@dataclass(frozen=True, slots=True)
class InHome:
    """Something inside the person's own Home."""


Container = InMessage | InView | InHome


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person sees at once. Everything later arrives as a change of the workspace.

    ``failed`` is Slack's own text when something went wrong ("/access failed because the app did not respond"),
    else None. ``errors`` maps the block id of an input to the text under it. A submitted modal is either
    ``closed`` (with ``updated`` being the view underneath that shows again, if there is one), ``updated`` in
    place, or covered by ``pushed``. ``channel`` and ``ts`` name what was posted or opened. ``options`` answers
    ``Actions.options``: option objects, or with groups ``{"label", "options"}`` objects.
    """

    failed: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    updated: View | None = None
    pushed: View | None = None
    channel: str | None = None
    ts: str | None = None
    options: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.failed is None and not self.errors
