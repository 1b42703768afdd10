"""acceptance/access.md: vendors that fail, lie, lose replies or take their time, when giving and when taking back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.errors import Conflict, Permanent, Transient
from integrations.fakes import FakeProvider
from playbooks.access.jobs.grant import give
from playbooks.access.jobs.revoke import expire, take_back, undo
from playbooks.access.lifecycle import GRANT
from playbooks.access.models import AccessGrant
from tests.scenarios.access.access_world import AWS, READ, World

DOWN = Transient("The vendor does not answer. It is tried again.")
LOST = Transient("The vendor's reply was lost.", outcome_unknown=True)
NO = Permanent("The vendor says no: the quota is used up. Free some.")

each_vendor = pytest.mark.parametrize("entitlement", [READ, AWS], ids=["postgres", "aws"])

Fault = Callable[[FakeProvider, Any], None]


def lost_reply(vendor: FakeProvider, _: Any) -> None:
    vendor.lose_next_reply()


def lie(vendor: FakeProvider, _: Any) -> None:
    vendor.lie_next()


def slow(vendor: FakeProvider, _: Any) -> None:
    vendor.pend_next(polls=3)


def down_three_times(vendor: FakeProvider, operation: Any) -> None:
    vendor.fail_next(DOWN, times=3, operation=operation)


def no_read_back(vendor: FakeProvider, operation: Any) -> None:
    vendor.fail_next(DOWN, times=2, operation="observe")


def lost_polls(vendor: FakeProvider, _: Any) -> None:
    vendor.pend_next(polls=1)
    vendor.fail_next(DOWN, times=2, operation="poll")


def asks_for_a_pause(vendor: FakeProvider, operation: Any) -> None:
    vendor.fail_next(Transient("Slow down.", retry_after=7), operation=operation)


PASSING: dict[str, Fault] = {
    "a lost reply": lost_reply,
    "a lie": lie,
    "a slow vendor": slow,
    "down three times": down_three_times,
    "no read-back": no_read_back,
    "a slow vendor that cannot be asked": lost_polls,
    "a vendor that asks for a pause": asks_for_a_pause,
}
each_passing_fault = pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)


async def settle(world: World, seconds: int = 60) -> None:
    """A minute in which workers work."""
    for _ in range(seconds // 2):
        await world.pass_time(seconds=2)


def vendor(world: World, entitlement: str) -> FakeProvider:
    return world.postgres if entitlement == READ else world.aws


async def approved(world: World, entitlement: str = AWS) -> AccessGrant:
    request = await world.ask(entitlement=entitlement)
    await world.approve(request)
    return await world.grant(request)


async def again(world: World, grant: AccessGrant) -> AccessGrant:
    return await world.grant(grant.request_id)


# --- giving --------------------------------------------------------------------------------------------------


@each_passing_fault
@each_vendor
async def test_giving_gets_over_a_fault_that_passes(world: World, entitlement: str, fault: Fault):
    grant = await approved(world, entitlement)
    fault(vendor(world, entitlement), "grant")
    await world.work()
    await settle(world)
    grant = await again(world, grant)
    assert (grant.status, grant.standing, grant.failures, grant.last_error) == ("active", False, 0, None)
    assert [kind for kind, _ in vendor(world, entitlement).effects] == ["grant"]
    assert (await world.events(grant.id)).count("ACC-024") == 1
    assert "Granted (approved by" in world.card(grant.request_id)
    world.clock.advance(grant.due_at - world.clock.now())
    await world.restart()
    assert ((await again(world, grant)).status, world.held(entitlement)) == ("revoked", False)
    await world.check_ledger()


async def test_a_vendor_that_was_down_does_not_eat_the_hour(world: World):
    grant = await approved(world)
    world.aws.fail_next(DOWN, times=4, operation="grant")
    await world.work()
    await settle(world)
    grant = await again(world, grant)
    assert grant.active_at is not None
    assert grant.due_at == grant.active_at + timedelta(hours=1)
    assert (await world.events(grant.id)).count("ACC-023") == 4


async def test_a_card_tells_that_giving_is_in_trouble(world: World):
    grant = await approved(world)
    world.aws.fail_next(DOWN, operation="grant")
    await world.work()
    assert "being granted. The last attempt failed: The vendor does not answer" in world.card(grant.request_id)


@each_vendor
async def test_a_vendor_that_fails_after_a_while_is_told_as_failed(world: World, entitlement: str):
    grant = await approved(world, entitlement)
    vendor(world, entitlement).pend_next(polls=2, failure="The permission set is being deleted. Choose another.")
    await world.work()
    await settle(world)
    grant = await again(world, grant)
    assert (grant.status, grant.active_at, world.held(entitlement)) == ("revoked", None, False)
    for shown in (world.card(grant.request_id), world.shown("mine", grant.request_id)):
        assert "ould not be granted: The permission set is being deleted" in shown
        assert "Granted (approved" not in shown
    await world.check_ledger()


@each_vendor
async def test_a_vendor_that_says_no_is_told_and_nothing_is_left(world: World, entitlement: str):
    grant = await approved(world, entitlement)
    vendor(world, entitlement).fail_next(NO, operation="grant")
    await world.work()
    grant = await again(world, grant)
    assert (grant.status, grant.active_at, world.held(entitlement)) == ("revoked", None, False)
    assert "the quota is used up" in world.card(grant.request_id)
    assert (await world.events(grant.id)) == ["ACC-020", "ACC-021", "ACC-026", "ACC-035"]


async def test_a_vendor_that_was_never_asked_is_not_asked_to_take_back(world: World):
    """Its first word was no, before anything was given: nothing is there, and nobody is bothered with it."""
    grant = await approved(world)
    world.aws.fail_next(Permanent("There is no account ana.ruiz. Create it."), times=99, operation="observe")
    await world.work()
    await settle(world, 10)
    grant = await again(world, grant)
    assert grant.status == "failed"
    assert (world.aws.calls["grant"], world.aws.calls["revoke"]) == (0, 0)
    assert "Could not be granted: There is no account ana.ruiz" in world.card(grant.request_id)
    assert "Nothing was given" in world.card(grant.request_id)
    assert world.slack.of_lane(f"access.alert:{grant.request_id}") == []
    assert await world.events(grant.id) == ["ACC-020", "ACC-025"]
    await world.check_ledger()


async def test_a_vendor_that_stays_down_is_given_up_in_time_and_read_back(world: World):
    grant = await approved(world)
    world.aws.fail_next(LOST, times=99, operation="grant")
    await world.work()
    await settle(world, 11 * 60)
    grant = await again(world, grant)
    assert (grant.status, world.held(AWS)) == ("revoked", False)
    assert grant.ended_at is not None
    assert grant.ended_at - grant.began_at <= timedelta(minutes=10)
    assert "nothing is there" in world.card(grant.request_id)


async def test_a_vendor_that_accepts_and_never_finishes_is_given_up_in_time(world: World):
    grant = await approved(world)
    world.aws.pend_next(polls=10_000)
    await world.work()
    await settle(world, 60)
    entries = len(await world.entries(grant.id))
    assert entries < 10  # asking after it is not a decision
    await settle(world, 11 * 60)
    grant = await again(world, grant)
    assert (grant.status, world.held(AWS)) == ("revoked", False)
    assert "does not finish it" in world.card(grant.request_id)


async def test_ending_early_while_the_vendor_is_still_working(world: World):
    grant = await approved(world)
    world.aws.pend_next(polls=3)
    await world.work()
    await world.end(grant)
    await world.work()
    await settle(world, 30)
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)


async def test_running_out_while_the_vendor_is_still_working(world: World):
    world.desk = replace(world.desk, timing=replace(world.desk.timing, grant_within=timedelta(hours=9)))
    grant = await approved(world)
    world.aws.pend_next(polls=99)
    await give(world.desk, grant.id)
    await world.forget_jobs()
    world.clock.advance(timedelta(hours=2))
    await expire(world.desk, grant.id)
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)


# --- a slow worker -------------------------------------------------------------------------------------------


async def outlasted(
    world: World, operation: Any, job: Callable[..., Awaitable[None]], grant: AccessGrant, *, acted: bool
) -> tuple[asyncio.Task[None], Any]:
    """A worker whose call to the vendor takes longer than its claim."""
    hold = world.aws.hold_next(operation, acted=acted)
    task = asyncio.create_task(_run(job, world, grant))
    await hold.entered.wait()
    world.clock.advance(world.desk.timing.claim + timedelta(seconds=1))
    return task, hold


async def _run(job: Callable[..., Awaitable[None]], world: World, grant: AccessGrant) -> None:
    await job(world.desk, grant.id)


@pytest.mark.parametrize("acted", [False, True], ids=["the call lands late", "the reply comes late"])
async def test_a_worker_that_lost_its_claim_while_giving_records_nothing(world: World, second: World, *, acted: bool):
    grant = await approved(world)
    await world.forget_jobs()
    task, hold = await outlasted(world, "grant", give, grant, acted=acted)
    await give(second.desk, grant.id)
    hold.release.set()
    with pytest.raises(Conflict):
        await task
    await world.restart()
    assert ((await again(world, grant)).status, world.held(AWS)) == ("active", True)
    assert (await world.events(grant.id)).count("ACC-024") == 1
    await world.check_ledger()


async def test_an_early_end_waits_for_the_worker_that_is_just_giving(world: World, second: World):
    grant = await approved(world)
    await world.forget_jobs()
    hold = world.aws.hold_next("grant")
    giving = asyncio.create_task(_run(give, world, grant))
    await hold.entered.wait()
    await second.end(grant)
    with pytest.raises(Transient, match="Another worker"):
        await take_back(second.desk, grant.id)
    hold.release.set()
    with pytest.raises(Conflict):
        await giving
    await second.restart()  # at once: the giver let go
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)


async def test_an_expiry_waits_for_the_worker_that_is_just_giving(world: World, second: World):
    grant = await approved(world)
    await world.forget_jobs()
    hold = world.aws.hold_next("grant")
    giving = asyncio.create_task(_run(give, world, grant))
    await hold.entered.wait()
    world.clock.advance(timedelta(hours=1))
    await world.rows(
        "UPDATE access_grant SET claimed_until = %s RETURNING id", world.clock.now() + world.desk.timing.claim
    )
    with pytest.raises(Transient, match="Another worker"):
        await expire(second.desk, grant.id)
    hold.release.set()
    with pytest.raises(Conflict):
        await giving
    await second.restart()
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)


@pytest.mark.parametrize("acted", [False, True], ids=["the call lands late", "the reply comes late"])
async def test_a_call_that_lands_after_the_grant_was_taken_back_is_undone(world: World, second: World, *, acted: bool):
    """Its worker was frozen for longer than its claim; meanwhile the grant was ended, read back as gone and closed."""
    grant = await approved(world)
    await world.forget_jobs()
    task, hold = await outlasted(world, "grant", give, grant, acted=acted)
    await second.end(grant)
    await second.work()
    assert (await again(world, grant)).status == "revoked"
    hold.release.set()
    with pytest.raises(Conflict):
        await task
    await world.restart()
    await world.restart()
    assert not world.held(AWS)
    assert (await again(world, grant)).status == "revoked"
    await world.check_ledger()


async def test_undoing_goes_on_until_the_vendor_shows_nothing(world: World, second: World):
    grant = await approved(world)
    await world.forget_jobs()
    task, hold = await outlasted(world, "grant", give, grant, acted=False)
    await second.end(grant)
    await second.work()
    hold.release.set()
    with pytest.raises(Conflict):
        await task
    world.aws.lie_next()
    world.aws.fail_next(NO, operation="revoke")
    for _ in range(4):
        await world.restart()
    assert not world.held(AWS)


async def test_undoing_takes_nothing_from_a_grant_that_lives(world: World):
    grant = await world.granted(entitlement=AWS)
    await undo(world.desk, grant.id)
    assert world.held(AWS)
    await world.end(grant)
    with pytest.raises(Transient):
        await undo(world.desk, grant.id)


@pytest.mark.parametrize("acted", [False, True], ids=["the call lands late", "the reply comes late"])
async def test_a_worker_that_lost_its_claim_while_taking_back_records_nothing(
    world: World, second: World, *, acted: bool
):
    grant = await world.granted(entitlement=AWS)
    world.clock.advance(timedelta(hours=1))
    task, hold = await outlasted(world, "revoke", expire, grant, acted=acted)
    await second.restart()
    hold.release.set()
    with pytest.raises(Conflict):
        await task
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)
    assert (await world.events(grant.id)).count("ACC-035") == 1
    await world.check_ledger()


# --- taking back ---------------------------------------------------------------------------------------------


@each_passing_fault
@pytest.mark.parametrize("early", [False, True], ids=["run out", "ended early"])
async def test_taking_back_gets_over_a_fault_that_passes(world: World, fault: Fault, *, early: bool):
    grant = await world.granted(entitlement=AWS)
    fault(world.aws, "revoke")
    await end(world, grant, early=early)
    await settle(world)
    grant = await again(world, grant)
    assert (grant.status, grant.last_error, world.held(AWS)) == ("revoked", None, False)
    assert [kind for kind, _ in world.aws.effects] == ["grant", "revoke"]
    assert grant.lag_seconds is not None
    assert 0 <= grant.lag_seconds <= 60
    assert "read back as gone" in world.card(grant.request_id)
    await world.check_ledger()


async def end(world: World, grant: AccessGrant, *, early: bool) -> None:
    if early:
        await world.end(grant)
    else:
        world.clock.advance(grant.due_at - world.clock.now())
    await world.restart()


async def test_a_revoke_that_fails_after_a_while_is_tried_again(world: World):
    grant = await world.granted(entitlement=AWS)
    world.aws.pend_next(polls=2, failure="Another change is under way. Wait for it.")
    await end(world, grant, early=False)
    await settle(world, 30)
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)
    (failed,) = [entry for entry in await world.entries(grant.id) if entry.event == "ACC-034"]
    assert failed.data["error"] == "Another change is under way. Wait for it."


async def test_the_lag_is_measured_to_the_read_back(world: World):
    grant = await world.granted(entitlement=AWS)
    world.aws.fail_next(DOWN, operation="revoke")
    await end(world, grant, early=False)
    await world.pass_time(seconds=3)
    grant = await again(world, grant)
    assert (grant.status, grant.lag_seconds) == ("revoked", 3.0)
    assert (await world.entries(grant.id))[-1].data["lag_seconds"] == 3.0


@pytest.mark.parametrize("error", [DOWN, LOST, NO], ids=["down", "lost replies", "says no"])
async def test_a_revoke_that_keeps_failing_is_red_paged_once_and_goes_on_until_it_is_done(
    world: World, error: Transient | Permanent
):
    grant = await world.granted(entitlement=AWS)
    world.aws.fail_next(error, times=14, operation="revoke")
    await end(world, grant, early=False)
    assert ":red_circle: *Not taken back yet.* 1 failed attempts" in world.card(grant.request_id)
    assert "not taken back" in world.shown("mine", grant.request_id).lower()
    assert world.slack.of_lane(f"access.alert:{grant.request_id}") == []
    await settle(world, 120)
    failing = await again(world, grant)
    assert (failing.status, failing.failures >= 5, failing.last_error) == ("revoking", True, str(error))
    assert "Somebody has been paged" in world.card(grant.request_id)
    assert "Needs a person" in world.shown("alert", grant.request_id)
    for _ in range(12):
        await world.pass_time(minutes=5, seconds=1)
    done = await again(world, grant)
    assert (done.status, world.held(AWS)) == ("revoked", False)
    assert done.lag_seconds is not None
    assert done.lag_seconds > 2 * 60
    assert "read back as gone" in world.card(grant.request_id)
    assert "Settled" in world.shown("alert", grant.request_id)  # the same one message
    assert (await world.events(grant.id)).count("ACC-034") == 14
    await world.check_ledger()


async def test_a_revoke_is_tried_at_least_every_five_minutes_whatever_the_vendor_asks(world: World):
    grant = await world.granted(entitlement=AWS)
    world.aws.fail_next(Transient("Come back tomorrow.", retry_after=86400), operation="revoke")
    await end(world, grant, early=False)
    await world.pass_time(minutes=5, seconds=1)
    assert (await again(world, grant)).status == "revoked"


async def test_a_revoke_that_is_accepted_and_never_finished_is_red_and_paged(world: World):
    grant = await world.granted(entitlement=AWS)
    for _ in range(9):
        world.aws.pend_next(polls=10_000)
    await end(world, grant, early=False)
    assert "Ending (time is up), not yet proven gone" in world.card(grant.request_id)
    await settle(world, 12 * 60)
    assert "Not taken back yet" in world.card(grant.request_id)
    assert "does not finish it" in world.card(grant.request_id)
    assert "Needs a person" in world.shown("alert", grant.request_id)
    await settle(world, 30 * 60)
    assert ((await again(world, grant)).status, world.held(AWS)) == ("revoked", False)


async def test_failures_of_giving_do_not_count_as_failures_of_taking_back(world: World):
    grant = await approved(world)
    world.aws.fail_next(DOWN, times=6, operation="grant")
    await world.work()
    await settle(world, 64)
    assert (await again(world, grant)).failures >= 5
    world.aws.fail_next(DOWN, times=9, operation="revoke")
    await world.end(grant)
    ending = await again(world, grant)
    assert (ending.failures, ending.last_error, ending.retry_at) == (0, None, None)
    await world.work()
    assert "1 failed attempts" in world.card(grant.request_id)
    await settle(world, 120)
    assert "Needs a person" in world.shown("alert", grant.request_id)


async def test_a_waiting_retry_of_giving_does_not_delay_the_taking_back(world: World):
    grant = await approved(world)
    world.aws.fail_next(Transient("Later.", retry_after=300), operation="grant")
    await world.work()
    await world.end(grant)
    await world.forget_jobs()
    await world.pass_time(seconds=1)
    assert (await again(world, grant)).status == "revoked"


def test_the_states_of_a_grant_are_those_that_these_stories_know():
    assert GRANT.states == {"granting", "active", "revoking", "revoked", "failed"}
