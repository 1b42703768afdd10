"""People, targets and policies to decide about; and the example clinic as it is shipped."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.policy import PolicySet
from integrations.directory.people import load_people
from integrations.ports import Person
from playbooks.access.policy import (
    ApprovalFacts,
    Catalogue,
    Decision,
    RequestFacts,
    decide_approval,
    decide_request,
    load_policies,
)

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
CLINIC = Path(__file__).parents[3] / "examples" / "clinic"


@dataclass(frozen=True)
class World:
    """Policies, a catalogue and people, with questions in few words."""

    policies: PolicySet
    catalogue: Catalogue
    people: dict[str, Person]

    def facts(self, who: str | Person, key: str, hours: float = 1, **others: Any) -> RequestFacts:
        """A request that says all that a form can say, unless told otherwise."""
        facts = RequestFacts(
            requester=self.people[who] if isinstance(who, str) else who,
            entitlement=self.catalogue.entitlement(key),
            duration=timedelta(hours=hours),
            reason="INC-4711: the queue is stuck",
            purpose="incident",
            minimum_necessary="Only the queue table of one clinic.",
            now=NOW,
        )
        return replace(facts, **others)

    def ask(self, who: str | Person, key: str, hours: float = 1, **others: Any) -> Decision:
        return decide_request(self.policies, self.facts(who, key, hours, **others))

    def approve(
        self, approver: str | Person, facts: RequestFacts, path: str, already: tuple[str, ...] = (), **others: Any
    ) -> Decision:
        person = self.people[approver] if isinstance(approver, str) else approver
        return decide_approval(self.policies, ApprovalFacts(facts, path, person, already, **others))

    def under(self, policies: PolicySet) -> "World":
        return replace(self, policies=policies)


@pytest.fixture(scope="session")
def clinic() -> World:
    """Maple Valley Clinic."""
    people = {entry.subject: entry.as_person() for entry in load_people(CLINIC / "people.yaml").people}
    return World(load_policies(CLINIC / "policies"), Catalogue.load(CLINIC / "catalogue.yaml"), people)


@pytest.fixture
def policies(tmp_path: Path) -> Callable[[str], PolicySet]:
    """Loads access policies written as text."""

    def policies(text: str) -> PolicySet:
        (tmp_path / "only.cedar").write_text(text, encoding="utf-8")
        return load_policies(tmp_path)

    return policies


@pytest.fixture
def world(clinic: World, policies: Callable[[str], PolicySet]) -> Callable[[str], World]:
    """The clinic's people and targets under policies of one's own."""
    return lambda text: clinic.under(policies(text))
