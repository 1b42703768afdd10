"""people.yaml: the schema of a directory kept in a file, and what a schema cannot check."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from core.errors import ConfigurationFault
from core.yaml_file import YamlFile, read_yaml
from integrations.ports import Person


def _end_of_day(value: object) -> object:
    """A bare date lasts until it ends, in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.max, UTC)
    return value


_time_zones = cache(available_timezones)
"""Read from hundreds of files, so once."""


def _zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError(f"“{name}” is no time zone of the IANA list, such as America/Los_Angeles")
    return name


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Until = Annotated[AwareDatetime, BeforeValidator(_end_of_day), AfterValidator(_utc)]
"""An instant with its offset, or a date that is good all day; in UTC from here on."""


class SlackBound(BaseModel):
    """Somebody with a Slack account, and further ones in the same team that count as the same person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slack_team: str = Field(min_length=1)
    slack_user: str = Field(min_length=1)
    also_slack: tuple[str, ...] = ()
    guest: bool = False
    manager: str | None = None
    accounts: dict[str, str] = Field(default_factory=dict)
    training_until: Until | None = None

    @property
    def slack_accounts(self) -> list[tuple[str, str]]:
        return [(self.slack_team, user) for user in (self.slack_user, *self.also_slack)]


class PersonEntry(SlackBound):
    """One person. ``manager`` is a subject, ``groups`` are names from the file's ``groups``."""

    subject: str = Field(min_length=1)
    name: str = Field(min_length=1)
    email: str
    title: str = ""
    active: bool
    groups: tuple[str, ...] = ()
    tz: Annotated[str, AfterValidator(_zone)] = "UTC"

    def as_person(self) -> Person:
        return Person(
            subject=self.subject,
            name=self.name,
            email=self.email,
            active=self.active,
            slack_team=self.slack_team,
            slack_user=self.slack_user,
            manager=self.manager,
            groups=frozenset(self.groups),
            accounts=dict(self.accounts),
            training_until=self.training_until,
            guest=self.guest,
        )


class People(BaseModel):
    """The whole file. ``groups`` maps each name to what it is for; ``slack`` is the sandbox's workspace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: dict[str, str]
    people: tuple[PersonEntry, ...]
    slack: Any = None


def load_people(path: Path) -> People:
    """The file at ``path``. Raises ConfigurationFault with all of its faults."""
    file = read_yaml(path)
    faults = file.faults(People) + file.repeated(["people"], "subject")
    if not faults:
        faults = [*_unknown_names(file), *twice_bound(file, People.model_validate(file.data).people)]
    if faults:
        raise ConfigurationFault(faults)
    return People.model_validate(file.data)


def twice_bound(file: YamlFile, bound: Sequence[SlackBound]) -> Iterator[str]:
    """A fault for each Slack account under ``people`` that belongs to somebody above already."""
    taken = set[tuple[str, str]]()
    for position, entry in enumerate(bound):
        for team, user in entry.slack_accounts:
            if (team, user) in taken:
                yield file.fault(
                    ["people", position, "slack_user"],
                    f"Slack account “{user}” is bound to somebody above or twice here. Bind it to one person, once.",
                )
            taken.add((team, user))


def _unknown_names(file: YamlFile) -> Iterator[str]:
    subjects = {entry["subject"] for entry in file.data["people"]}
    for position, entry in enumerate(file.data["people"]):
        for group in entry.get("groups", []):
            if group not in file.data["groups"]:
                yield file.fault(
                    ["people", position, "groups"],
                    f"there is no group “{group}”. Add it to groups, or correct it here.",
                )
        manager = entry.get("manager")
        if manager is not None and (manager not in subjects or manager == entry["subject"]):
            yield file.fault(
                ["people", position, "manager"],
                f"“{manager}” is no other person here. Name the manager's subject, or null.",
            )
