"""The desk: everything that access commands and jobs work with, handed in once by the wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from core.clock import Clock
from core.database import Database
from core.ledger import Ledger
from core.policy import PolicySet
from integrations.ports import AccessProvider, Directory
from playbooks.access.policy import Catalogue


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take before somebody or something else steps in."""

    claim: timedelta = timedelta(seconds=12)
    """A worker that has not reported for this long has lost the row to the next one."""
    grant_within: timedelta = timedelta(minutes=10)
    """A grant that the vendor has not shown by then is given up and taken back."""
    remind_before: timedelta = timedelta(minutes=10)
    poll_every: timedelta = timedelta(seconds=1)
    retry_first: timedelta = timedelta(seconds=2)
    retry_longest: timedelta = timedelta(minutes=5)
    page_after: int = 5
    """Failed attempts to revoke until somebody is paged; the attempts go on."""


def _nothing_happens(_step: str) -> None:
    """The usual witness of a step: none."""


@dataclass(frozen=True, slots=True)
class Desk:
    """``providers`` by the catalogue's vendor names.

    ``team`` is our Slack workspace's id; ``channel`` and ``alerts_channel`` are channel ids in it.

    ``reached`` is told the name of each step of a grant and a revoke as it is taken; the sandbox's kill tests use
    it to end the process there.
    """

    database: Database
    ledger: Ledger
    clock: Clock
    directory: Directory
    providers: Mapping[str, AccessProvider]
    policies: PolicySet
    catalogue: Catalogue
    team: str
    channel: str
    alerts_channel: str
    timing: Timing = field(default_factory=Timing)
    reached: Callable[[str], None] = _nothing_happens
