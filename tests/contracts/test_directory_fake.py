"""The directory in memory answers to the same contract as the real ones."""

from dataclasses import dataclass, field

import pytest

from integrations.fakes_directory import FakeDirectory
from integrations.ports import Person
from tests.contracts.directory import TEAM, TRAINED, DirectoryContract


def _person(name: str, **facts: object) -> Person:
    fields: dict[str, object] = {"active": True, "accounts": {"aws": name}} | facts
    return Person(  # type: ignore[misc]  # the facts are checked by the contract
        subject=name,
        name=name.title(),
        email=f"{name}@company.example",
        slack_team=TEAM,
        slack_user=f"U0{name.upper()}",
        **fields,
    )


def _directory() -> FakeDirectory:
    return FakeDirectory(
        [
            _person(
                "ada",
                manager="grace",
                groups=frozenset({"dba", "leads"}),
                accounts={"aws": "ada", "postgres": "ada_db"},
                training_until=TRAINED,
            ),
            _person("grace", groups=frozenset({"leads"})),
            _person("gus", groups=frozenset({"dba"}), guest=True),
            _person("dana", groups=frozenset({"dba"}), active=False),
        ],
        aliases={(TEAM, "U0ADA2"): "ada"},
        groups={"dba", "nobody"},
    )


@dataclass
class FakeCompany:
    directory: FakeDirectory = field(default_factory=_directory)
    forgets_the_deactivated = False

    def subject(self, name: str) -> str:
        return name

    def group(self, name: str) -> str:
        return name

    async def take_away(self) -> None:
        self.directory.unreachable = True

    async def let_go(self, name: str) -> None:
        self.directory.deactivate(name)


class TestFakeDirectory(DirectoryContract):
    @pytest.fixture
    def company(self) -> FakeCompany:
        return FakeCompany()


async def test_the_fake_remembers_what_it_was_asked_and_comes_back_when_told() -> None:
    directory = _directory()
    directory.unreachable = True
    with pytest.raises(Exception, match="does not answer"):
        await directory.person("ada")
    directory.unreachable = False
    assert (await directory.person("ada")).name == "Ada"
    assert directory.asked == ["person ada", "person ada"]
    directory.remove("ada")
    with pytest.raises(Exception, match="knows no"):
        await directory.person("ada")
