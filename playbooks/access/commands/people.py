"""Who could approve: the approvers that a path's stage names, resolved to people whose yes would count now."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import NotFound
from core.policy import Path, PolicySet
from integrations.ports import Directory, Person
from playbooks.access.policy import (
    ApprovalFacts,
    RequestFacts,
    approve_question,
    approver_sources,
    eligible_approvers,
    stage_to_ask,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The people who may approve; ``fallback`` when the path's fallback is among them; ``needed`` yeses of theirs."""

    people: Sequence[Person]
    needed: int = 0
    fallback: bool = False

    @property
    def enough(self) -> bool:
        return len(self.people) >= self.needed


async def eligible(
    directory: Directory, policies: PolicySet, path: Path, facts: RequestFacts, approved_by: tuple[str, ...] = ()
) -> Asked:
    """The people whom the path asks once ``approved_by`` have said yes; with its fallback where they are too few.

    Whom a policy forbids to approve is not asked. Raises Transient when the directory is unreachable: nobody is
    assumed away.
    """
    stage = stage_to_ask(path, facts, approved_by)
    if stage is None:
        return Asked((), 0)
    asked = Asked(await _available(directory, policies, path, facts, approved_by, fallback=False), stage.approvals)
    if asked.enough or not path.fallback:
        return asked
    people = await _available(directory, policies, path, facts, approved_by, fallback=True)
    return Asked(people, stage.approvals, fallback=True)


async def _available(
    directory: Directory,
    policies: PolicySet,
    path: Path,
    facts: RequestFacts,
    approved_by: tuple[str, ...],
    *,
    fallback: bool,
) -> Sequence[Person]:
    sources = approver_sources(path, facts, approved_by, fallback_asked=fallback)
    candidates = [person for source in sources for person in await _members(directory, source)]
    people = eligible_approvers(path, facts, candidates, approved_by, fallback_asked=fallback)
    questions = [approve_question(ApprovalFacts(facts, path.id, person, approved_by, fallback)) for person in people]
    return [person for person, question in zip(people, questions, strict=True) if policies.veto(question).allowed]


async def _members(directory: Directory, source: str) -> Sequence[Person]:
    kind, _, key = source.partition(":")
    try:
        return await directory.members(key) if kind == "group" else [await directory.person(key)]
    except NotFound:
        return []
