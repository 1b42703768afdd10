"""What the app asked of this Slack, and what this Slack delivered, for tests to look at."""

from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call. ``error`` is Slack's code, or the injected fault, or None."""

    at: datetime
    method: str
    arguments: dict[str, Any]
    status: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery to the app. ``kind`` is such as ``commands`` or ``interactivity:view_submission``.

    ``outcome`` is ``ok``, ``timeout``, ``unreachable`` or ``status NNN``.
    """

    at: datetime
    kind: str
    retry: int
    outcome: str


@dataclass
class Journal:
    """The last calls and deliveries, oldest first."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT))
    deliveries: deque[Delivered] = field(default_factory=lambda: deque(maxlen=KEPT))

    def clear(self) -> None:
        self.calls.clear()
        self.deliveries.clear()

    def listed(self) -> dict[str, Any]:
        """JSON shape: ``{"calls": [...], "deliveries": [...]}`` with ISO instants."""
        return {
            "calls": [{**asdict(call), "at": call.at.isoformat()} for call in self.calls],
            "deliveries": [{**asdict(one), "at": one.at.isoformat()} for one in self.deliveries],
        }
