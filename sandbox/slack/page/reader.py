"""For whom a text is rendered: their zone, the present, and the names behind the ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


@dataclass(frozen=True)
class Reader:
    """``now`` is the sandbox's instant in UTC; the maps lead from ids to names without ``@`` or ``#``."""

    now: datetime
    user: str = ""
    zone: tzinfo = UTC
    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    def local(self, seconds: float) -> datetime:
        """The reader's wall time of an instant in Unix seconds."""
        return datetime.fromtimestamp(seconds, tz=self.zone)
