"""`/readyz`: what is wrong, in one place. Cheap to ask: answers are kept for seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from bot.errors_to_slack import DATABASE_LOST
from bot.rows import standing
from core.clock import Clock
from core.database import Database, pending_migrations
from core.errors import ChaperoneError, NotFound
from integrations.ports import AccessProvider, Directory

KEPT = 5.0
"""Seconds for which an answer from our own database holds."""
KEPT_OUTSIDE = 60.0
"""The same for answers of others, whom a probe must not wear out."""
KEPT_WRONG = 1.0
"""What is wrong is asked again soon: whoever mended it wants to see it."""
PATIENCE = 3.0
"""Seconds that one check may take: whoever probes us waits for five, as a rule."""
SEQUENCED_WITHIN = timedelta(minutes=1)

Probe = Callable[[], Awaitable[str]]
"""Says in one line that it is well, or raises."""


class Unwell(Exception):  # noqa: N818  a finding, not a failure
    """It answers, and something is wrong. The text names the cure."""


@dataclass(frozen=True, slots=True)
class Check:
    """``needed``: without it the process cannot do its work, and should get none."""

    name: str
    probe: Probe
    needed: bool
    kept: float = KEPT


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    ok: bool
    needed: bool
    says: str


@dataclass(frozen=True, slots=True)
class Report:
    findings: Sequence[Finding]

    @property
    def ready(self) -> bool:
        return all(each.ok for each in self.findings if each.needed)

    @property
    def status(self) -> str:
        if not self.ready:
            return "not ready"
        return "ready" if all(each.ok for each in self.findings) else "degraded"

    def as_json(self) -> dict[str, object]:
        checks = {each.name: {"ok": each.ok, "needed": each.needed, "says": each.says} for each in self.findings}
        return {"status": self.status, "checks": checks}


@dataclass(slots=True)
class Readiness:
    """Asks every check at most once per its time; many who ask at once wait for the same answer."""

    checks: Sequence[Check]
    _kept: dict[str, tuple[float, Finding]] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def report(self) -> Report:
        async with self._asking:
            return Report(await asyncio.gather(*map(self._finding, self.checks)))

    async def _finding(self, check: Check) -> Finding:
        until, finding = self._kept.get(check.name, (0.0, None))
        if finding is None or time.monotonic() >= until:
            finding = await _asked(check)
            kept = check.kept if finding.ok else min(check.kept, KEPT_WRONG)
            self._kept[check.name] = (time.monotonic() + kept, finding)
        return finding


async def _asked(check: Check) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return Finding(check.name, ok=True, needed=check.needed, says=await check.probe())
    except TimeoutError:
        says = f"No answer within {PATIENCE:.0f} seconds."
    except (ChaperoneError, Unwell) as error:
        says = str(error)
    except DATABASE_LOST as error:
        says = f"The database does not answer ({type(error).__name__}). Check that it runs and DATABASE_URL is right."
    except Exception as error:  # noqa: BLE001  a probe's bug is a finding too
        says = f"Cannot be checked ({type(error).__name__}). Read the log."
    return Finding(check.name, ok=False, needed=check.needed, says=says)


def checks_for(
    database: Database,
    clock: Clock,
    *,
    slack: Probe,
    directory: Directory,
    providers: Mapping[str, AccessProvider],
    needs_slack: bool = True,
) -> Sequence[Check]:
    """The usual checks. Database, migrations and Slack are needed; others being away is told, and work goes on."""
    vendors = [Check(f"vendor {name}", each.check, needed=False, kept=KEPT_OUTSIDE) for name, each in providers.items()]
    return [
        Check("database", lambda: _database(database), needed=True),
        Check("migrations", lambda: _migrations(database), needed=True, kept=KEPT_OUTSIDE),
        Check("slack", slack, needed=needs_slack, kept=KEPT_OUTSIDE),
        Check("directory", lambda: _directory(directory), needed=False, kept=KEPT_OUTSIDE),
        *vendors,
        Check("ledger", lambda: _ledger(database, clock), needed=False),
        Check("overdue", lambda: _overdue(database, clock), needed=False),
    ]


async def _database(database: Database) -> str:
    async with database.autocommit() as connection:
        await connection.execute("SELECT 1")
    return "Answers."


async def _migrations(database: Database) -> str:
    pending = await asyncio.to_thread(pending_migrations, database.url)
    if pending:
        raise Unwell(f"The schema lacks {', '.join(pending)}. Run `chaperone release`.")
    return "Current."


async def _directory(directory: Directory) -> str:
    """No group has this name, and a directory that can say so can be asked."""
    with suppress(NotFound):
        await directory.members("chaperone-readiness")
    return "Answers."


async def _ledger(database: Database, clock: Clock) -> str:
    async with database.autocommit() as connection:
        found = await standing(connection, now=clock.now())
    if found.unsequenced_since and clock.now() - found.unsequenced_since > SEQUENCED_WITHIN:
        raise Unwell(f"Entries since {found.unsequenced_since:%Y-%m-%d %H:%M} UTC have no number. Is a clock running?")
    return "Sequenced."


async def _overdue(database: Database, clock: Clock) -> str:
    async with database.autocommit() as connection:
        found = await standing(connection, now=clock.now())
    if found.overdue:
        raise Unwell(f"{found.overdue} grants are past their end, the oldest since {found.overdue_since:%H:%M} UTC.")
    return "0 grants are past their end."
