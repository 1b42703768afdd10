"""The example clinic with vendors and Slack in memory, on real PostgreSQL: what access stories are told in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from core.clock import ManualClock
from core.database import Database
from core.errors import Conflict, Transient
from core.jobs import Job, JobRun, Registry, enqueue
from core.ledger import Entry, Ledger, entries_of
from core.policy import PolicySet
from core.trace import traced
from integrations.directory.people import load_people
from integrations.fake_messenger import FakeMessenger
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
from tests.scenarios.access.slow_vendor import SlowVendor

CLINIC = Path(__file__).parents[3] / "examples" / "clinic"
TEAM, CHANNEL, ALERTS = "T0CLINIC", "C0ACCESS", "C0ALERTS"
READ = "ehr-db/read"
AWS = "aws-prod/read-only"
"""At a vendor that cannot end access by itself: nobody takes it if we do not."""
ADMIN = "aws-prod-admin/administrator"
MAC_KEY = b"a key for tests, 32 bytes long.."

WISH: dict[str, Any] = {
    "duration": timedelta(hours=1),
    "reason": "Replication lag on the primary, INC-4711",
    "purpose": "incident",
    "minimum_necessary": "Only pg_stat views and the lag table",
}

GIVING = ("grant.claimed", "grant.intended", "grant.called", "grant.awaited", "grant.read_back", "grant.activated")
RUNNING_OUT = ("revoke.recorded", "revoke.called", "revoke.awaited", "revoke.read_back", "revoke.confirmed")
ENDING_EARLY = ("revoke.claimed", "revoke.called", "revoke.awaited", "revoke.read_back", "revoke.confirmed")
"""Every step at which a process can die, in its order; a test holds that none is missing."""

Taken = tuple[str, Mapping[str, str]]


class Killed(BaseException):
    """The process ends here. Not an Exception: nothing of ours may catch it."""


@dataclass
class World:
    """Everything that a story needs. ``directory``, ``postgres``, ``aws`` and ``slack`` have switches for faults."""

    desk: Desk
    clock: ManualClock
    directory: FakeDirectory
    postgres: SlowVendor
    aws: SlowVendor
    slack: FakeMessenger
    registry: Registry
    kill_at: set[str] = field(default_factory=set)
    reached: list[str] = field(default_factory=list)
    later: list[Taken] = field(default_factory=list)
    """Jobs that failed for now: tried again once time has passed."""

    def under(self, policies: PolicySet) -> "World":
        """The same world after the policies were changed and every process was started anew."""
        return _with(self, replace(self.desk, policies=policies))

    def process(self, database: Database) -> "World":
        """Another process of ours on the same database, vendors and Slack, with connections of its own."""
        return _with(self, replace(self.desk, database=database))

    def signing(self, mac_key: bytes) -> "World":
        """The same world with another key for its ledger."""
        return _with(self, replace(self.desk, ledger=Ledger(mac_key, self.clock)))

    # --- people act -----------------------------------------------------------------------------------------

    async def person(self, subject: str) -> Person:
        return await self.directory.person(subject)

    async def ask(self, requester: str = "p-ana", entitlement: str = READ, **changes: Any) -> UUID:
        return await self.ask_as(await self.person(requester), entitlement, **changes)

    async def ask_as(self, requester: Person, entitlement: str = READ, **changes: Any) -> UUID:
        """Ask as somebody whom the directory has named already."""
        return await commands.ask(self.desk, commands.Ask(requester, entitlement, **(WISH | changes)))

    async def approve(self, request: UUID, approver: str | None = None) -> AccessRequest:
        """Approve as ``approver``, or as the first of those who were asked."""
        who = approver or (await self.request(request)).asked[0]
        return await commands.approve(self.desk, commands.Approve(request, await self.person(who)))

    async def deny(self, request: UUID, approver: str = "p-ben", reason: str = "not needed today") -> AccessRequest:
        return await commands.deny(self.desk, commands.Deny(request, await self.person(approver), reason))

    async def end(self, grant: AccessGrant, holder: str = "p-ana") -> AccessGrant:
        return await commands.end_early(self.desk, commands.EndEarly(grant.id, await self.person(holder)))

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
            for done, (name, payload) in enumerate(taken):
                try:
                    await self._run(name, payload)
                except Killed:
                    await self._put_back(taken[done:])  # as the queue does with the jobs of a worker that is gone
                    raise

    async def pass_time(self, **delta: float) -> None:
        """Let time pass by our clock; the database's own stays, so the sweep finds what is due."""
        self.clock.advance(timedelta(**delta))
        await self.restart()

    async def restart(self) -> None:
        """A worker starts: the sweep finds what is due, and what failed for now is tried again."""
        waiting, self.later = self.later, []
        await self._put_back(waiting)
        await jobs.sweep(self.desk)
        await self.work()

    async def forget_jobs(self) -> None:
        """Lose the whole queue, so that only the rows know what is due."""
        await self.rows("DELETE FROM pgqueuer RETURNING id")
        self.later.clear()

    async def _put_back(self, taken: Sequence[Taken]) -> None:
        async with self.desk.database.autocommit() as connection:
            await enqueue(connection, [Job(name, payload) for name, payload in taken])

    async def _take(self) -> list[Taken]:
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
            except Conflict:
                return  # superseded
            except Transient:
                if (name, payload) not in self.later:
                    self.later.append((name, payload))

    # --- what stands ----------------------------------------------------------------------------------------

    async def request(self, request: UUID) -> AccessRequest:
        return await request_of(self.desk.database, request)

    async def grant(self, request: UUID) -> AccessGrant:
        found = await grant_of_request(self.desk.database, request)
        assert found is not None
        return found

    async def grants(self) -> int:
        return int((await self.rows("SELECT count(*) FROM access_grant"))[0][0])

    async def grants_of(self, request: UUID) -> int:
        return int((await self.rows("SELECT count(*) FROM access_grant WHERE request_id = %s", request))[0][0])

    async def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with self.desk.database.autocommit() as connection:
            return await (await connection.execute(query, parameters)).fetchall()

    async def events(self, *subjects: UUID) -> list[str]:
        return [entry.event for entry in await self.entries(*subjects)]

    async def entries(self, *subjects: UUID) -> list[Entry]:
        async with self.desk.database.autocommit() as connection:
            return list(await entries_of(connection, *subjects))

    def access(self, entitlement: str = READ) -> Access:
        """Ana's, as the vendor knows it."""
        known = self.desk.catalogue.entitlement(entitlement)
        account = {"postgres": "ana_ruiz", "aws": "ana.ruiz"}[known.target.vendor]
        return Access(known.target.id, known.key, account, dict(known.parameters))

    def held(self, entitlement: str = READ) -> bool:
        """Whether the vendor lets Ana in."""
        access = self.access(entitlement)
        return {"ehr-db": self.postgres}.get(access.target, self.aws).holds(access)

    def card(self, request: UUID) -> str:
        """The text of the card in the channel, all blocks together."""
        return self.shown("card", request)

    def shown(self, kind: str, request: UUID) -> str:
        """The text of the one message of this kind about the request: ``card``, ``mine``, ``reminder``, ``alert``."""
        (message,) = self.slack.of_lane(f"access.{kind}:{request}")
        return orjson.dumps([message.drawing.text, message.drawing.blocks]).decode()

    async def check_ledger(self) -> None:
        """Every row's entries form one unbroken chain that ends in its status."""
        rows = await self.rows(
            "SELECT id, status FROM access_request UNION ALL SELECT id, status FROM access_grant",
        )
        for row_id, status in rows:
            entries = await self.entries(row_id)
            sources, targets = [each.source for each in entries], [each.target for each in entries]
            assert sources == ["", *targets[:-1]], f"broken chain of {row_id}: {sources} {targets}"
            assert targets[-1] == status


def build_world(database: Database) -> World:
    clock = ManualClock()
    directory = clinic_people()
    postgres, aws = SlowVendor(clock), SlowVendor(clock, native_expiry=False)
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
    )
    return _with(World(desk, clock, directory, postgres, aws, FakeMessenger(clock), Registry()), desk)


def _with(world: World, desk: Desk) -> World:
    """The same world seen by a process that works with another desk."""
    made = replace(world, registry=Registry(), kill_at=set(), reached=[], later=[])

    def reached(step: str) -> None:
        made.reached.append(step)
        if step in made.kill_at:
            made.kill_at.discard(step)
            raise Killed(step)

    made.desk = replace(desk, reached=reached)
    jobs.register(made.registry, made.desk)
    register_messages(made.registry, Lanes(desk.database, made.slack, made.clock, drawers(made.desk)))
    return made


def clinic_people() -> FakeDirectory:
    """Everybody of the example clinic, in memory so that a story can change them."""
    written = load_people(CLINIC / "people.yaml")
    people = [entry.as_person() for entry in written.people]
    aliases = {account: entry.subject for entry in written.people for account in entry.slack_accounts}
    return FakeDirectory(people, aliases=aliases, groups=written.groups)
