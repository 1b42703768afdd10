"""Facts put as questions to the policies, in the words of ``schema.cedarschema``."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path

from core.policy import Entity, PolicySet, Question, Uid, Value
from integrations.ports import Person
from playbooks.access.policy.catalogue import Entitlement, Target
from playbooks.access.policy.facts import ApprovalFacts, RequestFacts, is_trained


@cache
def schema() -> str:
    """The text of the schema that access policies are checked against."""
    return resources.files(__package__).joinpath("schema.cedarschema").read_text(encoding="utf-8")


def load_policies(folder: Path) -> PolicySet:
    """The access policies of a folder. Raises ConfigurationFault with all of their faults."""
    return PolicySet.load(folder, schema())


def request_question(facts: RequestFacts) -> Question:
    """Whether the requester may have it, and through which paths."""
    return Question(
        principal=_person(facts.requester, facts.now),
        action="request",
        resource=_entitlement(facts.entitlement),
        context=_terms(facts),
        others=(_target(facts.entitlement.target),),
    )


def approve_question(facts: ApprovalFacts) -> Question:
    """Whether anything forbids this approver to approve this request."""
    request = facts.request
    requester = _person(request.requester, request.now)
    return Question(
        principal=_person(facts.approver, request.now),
        action="approve",
        resource=_entitlement(request.entitlement),
        context={"requester": requester.uid, "terms": _terms(request)},
        others=(requester, _target(request.entitlement.target)),
    )


def _terms(facts: RequestFacts) -> Mapping[str, Value | None]:
    utc = facts.now.astimezone(UTC)
    return {
        "duration": facts.duration,
        "now": facts.now,
        "hour": utc.hour,
        "weekday": utc.isoweekday(),
        "has_live_grant": facts.has_live_grant,
        "purpose": facts.purpose,
    }


def _person(person: Person, now: datetime) -> Entity:
    attributes: dict[str, Value | None] = {
        "active": person.active,
        "guest": person.guest,
        "trained": is_trained(person, now),
        "manager": person.manager,
        "training_until": person.training_until,
    }
    groups = tuple(Uid("Group", name) for name in sorted(person.groups))
    return Entity(Uid("Person", person.subject), attributes, groups)


def _target(target: Target) -> Entity:
    own = {"environment": target.environment, "vendor": target.vendor, "owner": target.owner}
    return Entity(Uid("Target", target.id), {**own, "phi": target.phi, "tags": target.tags})


def _entitlement(entitlement: Entitlement) -> Entity:
    target = entitlement.target
    attributes: dict[str, Value | None] = {
        "target": Uid("Target", target.id),
        "level": entitlement.level,
        "environment": target.environment,
        "vendor": target.vendor,
        "phi": target.phi,
        "tags": target.tags,
    }
    return Entity(Uid("Entitlement", entitlement.key), attributes, (Uid("Target", target.id),))
