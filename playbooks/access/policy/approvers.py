"""Whose word counts: the names in a path's @approvers turned into people."""

from collections.abc import Iterable

from core.policy import Path, Stage
from integrations.ports import Person
from playbooks.access.policy.facts import RequestFacts


def counted(path: Path, request: RequestFacts, approved_by: Iterable[str]) -> frozenset[str]:
    """The people whose approvals count: each once, the requester never unless the path allows self-approval."""
    subjects = frozenset(approved_by)
    return subjects if path.self_approval else subjects - {request.requester.subject}


def stage_to_ask(path: Path, request: RequestFacts, approved_by: Iterable[str]) -> Stage | None:
    """The stage whose approvers are to be asked now; None when all have said yes (or nobody need be asked)."""
    return path.stage_after(len(counted(path, request, approved_by)))


def approver_sources(
    path: Path, request: RequestFacts, approved_by: Iterable[str] = (), *, fallback_asked: bool = False
) -> tuple[str, ...]:
    """Where to look up those who may approve now: ``group:<name>`` and ``person:<subject>``, each once.

    Empty when nobody is left to ask. A manager whom the directory does not name is left out.
    """
    stage = stage_to_ask(path, request, approved_by)
    return resolved(_names(path, stage, fallback_asked=fallback_asked), request) if stage else ()


def resolved(names: Iterable[str], request: RequestFacts) -> tuple[str, ...]:
    """``owner`` and ``manager`` replaced by whom they mean for this request."""
    manager = request.requester.manager
    meant = {"owner": request.entitlement.target.owner, "manager": f"person:{manager}" if manager else ""}
    return tuple(dict.fromkeys(source for name in names if (source := meant.get(name, name))))


def matches(source: str, person: Person) -> bool:
    """Whether a person is meant by ``group:<name>`` or ``person:<subject>``. Anything else means nobody."""
    kind, _, name = source.partition(":")
    return (kind == "group" and name in person.groups) or (kind == "person" and name == person.subject)


def eligible_approvers(
    path: Path,
    request: RequestFacts,
    candidates: Iterable[Person],
    approved_by: Iterable[str] = (),
    *,
    fallback_asked: bool = False,
) -> tuple[Person, ...]:
    """Those of ``candidates`` whose approval would count now, each subject once, in the order given.

    The policies may still forbid one of them: ``decide_approval`` has the last word.
    """
    done = frozenset(approved_by)
    sources = approver_sources(path, request, done, fallback_asked=fallback_asked)
    found: dict[str, Person] = {}
    for person in candidates:
        if person.active and not person.guest and any(matches(source, person) for source in sources):
            found.setdefault(person.subject, person)
    barred = done if path.self_approval else done | {request.requester.subject}
    return tuple(person for subject, person in found.items() if subject not in barred)


def approvers_in_words(
    path: Path, request: RequestFacts, approved_by: Iterable[str] = (), *, fallback_asked: bool = False
) -> str:
    """Who can approve now, as told to people: ``a member of dba or the owner of EHR database (dba)``."""
    stage = stage_to_ask(path, request, approved_by)
    names = _names(path, stage, fallback_asked=fallback_asked) if stage else ()
    return " or ".join(_in_words(name, request) for name in names) or "nobody any more"


def _names(path: Path, stage: Stage, *, fallback_asked: bool) -> tuple[str, ...]:
    return (*stage.approvers, path.fallback) if fallback_asked and path.fallback else stage.approvers


def _in_words(name: str, request: RequestFacts) -> str:
    target = request.entitlement.target
    if name == "manager":
        return f"{request.requester.name}'s manager"
    if name == "owner":
        return f"the owner of {target.title} ({target.owner.partition(':')[2]})"
    return f"a member of {name.removeprefix('group:')}"
