"""What a test makes go wrong between the bot and AWS."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["slow", "fail", "late_reply", "lost_reply", "lost_request", "500", "throttle"]


@dataclass
class InjectedFault:
    """The next ``count`` calls of ``target`` go wrong.

    ``target``: an operation (``CreateAccountAssignment``) or ``*``. ``kind``: slow (IN_PROGRESS for ``polls`` looks,
    then done), fail (likewise, then FAILED with ``reason``; both for account assignments), late_reply (applied,
    answered ``seconds`` later), lost_reply (applied, then the connection drops), lost_request (not applied, the
    connection drops), 500 and throttle (refused, nothing applied).
    """

    target: str
    kind: Kind
    count: int = 1
    polls: int = 2
    reason: str = "The permission set could not be provisioned"
    seconds: float = 15.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind {self.kind!r} is not one of {', '.join(get_args(Kind))}")
        if self.count < 1 or self.polls < 0:
            raise ValueError("count must be 1 or more, polls 0 or more")


@dataclass
class Faults:
    """The faults that are still to come."""

    waiting: list[InjectedFault] = field(default_factory=list)

    def take(self, operation: str) -> InjectedFault | None:
        """Use up the first fault that waits for this operation."""
        for fault in self.waiting:
            if fault.target in {operation, "*"}:
                fault.count -= 1
                if fault.count == 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.waiting]
