"""Slack's rate tiers, per method, and one message a second and channel.

Source: https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from core.clock import Clock
from sandbox.slack.settings import Settings

MINUTE = timedelta(minutes=1)


class RateLimiter:
    """Counts calls over the last minute by the injected clock."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._empty_at: dict[str, datetime] = {}

    def clear(self) -> None:
        self._calls.clear()
        self._empty_at.clear()

    def retry_after(self, method: str, tier: int, channel: str | None) -> int | None:
        """None: go ahead, and it is counted. Else the whole seconds to wait."""
        if not self._settings.rate_limits:
            return None
        if method == "chat.postMessage" and channel:
            return self._post(channel)
        return self._by_tier(method, tier)

    def _by_tier(self, method: str, tier: int) -> int | None:
        now, calls = self._clock.now(), self._calls[method]
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= self._settings.tiers[tier]:
            return _seconds(calls[0] + MINUTE - now)
        calls.append(now)
        return None

    def _post(self, channel: str) -> int | None:
        """A bucket that holds ``post_burst`` messages and drains one a second; ``_empty_at`` is when it is dry."""
        now = self._clock.now()
        empty_at = max(now, self._empty_at.get(channel, now)) + timedelta(seconds=1)
        if empty_at > now + timedelta(seconds=self._settings.post_burst):
            return _seconds(empty_at - now - timedelta(seconds=self._settings.post_burst))
        self._empty_at[channel] = empty_at
        return None


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
