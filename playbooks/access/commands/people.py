"""Who could approve: the approvers that a path names, resolved to active people now."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import NotFound
from core.policy import Path
from integrations.ports import Directory, Person
from playbooks.access.policy import RequestFacts, approver_sources, eligible_approvers


@dataclass(frozen=True, slots=True)
class Asked:
    """The people who may approve; ``fallback`` when they are the path's fallback."""

    people: Sequence[Person]
    fallback: bool = False


async def eligible(directory: Directory, path: Path, facts: RequestFacts) -> Asked:
    """The active people whom the path asks first, or its fallback where none of them is there.

    Raises Transient when the directory is unreachable: nobody is assumed away.
    """
    people = await _available(directory, path, facts, fallback=False)
    if people or not path.fallback:
        return Asked(people)
    return Asked(await _available(directory, path, facts, fallback=True), fallback=True)


async def _available(directory: Directory, path: Path, facts: RequestFacts, *, fallback: bool) -> Sequence[Person]:
    sources = approver_sources(path, facts, fallback_asked=fallback)
    candidates = [person for source in sources for person in await _members(directory, source)]
    return eligible_approvers(path, facts, candidates, fallback_asked=fallback)


async def _members(directory: Directory, source: str) -> Sequence[Person]:
    kind, _, key = source.partition(":")
    try:
        return await directory.members(key) if kind == "group" else [await directory.person(key)]
    except NotFound:
        return []
