"""How a sandbox is wished for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.house.places import CLINIC

Tell = Callable[[str], None]
"""Is told in a few words what is being started now."""

AWS_POLLS = 1
"""How often one has to ask until an account assignment is through: the real Identity Center takes its time, too."""


@dataclass(frozen=True, slots=True)
class Options:
    """How many of each process, and how the outside behaves.

    ``port``: of Slack's page, 0 takes any free one. ``fresh`` begins with nothing of an earlier sandbox. ``durable``
    False skips fsync, for tests.
    """

    web: int = 1
    worker: int = 1
    clock: int = 1
    port: int = 0
    aws_polls: int = AWS_POLLS
    fresh: bool = False
    durable: bool = True
    clinic: Path = CLINIC

    def names(self) -> list[str]:
        """Chaperone's own processes: ``web-1``, ``web-2``, ``worker-1`` ..."""
        counts = {"web": self.web, "worker": self.worker, "clock": self.clock}
        return [f"{kind}-{number}" for kind, many in counts.items() for number in range(1, many + 1)]
