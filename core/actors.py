"""Who acts. A mandatory keyword everywhere, so that an anonymous change is a TypeError."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["person", "schedule", "playbook", "operator"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that a ledger entry can name, written as ``kind:id``."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def person(subject: str) -> Actor:
    """A human being, by the directory's subject (never by a Slack id or an e-mail address)."""
    return Actor("person", subject)


def schedule(name: str) -> Actor:
    """Time itself: an expiry, a reminder, a sweep."""
    return Actor("schedule", name)


def playbook(name: str) -> Actor:
    """A playbook acting on its own rules: policy, a job's outcome, a reaction."""
    return Actor("playbook", name)


def operator(login: str) -> Actor:
    """Whoever runs the command line on the host, by the host's login name."""
    return Actor("operator", login)
