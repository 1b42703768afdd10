"""What stands between a request and a path, each thing as one plain sentence that ends with the cure."""

import re
from collections.abc import Iterator

from core.policy import Path, in_words
from integrations.ports import Person
from playbooks.access.policy.approvers import resolved
from playbooks.access.policy.catalogue import Target
from playbooks.access.policy.facts import Purpose, RequestFacts

_TICKET = re.compile(r"\b[A-Z][A-Z0-9]+-\d+\b")


def person_faults(facts: RequestFacts) -> Iterator[str]:
    """What bars this person from this target whatever they write in the form."""
    person, target = facts.requester, facts.entitlement.target
    if not person.active:
        yield f"{person.name} is deactivated in the directory. Ask the manager to have the account reactivated."
    if target.vendor not in person.accounts:
        yield (
            f"The directory knows no {target.vendor} account of {person.name}. "
            "Ask whoever keeps the directory to add it."
        )
    if target.phi and not facts.trained:
        yield f"{target.title} holds patient data. {_training_cure(person, target)}"


def form_faults(facts: RequestFacts) -> Iterator[str]:
    """What is wrong with the request as it was submitted, whatever path it takes."""
    if facts.duration.total_seconds() <= 0:
        yield f"Access for {in_words(facts.duration)} is none. Ask for a duration above zero."
    if not facts.reason.strip():
        yield "There is no reason. Say in a sentence what the access is for."
    if facts.purpose is not None and facts.purpose not in set(Purpose):
        yield f"“{facts.purpose}” is not a purpose of use. Choose one of: {', '.join(Purpose)}."
    if facts.entitlement.target.phi:
        yield from _phi_faults(facts)


def path_faults(path: Path, facts: RequestFacts) -> Iterator[str]:
    """What keeps a request, for which the path's policy holds, from fitting its terms."""
    yield from path_person_faults(path, facts)
    if facts.duration > path.max_duration:
        most = in_words(path.max_duration)
        yield f"It allows at most {most}, and {in_words(facts.duration)} was asked. Ask for {most} or less."
    if "ticket" in path.requires and not _TICKET.search(facts.reason):
        yield "It needs a ticket. Name one in the reason, such as INC-1234."
    # of every request for patient data form_faults asks the following two, path or no path
    asked = frozenset() if facts.entitlement.target.phi else path.requires
    if "purpose" in asked and not facts.purpose:
        yield "It needs a purpose of use. Choose one."
    if "minimum_necessary" in asked and not _said(facts.minimum_necessary):
        yield "It needs a minimum-necessary statement. Say why less access would not do."


def path_person_faults(path: Path, facts: RequestFacts) -> Iterator[str]:
    """What keeps this person from the path whatever they write in the form."""
    if "training" in path.requires and not facts.trained:
        yield f"It needs current privacy training. {_training_cure(facts.requester, facts.entitlement.target)}"
    own = set() if path.self_approval else {f"person:{facts.requester.subject}"}
    for stage in path.stages:
        if not path.fallback and not set(resolved(stage.approvers, facts)) - own:
            yield (
                f"It asks {' or '.join(stage.approvers)} for approval, and the directory names nobody but the "
                "requester. Ask whoever keeps the directory to add somebody."
            )


def _phi_faults(facts: RequestFacts) -> Iterator[str]:
    """45 CFR 164.502(b): uses of protected health information are limited to the minimum necessary."""
    title = facts.entitlement.target.title
    if not facts.purpose:
        yield f"{title} holds patient data, so a purpose of use is needed. Choose one."
    if not _said(facts.minimum_necessary):
        yield f"{title} holds patient data, so a minimum-necessary statement is needed. Say why less would not do."


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def _training_cure(person: Person, target: Target) -> str:
    until = person.training_until
    lapsed = f"lapsed on {until:%Y-%m-%d}" if until else "was never taken"
    return f"The privacy training of {person.name} {lapsed}. Renew it at {target.training_link}, then ask again."
