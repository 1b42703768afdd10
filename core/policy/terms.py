"""What a policy's annotations mean: a permit is one path with its own terms, a forbid has its reason and cure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

REQUIREMENTS = frozenset({"purpose", "minimum_necessary", "ticket", "training"})
"""What a path may ask of a request beyond its length."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One round of asking: ``approvals`` different people out of ``approvers`` must say yes.

    ``approvers`` are ``group:<name>``, ``owner`` (of the target) or ``manager`` (of the requester).
    """

    approvals: int
    approvers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """One way to access, as one permit grants it. A request fits a path whole or not at all.

    ``stages`` are asked one after the other; none means that nobody is asked. ``request_expires`` is how long a
    request waits for its approvals, ``grace`` how long a failing revoke is retried before somebody is paged.
    ``fallback`` (``group:<name>``) is asked when every approver of a stage is away. ``applies_to`` says in plain
    words whom and what the path is for; it may be empty.
    """

    id: str
    title: str
    max_duration: timedelta
    stages: tuple[Stage, ...] = ()
    requires: frozenset[str] = frozenset()
    request_expires: timedelta = timedelta(hours=8)
    fallback: str | None = None
    self_approval: bool = False
    grace: timedelta = timedelta(minutes=15)
    applies_to: str = ""
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def approvals(self) -> int:
        """How many different people must say yes, over all stages."""
        return sum(stage.approvals for stage in self.stages)

    @property
    def approvers(self) -> tuple[str, ...]:
        """Everybody whom any stage asks, each named once, in the order of asking."""
        return tuple(dict.fromkeys(name for stage in self.stages for name in stage.approvers))

    def stage_after(self, approved: int) -> Stage | None:
        """The stage to be asked once ``approved`` different people have said yes; None when nobody is left to ask."""
        for stage in self.stages:
            if approved < stage.approvals:
                return stage
            approved -= stage.approvals
        return None


@dataclass(frozen=True, slots=True)
class Forbid:
    """A refusal that no path overrides, in the words shown to people."""

    id: str
    reason: str
    cure: str

    def __str__(self) -> str:
        return f"{self.reason} {self.cure}"
