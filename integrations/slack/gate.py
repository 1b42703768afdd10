"""Slack's pauses, kept per method and place: what Slack would refuse is not even sent."""

from datetime import datetime, timedelta

from core.clock import Clock
from core.errors import Transient
from integrations.slack.faults import Call


class RateGate:
    """Remembers in this process until when Slack wants no more of a method in a place."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed_until: dict[tuple[str, str], datetime] = {}

    def enter(self, call: Call) -> None:
        """Raises Transient with the seconds that remain."""
        key = (call.method, call.place)
        until = self._closed_until.get(key)
        if until is None:
            return
        remaining = (until - self._clock.now()).total_seconds()
        if remaining > 0:
            raise Transient(f"Slack's pause on {call.method} is not over. It is tried again.", retry_after=remaining)
        del self._closed_until[key]

    def close(self, call: Call, seconds: float) -> None:
        self._closed_until[call.method, call.place] = self._clock.now() + timedelta(seconds=seconds)
