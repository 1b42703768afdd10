"""What a person may ask for at all: the request modal shows this and nothing else."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.policy import Path, PolicySet
from integrations.ports import Person
from playbooks.access.policy.catalogue import Catalogue, Entitlement
from playbooks.access.policy.decide import ease
from playbooks.access.policy.facts import Purpose, RequestFacts
from playbooks.access.policy.fit import path_person_faults, person_faults
from playbooks.access.policy.questions import request_question

_SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """An entitlement that a person may ask for, and the paths to it, easiest first."""

    entitlement: Entitlement
    paths: tuple[Path, ...]

    @property
    def max_duration(self) -> timedelta:
        """The longest that any of the paths allows."""
        return max(path.max_duration for path in self.paths)

    @property
    def requires(self) -> frozenset[str]:
        """What must be said on every path: patient data always asks for purpose and minimum necessary."""
        needed = frozenset.intersection(*(path.requires for path in self.paths))
        return needed | {"purpose", "minimum_necessary"} if self.entitlement.target.phi else needed


def offers(policies: PolicySet, catalogue: Catalogue, person: Person, now: datetime) -> list[Offer]:
    """What this person may ask for at all, in the catalogue's order, and through which paths.

    A path is on offer when some purpose of use opens it; what the form still has to say is left to ``decide_request``.
    """
    least = [_least(person, entitlement, now) for entitlement in catalogue.entitlements.values()]
    tried = [replace(facts, purpose=purpose) for facts in least for purpose in (None, *Purpose)]
    tried = [facts for facts in tried if not any(person_faults(facts))]
    rulings = policies.rule_each([request_question(facts) for facts in tried])
    found: dict[Entitlement, set[Path]] = {}
    for facts, ruling in zip(tried, rulings, strict=True):
        paths = [path for path in ruling.paths if ruling.allowed and not any(path_person_faults(path, facts))]
        found.setdefault(facts.entitlement, set()).update(paths)
    return [Offer(entitlement, tuple(sorted(paths, key=ease))) for entitlement, paths in found.items() if paths]


def _least(person: Person, entitlement: Entitlement, now: datetime) -> RequestFacts:
    return RequestFacts(person, entitlement, _SHORTEST, "", None, None, now)
