"""The directory as a YAML file has it: for the sandbox, and for a company small enough to keep one."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import NotFound
from integrations.directory.living_file import LivingFile
from integrations.directory.people import PersonEntry, load_people
from integrations.ports import Person


class YamlDirectory:
    """Answers from ``people.yaml`` as it stands now.

    Raises ConfigurationFault with every fault when made; Transient while a later edit is broken.
    """

    def __init__(self, path: Path) -> None:
        self._file = LivingFile(path, load_people)
        self._file.load()

    async def person(self, subject: str) -> Person:
        return self._find(subject).as_person()

    async def by_slack(self, team: str, user: str) -> Person:
        for entry in self._file.now().people:
            if (team, user) in entry.slack_accounts and not entry.guest:
                return entry.as_person()
        raise NotFound("The directory binds this Slack account to nobody who works here. Ask its owner to add it.")

    async def members(self, group: str) -> Sequence[Person]:
        now = self._file.now()
        if group not in now.groups:
            raise NotFound(f"The directory has no group {group!r}. Correct the name in the policy.")
        inside = [entry for entry in now.people if group in entry.groups]
        return tuple(entry.as_person() for entry in inside if entry.active and not entry.guest)

    def _find(self, subject: str) -> PersonEntry:
        for entry in self._file.now().people:
            if entry.subject == subject:
                return entry
        raise NotFound(f"The directory knows no {subject!r}. Ask its owner to add them.")
