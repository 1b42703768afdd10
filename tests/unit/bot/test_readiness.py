"""What is needed and what is not, in our own words, and not asked too often."""

import asyncio
from collections.abc import Sequence

import pytest
from psycopg import OperationalError

from bot.readiness import Check, Finding, Readiness, Report, Unwell, checks_for
from core.clock import ManualClock
from core.database import Database
from core.errors import Transient
from integrations.fakes import FakeProvider
from integrations.fakes_directory import FakeDirectory


class Asked:
    """A probe that says what it is told to and counts how often it is asked."""

    def __init__(self, says: str | Exception = "Answers.") -> None:
        self.says, self.times = says, 0

    async def __call__(self) -> str:
        self.times += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def check(says: str | Exception = "Answers.", *, needed: bool = True, kept: float = 60) -> Check:
    return Check("it", Asked(says), needed=needed, kept=kept)


async def finding(says: str | Exception) -> Finding:
    return (await Readiness([check(says)]).report()).findings[0]


@pytest.mark.parametrize(
    ("needed", "optional", "status"),
    [(True, True, "ready"), (True, False, "degraded"), (False, True, "not ready"), (False, False, "not ready")],
)
def test_only_what_is_needed_makes_a_process_unready(needed: bool, optional: bool, status: str) -> None:
    report = Report([Finding("a", needed, needed=True, says=""), Finding("b", optional, needed=False, says="")])
    assert report.status == status
    assert report.ready is needed
    assert report.as_json()["checks"] == {
        "a": {"ok": needed, "needed": True, "says": ""},
        "b": {"ok": optional, "needed": False, "says": ""},
    }


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Transient("Slack does not answer."), "Slack does not answer."),
        (Unwell("Run `chaperone release`."), "Run `chaperone release`."),
        (OperationalError("password=hunter2"), "The database does not answer (OperationalError)."),
        (KeyError("hunter2"), "Cannot be checked (KeyError)."),
    ],
)
async def test_a_finding_says_what_is_wrong_in_our_own_words(error: Exception, says: str) -> None:
    found = await finding(error)
    assert not found.ok
    assert found.says.startswith(says)
    assert "hunter2" not in found.says


async def test_a_probe_that_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr("bot.readiness.PATIENCE", 0.01)
    report = await Readiness([Check("it", hangs, needed=True)]).report()
    assert report.findings[0].says.startswith("No answer within")


async def test_an_answer_is_kept_and_many_askers_share_it() -> None:
    each = check()
    readiness = Readiness([each])
    await asyncio.gather(*(readiness.report() for _ in range(5)))
    await readiness.report()
    assert isinstance(each.probe, Asked)
    assert each.probe.times == 1


async def test_an_answer_that_is_old_is_asked_for_again() -> None:
    each = check(kept=0)
    readiness = Readiness([each])
    await readiness.report()
    await readiness.report()
    assert isinstance(each.probe, Asked)
    assert each.probe.times == 2


# --- the usual checks ---------------------------------------------------------------------------------------


def usual(directory: FakeDirectory, *, needs_slack: bool = True) -> Sequence[Check]:
    return checks_for(
        Database("postgresql://chaperone@127.0.0.1:1/nowhere"),
        ManualClock(),
        slack=Asked(),
        directory=directory,
        providers={"aws": FakeProvider()},
        needs_slack=needs_slack,
    )


def test_what_is_needed_and_what_is_not() -> None:
    needed = {each.name for each in usual(FakeDirectory()) if each.needed}
    assert needed == {"database", "migrations", "slack"}
    assert "slack" not in {each.name for each in usual(FakeDirectory(), needs_slack=False) if each.needed}
    assert {"vendor aws", "directory", "ledger", "overdue"} <= {each.name for each in usual(FakeDirectory())}


@pytest.mark.parametrize("away", [True, False])
async def test_the_directory_is_asked_for_a_group_that_nobody_has(away: bool) -> None:
    directory = FakeDirectory()
    directory.unreachable = away
    (each,) = [each for each in usual(directory) if each.name == "directory"]
    report = await Readiness([each]).report()
    assert report.findings[0].ok is not away
    assert directory.asked == ["members chaperone-readiness"]
