"""people.yaml answers to the contract, and is read again, or refused, as it changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ConfigurationFault, NotFound, Transient
from integrations.directory import YamlDirectory
from tests.contracts.directory import TEAM, DirectoryContract

PEOPLE = """\
groups:
  dba: Database administrators
  leads: Those who decide
  nobody: An empty group
people:
  - subject: p-ada
    name: Ada
    email: ada@company.example
    slack_team: T0COMPANY
    slack_user: U0ADA
    also_slack: [U0ADA2]
    active: true
    manager: p-grace
    groups: [dba, leads]
    accounts: {aws: ada, postgres: ada_db}
    training_until: 2031-05-31T00:00:00Z
    tz: Europe/Berlin
  - subject: p-grace
    name: Grace
    email: grace@company.example
    slack_team: T0COMPANY
    slack_user: U0GRACE
    active: true
    groups: [leads]
  - subject: p-gus
    name: Gus
    email: gus@elsewhere.example
    slack_team: T0COMPANY
    slack_user: U0GUS
    active: true
    guest: true
    groups: [dba]
  - subject: p-dana
    name: Dana
    email: dana@company.example
    slack_team: T0COMPANY
    slack_user: U0DANA
    active: false
    groups: [dba]
"""


@dataclass
class YamlCompany:
    path: Path
    forgets_the_deactivated = False

    def __post_init__(self) -> None:
        self.path.write_text(PEOPLE)
        self.directory = YamlDirectory(self.path)

    def subject(self, name: str) -> str:
        return f"p-{name}"

    def group(self, name: str) -> str:
        return name

    async def take_away(self) -> None:
        self.path.write_text("people: [\n")

    async def let_go(self, name: str) -> None:
        head, subject, tail = self.path.read_text().partition(f"subject: p-{name}\n")
        self.path.write_text(head + subject + tail.replace("active: true", "active: false", 1))


@pytest.fixture
def company(tmp_path: Path) -> YamlCompany:
    return YamlCompany(tmp_path / "people.yaml")


class TestYamlDirectory(DirectoryContract):
    pass


async def test_a_broken_edit_stops_all_answers_and_a_mended_one_brings_them_back(company: YamlCompany) -> None:
    company.path.write_text(PEOPLE.replace("active: true", "active: perhaps", 1))
    with pytest.raises(Transient, match=r"people\.yaml:12: people\.0\.active"):
        await company.directory.person("p-ada")
    with pytest.raises(Transient):
        await company.directory.members("dba")
    company.path.write_text(PEOPLE)
    assert (await company.directory.person("p-ada")).active


async def test_a_file_that_went_away_stops_all_answers(company: YamlCompany) -> None:
    company.path.unlink()
    with pytest.raises(Transient, match="Put it back"):
        await company.directory.person("p-ada")


async def test_an_unchanged_file_is_not_read_again(company: YamlCompany) -> None:
    now = company.directory._file.now()
    assert company.directory._file.now() is now


def _faults(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(ConfigurationFault) as stopped:
        YamlDirectory(path)
    return [fault.removeprefix(str(path)) for fault in stopped.value.faults]


def test_every_fault_of_the_schema_is_found_at_once_with_its_line(tmp_path: Path) -> None:
    broken = (
        PEOPLE.replace("active: false", "actve: false")
        .replace("tz: Europe/Berlin", "tz: Berlin")
        .replace("2031-05-31T00:00:00Z", "soon")
        .replace("subject: p-grace", "subject: p-ada")
        .replace("slack_user: U0GUS", 'slack_user: ""')
    )
    faults = _faults(tmp_path / "people.yaml", broken)
    assert sorted(int(fault.split(":")[1]) for fault in faults) == [16, 17, 18, 29, 33, 38]


def test_names_that_lead_nowhere_and_accounts_bound_twice_are_faults(tmp_path: Path) -> None:
    broken = (
        PEOPLE.replace("groups: [leads]", "groups: [ledas]")
        .replace("manager: p-grace", "manager: p-ada")
        .replace("slack_user: U0DANA", "slack_user: U0ADA2")
    )
    faults = _faults(tmp_path / "people.yaml", broken)
    assert len(faults) == 3
    assert any("“ledas”" in fault and fault.startswith(":24:") for fault in faults)
    assert any("“p-ada” is no other person" in fault and fault.startswith(":13:") for fault in faults)
    assert any("“U0ADA2” is bound to somebody above" in fault and fault.startswith(":37:") for fault in faults)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="cannot be read"):
        YamlDirectory(tmp_path / "people.yaml")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2031-05-31", datetime(2031, 5, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2031-05-31T00:00:00-08:00", datetime(2031, 5, 31, 8, tzinfo=UTC)),
    ],
)
async def test_a_training_may_end_with_a_day_or_at_an_instant_of_any_zone(
    company: YamlCompany, written: str, meant: datetime
) -> None:
    company.path.write_text(PEOPLE.replace("2031-05-31T00:00:00Z", written))
    assert (await company.directory.person("p-ada")).training_until == meant


def test_an_instant_without_a_zone_is_a_fault(tmp_path: Path) -> None:
    faults = _faults(tmp_path / "people.yaml", PEOPLE.replace("2031-05-31T00:00:00Z", "2031-05-31T00:00:00"))
    assert len(faults) == 1
    assert "training_until" in faults[0]


async def test_the_example_clinic_is_a_directory() -> None:
    clinic = YamlDirectory(Path("examples/clinic/people.yaml"))
    ana = await clinic.by_slack("T0CLINIC", "U0ANAPHON")
    assert ana.slack_user == "U0ANARUIZ"
    with pytest.raises(NotFound):
        await clinic.by_slack("T0CLINIC", "U0GUSMORE")
    assert not (await clinic.by_slack("T0CLINIC", "U0DANAWEL")).active
    assert TEAM != "T0CLINIC"
