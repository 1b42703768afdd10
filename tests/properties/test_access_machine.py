"""Requests and grants under everything that may happen to them, in any order: drawn from their transition tables."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.actors import operator
from core.database import Database
from core.errors import Conflict, Permanent, Refused, Transient
from core.ledger import Move
from core.lifecycle import NEW, Lifecycle
from core.policy import PolicySet
from playbooks.access import commands
from playbooks.access.lifecycle import GRANT, GRANTING, PENDING, REQUEST, UNFINISHED
from playbooks.access.policy import load_policies
from tests.scenarios.access.access_world import (
    ADMIN,
    AWS,
    CLINIC,
    ENDING_EARLY,
    GIVING,
    RUNNING_OUT,
    Killed,
    World,
    build_world,
)

SETTLES = timedelta(minutes=5, seconds=13)
"""With a healthy vendor everything is done after this: the longest pause between two attempts, and a dead claim."""

TWO_SAY_YES = """
@id("two-say-yes")
@title("Administration, at the word of two")
@max_duration("PT2H")
@approvals("2")
@approvers("group:sre-leads, group:security")
permit (principal in Group::"engineering", action == Action::"request",
    resource == Entitlement::"aws-prod-admin/administrator");
"""
APPROVERS = {AWS: ("p-marcus", "p-tom"), ADMIN: ("p-marcus", "p-tom", "p-sana")}
STEPS = sorted({*GIVING, *RUNNING_OUT, *ENDING_EARLY})
FAULTS: dict[str, Callable[[Any, Any], None]] = {
    "down": lambda vendor, on: vendor.fail_next(Transient("It does not answer."), times=3, operation=on),
    "lost": lambda vendor, _: vendor.lose_next_reply(2),
    "lie": lambda vendor, _: vendor.lie_next(),
    "no": lambda vendor, on: vendor.fail_next(Permanent("It says no."), operation=on),
    "slow": lambda vendor, _: vendor.pend_next(polls=3),
    "no first look": lambda vendor, _: vendor.fail_next(Permanent("No such account."), operation="observe"),
    "fails later": lambda vendor, _: vendor.pend_next(polls=2, failure="It failed in the end."),
}
OR_NONE = ("", "", *sorted(FAULTS))
MOVES_OF_PEOPLE_AND_TIME = {
    "ask",
    "refuse",
    "approve",
    "count",
    "object",
    "deny",
    "withdraw",
    "expire",
    "end",
    "remind",
}
MOVES_OF_JOBS = {"begin", "attempt", "await", "stumble", "activate", "fail", "abandon", "retry", "confirm"}


@dataclass
class Shared:
    """One database for all examples: rows of the ledger cannot be deleted, so each example brings new people."""

    database: Database
    runner: asyncio.Runner
    policies: PolicySet
    now: datetime
    numbers: Iterator[int]


class AccessMachine(RuleBasedStateMachine):
    shared: ClassVar[Shared]

    world: World
    people: tuple[str, ...]

    @initialize()
    def arrive(self) -> None:
        self.world = build_world(self.shared.database).under(self.shared.policies)
        self.world.clock.instant = self.shared.now
        self.requests: list[UUID] = []
        self.ended: dict[UUID, str] = {}
        self.people = tuple(self._somebody_new() for _ in range(2))
        self.ask_and_approve(who=0, hours=1, at_once=True, fault="")  # what is interesting happens to a grant

    def _somebody_new(self) -> str:
        number = next(self.shared.numbers)
        ana = self.run(self.world.person("p-ana"))
        subject = f"p-new-{number}"
        self.world.directory.put(
            replace(
                ana,
                subject=subject,
                name=f"New {number}",
                slack_user=f"U0NEW{number}",
                manager=None,
                groups=frozenset({"engineering"}),
                accounts={"aws": f"new.{number}"},
            )
        )
        return subject

    def run(self, work: Any) -> Any:
        return self.shared.runner.run(work)

    # --- what people and time do ------------------------------------------------------------------------------

    @rule(who=st.integers(0, 1), entitlement=st.sampled_from([AWS, ADMIN]), hours=st.sampled_from([1, 2]))
    def ask(self, who: int, entitlement: str, hours: int) -> None:
        wish = {"entitlement": entitlement, "duration": timedelta(hours=hours)}
        self.requests.append(self.run(self.world.ask(self.people[who], **wish)))

    @rule(
        who=st.sampled_from([0, 0, 1]),
        hours=st.sampled_from([1, 2]),
        at_once=st.booleans(),
        fault=st.sampled_from(OR_NONE),
    )
    def ask_and_approve(self, who: int, hours: int, at_once: bool, fault: str) -> None:
        self.requests.append(self.run(self.world.ask(self.people[who], AWS, duration=timedelta(hours=hours))))
        self.run(self.world.approve(self.requests[-1]))
        if fault:
            FAULTS[fault](self.world.aws, "grant")
        if at_once:
            self.workers_work()

    @rule(fault=st.sampled_from(OR_NONE))
    def one_runs_out_at_a_failing_vendor(self, fault: str) -> None:
        for grant in self._active()[:1]:
            if fault:
                FAULTS[fault](self.world.aws, "revoke")
            self.world.clock.advance(max(grant["due_at"] - self.world.clock.now(), timedelta()))
            self.workers_start_again()

    @rule(lost=st.booleans(), seconds=st.integers(1, 3))
    def another_begins_just_before_one_runs_out(self, lost: bool, seconds: int) -> None:
        for grant in self._active()[:1]:
            self.world.clock.advance(timedelta(seconds=seconds))
            self.requests.append(self.run(self.world.ask(grant["subject"], AWS)))
            self.run(self.world.approve(self.requests[-1]))
            if lost:
                self.the_queue_is_lost()
            self.world.clock.advance(max(grant["due_at"] - self.world.clock.now(), timedelta()))
            self.workers_start_again()

    @rule(who=st.integers(0, 1))
    def ask_for_99_hours(self, who: int) -> None:
        with pytest.raises(Refused):
            self.run(self.world.ask(self.people[who], AWS, duration=timedelta(hours=99)))

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), approver=st.sampled_from(["p-marcus", "p-tom", "p-sana", "p-lena", "p-dana"]))
    def approve(self, data: st.DataObject, approver: str) -> None:
        request = self._any_request(data)
        listed = approver in APPROVERS[request.entitlement]
        self._expect(request.status, "approve", self.world.approve(request.id, approver), allowed=listed)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), approver=st.sampled_from(["p-marcus", "p-tom", "p-lena"]))
    def deny(self, data: st.DataObject, approver: str) -> None:
        request = self._any_request(data)
        listed = approver in APPROVERS[request.entitlement]
        self._expect(request.status, "deny", self.world.deny(request.id, approver), allowed=listed)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), own=st.booleans())
    def withdraw(self, data: st.DataObject, own: bool) -> None:
        request = self._any_request(data)
        who = self.run(self.world.person(request.requester if own else "p-marcus"))
        work = commands.withdraw(self.world.desk, commands.Withdraw(request.id, who))
        self._expect(request.status, "withdraw", work, allowed=own)

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def end_early(self, data: st.DataObject) -> None:
        for grant in self._grants(self._any_request(data).id):
            possible = grant["status"] in GRANT.sources("end")
            try:
                self.run(self.world.end(self.run(self.world.grant(grant["request_id"])), grant["subject"]))
                assert possible
            except Conflict:
                assert not possible

    @rule(
        delta=st.sampled_from(
            [
                timedelta(seconds=1),
                timedelta(seconds=13),
                timedelta(minutes=5),
                timedelta(minutes=55),
                timedelta(hours=2),
                timedelta(hours=9),
            ]
        )
    )
    def time_passes(self, delta: timedelta) -> None:
        self.world.clock.advance(delta)

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def time_commands(self, data: st.DataObject) -> None:
        """Whatever time may command is tried on any row: it does something only if it is due."""
        request = self._any_request(data)
        with suppress(Conflict):
            self.run(commands.expire_request(self.world.desk, request.id))
        for grant in self._grants(request.id):
            with suppress(Conflict):
                self.run(commands.remind(self.world.desk, grant["id"]))

    # --- what machines do -------------------------------------------------------------------------------------

    @rule()
    def workers_work(self) -> None:
        with suppress(Killed):
            self.run(self.world.work())

    @rule()
    def workers_start_again(self) -> None:
        with suppress(Killed):
            self.run(self.world.restart())

    @rule(step=st.sampled_from(STEPS))
    def a_worker_will_die_at(self, step: str) -> None:
        self.world.kill_at.add(step)

    @rule(fault=st.sampled_from(sorted(FAULTS)), on=st.sampled_from(["grant", "revoke", "observe", "poll", None]))
    def the_vendor_will_fail(self, fault: str, on: str | None) -> None:
        FAULTS[fault](self.world.aws, on)

    @rule()
    def the_queue_is_lost(self) -> None:
        self.run(self.world.forget_jobs())

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def nothing_undeclared_can_be_recorded(self, data: st.DataObject) -> None:
        request = self._any_request(data)
        rows: list[tuple[Lifecycle, UUID, str]] = [(REQUEST, request.id, request.status)]
        rows += [(GRANT, grant["id"], grant["status"]) for grant in self._grants(request.id)]
        table, row, status = data.draw(st.sampled_from(rows))
        every = {move.command for move in table.transitions}
        declared = {move.command for move in table.transitions if move.source == status}
        for command in sorted(every - declared):
            with pytest.raises(Conflict):
                self.run(self._advance(Move(table, command, row, status)))

    async def _advance(self, move: Move) -> None:
        async with self.world.desk.database.transaction() as tx:
            await self.world.desk.ledger.advance(tx.connection, move, actor=operator("machine"))

    @rule()
    def all_is_well_for_a_while(self) -> None:
        """With healthy vendors and workers everything due is done, and every card says what is."""
        self.world.kill_at.clear()
        self.world.aws._faults = type(self.world.aws._faults)()
        self.run(self.world.pass_time(seconds=SETTLES.total_seconds()))
        for _ in range(6):
            self.run(self.world.pass_time(seconds=2))
        now = self.world.clock.now()
        for grant in self._grants(*self.requests):
            assert grant["status"] not in {"revoking", GRANTING}, grant
            assert grant["status"] != "active" or grant["due_at"] > now
        for request in self.requests:
            row = self.run(self.world.request(request))
            assert row.status != PENDING or row.expires_at > now

    # --- what always holds ------------------------------------------------------------------------------------

    @invariant()
    def the_vendor_gives_only_what_a_row_will_take_back(self) -> None:
        grants = self._grants(*self.requests)
        for place, held in self.world.aws._held.items():
            for entitlement in held:
                live = [
                    g
                    for g in grants
                    if g["account"] == place[1] and g["entitlement"] == entitlement and g["status"] in UNFINISHED
                ]
                assert live, f"nobody takes {entitlement} from {place[1]}"
                assert all(grant["due_at"] for grant in live)

    @invariant()
    def active_means_read_back(self) -> None:
        for grant in self._grants(*self.requests):
            if grant["status"] == "active":
                assert grant["after"]["present"] is True
                assert grant["active_at"] is not None
                assert self.world.aws._held[grant["target"], grant["account"]].get(grant["entitlement"])

    @invariant()
    def gone_means_read_back(self) -> None:
        for grant in self._grants(*self.requests):
            if grant["status"] == "revoked":
                assert grant["lag_seconds"] >= 0
                assert grant["after"]["kept_for"] or grant["after"]["present"] is False

    @invariant()
    def a_request_has_at_most_one_grant(self) -> None:
        grants = [grant["request_id"] for grant in self._grants(*self.requests)]
        assert len(grants) == len(set(grants))

    @invariant()
    def the_ledger_is_a_declared_and_unbroken_chain(self) -> None:
        for table, row_id, status in self._rows():
            state = NEW
            for entry in self.run(self.world.entries(row_id)):
                declared = {(m.source, m.target) for m in table.transitions if m.event.code == entry.event}
                assert (entry.source, entry.target) in declared
                assert entry.source == state, "the chain is broken"
                state = entry.target
                event(entry.event)
            assert state == status

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        for table, row_id, status in self._rows():
            assert self.ended.get(row_id, status) == status
            if status in table.terminal:
                self.ended[row_id] = status

    def teardown(self) -> None:
        if not hasattr(self, "requests"):
            return
        self.all_is_well_for_a_while()
        self.run(self.world.pass_time(hours=12))
        for _ in range(3):
            self.run(self.world.pass_time(seconds=2))
        assert {status for _, _, status in self._rows()} <= REQUEST.terminal | GRANT.terminal
        assert not any(self.world.aws._held.values())
        self.run(self.world.forget_jobs())
        self.shared.now = self.world.clock.now()

    # --- looking ----------------------------------------------------------------------------------------------

    def _any_request(self, data: st.DataObject) -> Any:
        return self.run(self.world.request(data.draw(st.sampled_from(self.requests))))

    def _grants(self, *requests: UUID) -> list[dict[str, Any]]:
        rows = self.run(
            self.world.rows(
                "SELECT row_to_json(g), g.id, g.request_id, g.due_at FROM access_grant g WHERE request_id = ANY (%s)",
                list(requests),
            )
        )
        return [row | {"id": id_, "request_id": request, "due_at": due} for row, id_, request, due in rows]

    def _active(self) -> list[dict[str, Any]]:
        return [each for each in self._grants(*self.requests) if each["status"] == "active" and each["vendor"] == "aws"]

    def _rows(self) -> list[tuple[Lifecycle, UUID, str]]:
        requests = self.run(
            self.world.rows("SELECT id, status FROM access_request WHERE requester = ANY (%s)", list(self.people))
        )
        grants = self._grants(*self.requests)
        return [(REQUEST, *row) for row in requests] + [(GRANT, grant["id"], grant["status"]) for grant in grants]

    def _expect(self, status: str, command: str, work: Any, *, allowed: bool) -> None:
        """It succeeds only where the table declares it and the person may."""
        try:
            self.run(work)
            assert allowed
            assert status in REQUEST.sources(command)
        except Refused:
            assert not allowed
        except Conflict:
            assert status not in REQUEST.sources(command) or command == "approve"  # said yes already


def test_every_declared_command_is_somebodys_move():
    declared = {move.command for table in (REQUEST, GRANT) for move in table.transitions}
    assert declared == MOVES_OF_PEOPLE_AND_TIME | MOVES_OF_JOBS


@pytest.mark.timeout(600)
def test_requests_and_grants_under_everything_that_may_happen(database_url: str, tmp_path: Path):
    for file in (CLINIC / "policies").iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "95-two.cedar").write_text(TWO_SAY_YES)
    with asyncio.Runner() as runner:
        database = runner.run(Database(database_url, size=4).__aenter__())
        try:
            now = build_world(database).clock.now()
            AccessMachine.shared = Shared(database, runner, load_policies(tmp_path), now, count())
            run_state_machine_as_test(
                AccessMachine,
                settings=settings(
                    max_examples=30,
                    stateful_step_count=30,
                    deadline=None,
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
                ),
            )
        finally:
            runner.run(database.__aexit__(None, None, None))
