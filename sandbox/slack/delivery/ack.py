"""What goes to the app and what it says to that."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Envelope = Literal["events_api", "interactive", "slash_commands"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One payload on its way. ``kind`` names it for faults and the journal: ``commands``, ``events:message`` ..."""

    envelope: Envelope
    kind: str
    payload: dict[str, Any]
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """The app's answer. ``body`` is parsed JSON, a text, or None when empty.

    ``outcome``: ``ok``; ``timeout`` (no answer in time); ``unreachable``; ``status`` (an HTTP status that is no 2xx).
    """

    outcome: Literal["ok", "timeout", "unreachable", "status"]
    body: Any = None
    status: int = 200
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"


class Transport(Protocol):
    """A way to the app."""

    async def send(self, parcel: Parcel, timeout: float) -> Ack:  # noqa: ASYNC109  Slack's own ack timeout
        """Deliver once and wait for the answer, ``timeout`` seconds at most. Never raises."""
        ...

    async def aclose(self) -> None: ...
