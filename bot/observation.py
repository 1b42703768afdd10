"""Keeps the figures that come from the rows: polled by each clock process, shown by its `/metrics`."""

from dataclasses import dataclass, field
from datetime import datetime

from bot import rows
from bot.metrics import Metrics
from core.clock import Clock
from core.database import Database


@dataclass(slots=True)
class Observer:
    """Counts what happened since it began to look; a restart begins anew, as Prometheus expects of counters."""

    database: Database
    clock: Clock
    metrics: Metrics
    _ledger_size: int | None = None
    _looked_at: datetime | None = field(default=None)

    async def look(self) -> None:
        now = self.clock.now()
        async with self.database.autocommit() as connection:
            stands = await rows.standing(connection, now=now)
            queue = await rows.queue(connection)
            grants = await rows.live_grants(connection)
            size = await rows.ledger_size(connection)
            begin = size if self._ledger_size is None else self._ledger_size
            happened = await rows.transitions(connection, begin=begin, end=size)
            lags = await rows.lags(connection, after=self._looked_at or now, until=now)
        self._ledger_size, self._looked_at = size, now
        self._show(stands, queue, now)
        for status in ("granting", "active", "revoking"):
            self.metrics.grants.labels(status).set(grants.get(status, 0))
        for event, times in happened.items():
            self.metrics.transitions.labels(event).inc(times)
        for lag in lags:
            self.metrics.revocation_lag.observe(lag)

    def _show(self, stands: rows.Standing, queue: rows.Queue, now: datetime) -> None:
        self.metrics.overdue.set(stands.overdue)
        self.metrics.overdue_seconds.set(_age(stands.overdue_since, now))
        self.metrics.unsequenced.set(_age(stands.unsequenced_since, now))
        self.metrics.queue_age.set(queue.oldest_wait)
        for status, many in (("queued", queue.queued), ("picked", queue.picked), ("parked", queue.parked)):
            self.metrics.queue.labels(status).set(many)


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
