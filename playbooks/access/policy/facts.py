"""What access decisions are made from: plain frozen facts, gathered by commands, never looked up here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from integrations.ports import Person
from playbooks.access.policy.catalogue import Entitlement


class Purpose(StrEnum):
    """Purposes of use: the fixed vocabulary for why protected data is looked at (45 CFR 164.506, 164.512)."""

    treatment = "treatment"
    payment = "payment"
    operations = "operations"
    incident = "incident"
    support = "support"
    legal = "legal"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Purpose.treatment: "Treatment of a patient",
    Purpose.payment: "Billing and payment",
    Purpose.operations: "Running and maintaining the service",
    Purpose.incident: "Working on an incident",
    Purpose.support: "Helping a user",
    Purpose.legal: "Legal duty or audit",
}


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request as it stands at ``now`` (UTC), with the requester as the directory knows them now.

    ``purpose`` is a value of Purpose as it was submitted; what is not one is refused.
    """

    requester: Person
    entitlement: Entitlement
    duration: timedelta
    reason: str
    purpose: str | None
    minimum_necessary: str | None
    now: datetime
    has_live_grant: bool = False

    @property
    def trained(self) -> bool:
        """Whether the requester's privacy training is current."""
        return is_trained(self.requester, self.now)


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """One approval about to be counted for ``request``, which was told to take the path ``path_id``.

    ``already_approved_by`` holds the directory subjects whose approval counted, in order. ``fallback_asked`` is
    True once the path's fallback was asked because every approver was away.
    """

    request: RequestFacts
    path_id: str
    approver: Person
    already_approved_by: tuple[str, ...] = ()
    fallback_asked: bool = False


def is_trained(person: Person, now: datetime) -> bool:
    return person.training_until is not None and person.training_until > now
