"""A directory in memory for tests: people put in by hand, and a switch that takes it away."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.errors import NotFound, Transient
from integrations.ports import Person


class FakeDirectory:
    """Directory in memory. ``unreachable`` makes every question fail as a network would.

    ``aliases`` binds further Slack accounts, ``(team, user)``, to a subject. ``groups`` names groups that exist
    without members.
    """

    def __init__(
        self,
        people: Iterable[Person] = (),
        *,
        aliases: dict[tuple[str, str], str] | None = None,
        groups: Iterable[str] = (),
    ) -> None:
        self.unreachable = False
        self.asked: list[str] = []
        self._people = {person.subject: person for person in people}
        self._aliases = dict(aliases or {})
        self._groups = set(groups)

    def put(self, person: Person) -> None:
        """Add a person or replace what is known of them."""
        self._people[person.subject] = person

    def remove(self, subject: str) -> None:
        del self._people[subject]

    def deactivate(self, subject: str) -> None:
        self.put(replace(self._people[subject], active=False))

    async def person(self, subject: str) -> Person:
        self._ask(f"person {subject}")
        try:
            return self._people[subject]
        except KeyError:
            raise NotFound(f"The directory knows no {subject!r}. Ask its owner to add them.") from None

    async def by_slack(self, team: str, user: str) -> Person:
        self._ask(f"by_slack {team} {user}")
        subject = self._aliases.get((team, user))
        bound = [
            person
            for person in self._people.values()
            if person.subject == subject or (person.slack_team, person.slack_user) == (team, user)
        ]
        if not user or len(bound) != 1 or bound[0].guest:
            raise NotFound("The directory binds this Slack account to nobody who works here. Ask its owner.")
        return bound[0]

    async def members(self, group: str) -> Sequence[Person]:
        self._ask(f"members {group}")
        inside = [person for person in self._people.values() if group in person.groups]
        if not inside and group not in self._groups:
            raise NotFound(f"The directory has no group {group!r}. Correct the name in the policy.")
        return tuple(person for person in inside if person.active and not person.guest)

    def _ask(self, question: str) -> None:
        self.asked.append(question)
        if self.unreachable:
            raise Transient("The directory does not answer. It is asked again later.")
