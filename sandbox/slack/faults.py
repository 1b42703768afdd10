"""Faults that tests inject: into Web API calls and into deliveries."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["429", "500", "lost_reply", "late_reply", "duplicate_delivery", "error"]
DELIVERIES = ("events", "commands", "interactivity", "options")
"""Targets of faults beside Web API methods, ``response_url`` and ``upload``."""


@dataclass
class InjectedFault:
    """The next ``count`` calls to ``target`` go wrong.

    ``target`` is a Web API method, ``response_url``, ``upload``, a delivery (``events``, ``commands``,
    ``interactivity``, ``options``), one kind of it (``events:app_home_opened``, ``interactivity:view_submission``)
    or ``*`` for every Web API call. ``kind``:
    429 (with ``retry_after`` seconds), 500 and error (with ``code``): refused, nothing applied. lost_reply: applied,
    then the connection drops. late_reply: applied, answered ``seconds`` later. duplicate_delivery: delivered twice.
    For deliveries, 429 and 500 mean that the app was never reached; lost and late replies are the app's. ``channel``
    limits a fault to calls that name that channel.
    """

    target: str
    kind: Kind
    count: int = 1
    retry_after: int = 1
    seconds: float = 5.0
    code: str = "internal_error"
    channel: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind {self.kind!r} is not one of {', '.join(get_args(Kind))}")
        if self.count < 1:
            raise ValueError("count must be 1 or more")


@dataclass
class Faults:
    """The faults that are still to come."""

    waiting: list[InjectedFault] = field(default_factory=list)

    def add(self, fault: InjectedFault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, *targets: str, channel: str | None = None) -> InjectedFault | None:
        """Use up the first fault that waits for one of these targets."""
        for fault in self.waiting:
            if fault.target in targets and fault.channel in {None, channel}:
                fault.count -= 1
                if fault.count == 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.waiting]
