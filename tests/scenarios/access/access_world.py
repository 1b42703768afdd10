"""The example clinic with vendors and Slack in memory, on real PostgreSQL: what access stories are told in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from core.clock import ManualClock
from core.database import Database
from core.errors import Conflict, Transient
from core.jobs import JobRun, Registry
from core.ledger import Entry, Ledger, entries_of
from core.trace import traced
from integrations.directory.people import load_people
from integrations.fake_messenger import FakeMessenger
from integrations.fakes import FakeProvider
from integrations.fakes_directory import FakeDirectory
from integrations.ports import Access, Person
from integrations.slack import Lanes
from integrations.slack import register as register_messages
from playbooks.access import commands, jobs
from playbooks.access.commands import Desk
from playbooks.access.commands.load import grant_of_request, request_of
from playbooks.access.jobs.drawing import drawers
from playbooks.access.models import AccessGrant, AccessRequest
from playbooks.access.policy import Catalogue, load_policies

CLINIC = Path(__file__).parents[3] / "examples" / "clinic"
TEAM, CHANNEL, ALERTS = "T0CLINIC", "C0ACCESS", "C0ALERTS"
READ = "ehr-db/read"
MAC_KEY = b"a key for tests, 32 bytes long.."


class Killed(BaseException):
    """The process ends here. Not an Exception: nothing of ours may catch it."""


@dataclass
class World:
    """Everything that a story needs. ``directory``, ``postgres``, ``aws`` and ``slack`` have switches for faults."""

    desk: Desk
    clock: ManualClock
    directory: FakeDirectory
    postgres: FakeProvider
    aws: FakeProvider
    slack: FakeMessenger
    registry: Registry
    kill_at: set[str] = field(default_factory=set)
    reached: list[str] = field(default_factory=list)

    # --- people act -----------------------------------------------------------------------------------------

    async def person(self, subject: str) -> Person:
        return await self.directory.person(subject)

    async def ask(self, requester: str = "p-ana", entitlement: str = READ, **changes: Any) -> UUID:
        wish: dict[str, Any] = {
            "duration": timedelta(hours=1),
            "reason": "Replication lag on the primary, INC-4711",
            "purpose": "incident",
            "minimum_necessary": "Only pg_stat views and the lag table",
        }
        asked = commands.Ask(await self.person(requester), entitlement, **(wish | changes))
        return await commands.ask(self.desk, asked)

    async def approve(self, request: UUID, approver: str = "p-ben") -> AccessRequest:
        return await commands.approve(self.desk, commands.Approve(request, await self.person(approver)))

    async def deny(self, request: UUID, approver: str = "p-ben", reason: str = "not needed today") -> AccessRequest:
        return await commands.deny(self.desk, commands.Deny(request, await self.person(approver), reason))

    async def granted(self, **changes: Any) -> AccessGrant:
        """A request asked, approved and granted."""
        request = await self.ask(**changes)
        await self.approve(request)
        await self.work()
        return await self.grant(request)

    # --- time passes, workers work --------------------------------------------------------------------------

    async def work(self, rounds: int = 20) -> None:
        """Run every job whose time has come by our clock, until none is left or they only wait."""
        for _ in range(rounds):
            taken = await self._take()
            if not taken:
                return
            for name, payload in taken:
                await self._run(name, payload)

    async def pass_time(self, **delta: float) -> None:
        """Let time pass by our clock; the database's own stays, so the sweep finds what is due."""
        self.clock.advance(timedelta(**delta))
        await jobs.sweep(self.desk)
        await self.work()

    async def _take(self) -> list[tuple[str, Mapping[str, str]]]:
        query = "DELETE FROM pgqueuer WHERE execute_after <= now() RETURNING entrypoint, payload, priority, id"
        async with self.desk.database.autocommit() as connection:
            rows = await (await connection.execute(query)).fetchall()
        return [
            (name, orjson.loads(payload)) for name, payload, _, _ in sorted(rows, key=lambda row: (-row[2], row[3]))
        ]

    async def _run(self, name: str, payload: Mapping[str, str]) -> None:
        handler, _ = self.registry.handlers[name]
        with traced():
            try:
                await handler(JobRun(name, payload, 1))
            except (Conflict, Transient):
                return  # superseded, or to be tried again: the sweep and the row see to it

    # --- what stands ----------------------------------------------------------------------------------------

    async def request(self, request: UUID) -> AccessRequest:
        return await request_of(self.desk.database, request)

    async def grant(self, request: UUID) -> AccessGrant:
        found = await grant_of_request(self.desk.database, request)
        assert found is not None
        return found

    async def grants(self) -> int:
        return int((await self.rows("SELECT count(*) FROM access_grant"))[0][0])

    async def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with self.desk.database.autocommit() as connection:
            return await (await connection.execute(query, parameters)).fetchall()

    async def events(self, *subjects: UUID) -> list[str]:
        return [entry.event for entry in await self.entries(*subjects)]

    async def entries(self, *subjects: UUID) -> list[Entry]:
        async with self.desk.database.autocommit() as connection:
            return list(await entries_of(connection, *subjects))

    def access(self, account: str = "ana_ruiz", entitlement: str = READ) -> Access:
        known = self.desk.catalogue.entitlement(entitlement)
        return Access(known.target.id, known.key, account, dict(known.parameters))

    def card(self, request: UUID) -> str:
        """The text of the card in the channel, all blocks together."""
        (message,) = self.slack.of_lane(f"access.card:{request}")
        return orjson.dumps([message.drawing.text, message.drawing.blocks]).decode()


def build_world(database: Database) -> World:
    clock = ManualClock()
    directory = clinic_people()
    postgres, aws = FakeProvider(clock), FakeProvider(clock, native_expiry=False)
    slack, made = FakeMessenger(clock), []

    def reached(step: str) -> None:
        made[0].reached.append(step)
        if step in made[0].kill_at:
            made[0].kill_at.discard(step)
            raise Killed(step)

    catalogue = Catalogue.load(CLINIC / "catalogue.yaml")
    desk = Desk(
        database=database,
        ledger=Ledger(MAC_KEY, clock),
        clock=clock,
        directory=directory,
        providers={"postgres": postgres, "aws": aws},
        policies=load_policies(CLINIC / "policies"),
        catalogue=catalogue,
        team=TEAM,
        channel=CHANNEL,
        alerts_channel=ALERTS,
        reached=reached,
    )
    registry = Registry()
    jobs.register(registry, desk)
    register_messages(registry, Lanes(database, slack, clock, drawers(desk)))
    made.append(World(desk, clock, directory, postgres, aws, slack, registry))
    return made[0]


def clinic_people() -> FakeDirectory:
    """Everybody of the example clinic, in memory so that a story can change them."""
    written = load_people(CLINIC / "people.yaml")
    people = [entry.as_person() for entry in written.people]
    aliases = {account: entry.subject for entry in written.people for account in entry.slack_accounts}
    return FakeDirectory(people, aliases=aliases, groups=written.groups)
