"""Who could approve: the approvers that a path names, resolved to active people now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import NotFound
from core.policy import Path
from integrations.ports import Directory, Person
from playbooks.access.policy import Target


@dataclass(frozen=True, slots=True)
class Asked:
    """The people who may approve; ``fallback`` when they are the path's fallback."""

    people: Sequence[Person]
    fallback: bool = False


async def eligible(directory: Directory, path: Path, *, requester: Person, target: Target) -> Asked:
    """The active people whom the path's stages ask, the requester left out, each once.

    Where nobody is there, the path's fallback is asked instead. Raises Transient when the directory is unreachable.
    """

    async def available(names: Iterable[str]) -> Sequence[Person]:
        people = await _resolved(directory, names, requester=requester, target=target)
        return [each for each in people if each.subject != requester.subject or path.self_approval]

    people = await available(path.approvers)
    if people or not path.fallback:
        return Asked(people)
    return Asked(await available([path.fallback]), fallback=True)


async def _resolved(
    directory: Directory, names: Iterable[str], *, requester: Person, target: Target
) -> Sequence[Person]:
    found: dict[str, Person] = {}
    for name in names:
        concrete = {"owner": target.owner, "manager": f"person:{requester.manager}"}.get(name, name)
        found |= {each.subject: each for each in await _members(directory, concrete) if _fit(each)}
    return list(found.values())


async def _members(directory: Directory, name: str) -> Sequence[Person]:
    kind, _, key = name.partition(":")
    try:
        return await directory.members(key) if kind == "group" else [await directory.person(key)]
    except NotFound:
        return []


def _fit(person: Person) -> bool:
    return person.active and not person.guest
