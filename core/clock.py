"""The only reader of time. Injected everywhere; the sandbox's one can travel."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """The present as a timezone-aware UTC instant."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class TravellingClock:
    """The machine's clock plus an offset (seconds, as text) read from a file that all sandbox processes share."""

    offset_file: Path

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset()

    def offset(self) -> timedelta:
        """How far the sandbox has travelled. No file means not at all."""
        try:
            return timedelta(seconds=float(self.offset_file.read_text()))
        except FileNotFoundError:
            return timedelta()

    def travel(self, by: timedelta) -> timedelta:
        """Move every process that shares the file by ``by`` and answer the new total offset."""
        total = self.offset() + by
        fresh = self.offset_file.with_suffix(".new")
        fresh.write_text(str(total.total_seconds()))
        fresh.replace(self.offset_file)
        return total


@dataclass
class ManualClock:
    """A clock that stands still until told. For tests and benchmarks."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 3, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by
