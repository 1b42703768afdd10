"""acceptance/access.md, “Until when”: grants that overlap, standing access, and the vendor's own end."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from core.errors import Conflict, Permanent, Transient
from playbooks.access.jobs.grant import give
from playbooks.access.jobs.revoke import expire, take_back
from playbooks.access.models import AccessGrant
from playbooks.access.policy import Catalogue
from tests.scenarios.access.access_world import AWS, READ, World

each_vendor = pytest.mark.parametrize("entitlement", [READ, AWS], ids=["postgres", "aws"])
DOWN = Transient("The vendor does not answer.")


async def approved(world: World, entitlement: str = AWS, **changes: Any) -> AccessGrant:
    request = await world.ask(entitlement=entitlement, **changes)
    await world.approve(request)
    return await world.grant(request)


async def now(world: World, grant: AccessGrant) -> AccessGrant:
    return await world.grant(grant.request_id)


async def quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except (Conflict, Transient):
        return


# --- two grants of one entitlement ---------------------------------------------------------------------------


@each_vendor
@pytest.mark.parametrize(("first", "second"), [(1, 3), (3, 1), (2, 2)], ids=["later ends later", "earlier", "same"])
async def test_two_grants_end_independently_and_the_entitlement_stays_while_one_lives(
    world: World, entitlement: str, first: int, second: int
):
    one = await world.granted(entitlement=entitlement, duration=timedelta(hours=first))
    await world.pass_time(minutes=10)
    two = await world.granted(entitlement=entitlement, duration=timedelta(hours=second))
    assert (one.standing, two.standing) == (False, False)
    for grant in sorted((one, two), key=due):
        assert world.held(entitlement), "cut short"
        world.clock.advance(grant.due_at - world.clock.now())
        await world.restart()
        assert (await now(world, grant)).status == "revoked"
    assert not world.held(entitlement)
    assert (await now(world, one)).lag_seconds == (await now(world, two)).lag_seconds == 0
    await world.check_ledger()


def due(grant: AccessGrant) -> datetime:
    return grant.due_at


async def test_ending_one_early_leaves_the_other(world: World):
    one, two = await world.granted(entitlement=AWS), await world.granted(entitlement=AWS)
    await world.end(one)
    await world.work()
    ended = await now(world, one)
    assert (ended.status, world.held(AWS)) == ("revoked", True)
    assert ended.after is not None
    assert ended.after["kept_for"] == "another grant of the same entitlement"
    assert "The entitlement stays: another grant" in world.card(one.request_id)
    assert world.aws.calls["revoke"] == 0
    await world.end(two)
    await world.work()
    assert not world.held(AWS)


async def test_the_vendors_own_end_is_the_latest_of_ours_and_never_later(world: World):
    one = await world.granted(duration=timedelta(hours=4))
    two = await world.granted(duration=timedelta(hours=1))
    assert two.after is not None
    assert two.after["expires_at"] == one.due_at.isoformat()
    three = await world.granted(duration=timedelta(hours=4))
    assert three.after is not None
    assert three.after["expires_at"] == three.due_at.isoformat()


async def test_both_run_out_in_the_same_instant_in_two_processes(world: World, second: World):
    for _ in range(8):
        one, two = await world.granted(entitlement=AWS), await world.granted(entitlement=AWS)
        world.clock.advance(timedelta(hours=1))
        await asyncio.gather(quietly(expire(world.desk, one.id)), quietly(expire(second.desk, two.id)))
        await world.restart()
        assert not world.held(AWS)
        assert [(await now(world, each)).status for each in (one, two)] == ["revoked", "revoked"]


async def test_two_begin_in_the_same_instant_in_two_processes(world: World, second: World):
    for _ in range(8):
        one, two = await approved(world), await approved(world)
        await asyncio.gather(quietly(give(world.desk, one.id)), quietly(give(second.desk, two.id)))
        await world.restart()
        assert [(await now(world, each)).standing for each in (one, two)] == [False, False]
        await world.end(one)
        await world.end(two)
        await world.restart()
        assert not world.held(AWS)


async def test_the_same_thing_under_another_name_is_the_same_entitlement(world: World):
    """A catalogue that was reworded while the grant lived: at the vendor it is one permission set."""
    one = await world.granted(entitlement=AWS)
    renamed = world.desk.catalogue.entitlement(AWS)
    known = MappingProxyType({**world.desk.catalogue.entitlements, AWS: replace(renamed, title="Read all")})
    world.desk = replace(world.desk, catalogue=Catalogue(world.desk.catalogue.targets, known))
    await world.rows("UPDATE access_grant SET entitlement = 'aws-prod/looking' WHERE id = %s RETURNING id", one.id)
    await world.granted(entitlement=AWS)
    await world.end(one)
    await world.work()
    assert world.held(AWS)


async def test_another_thing_under_the_same_name_is_another_entitlement(world: World):
    """A catalogue whose entitlement means another permission set by now: the old one must go all the same."""
    one = await world.granted(entitlement=AWS)
    old = world.access(AWS)
    changed = replace(
        world.desk.catalogue.entitlement(AWS),
        parameters=MappingProxyType({"account": "111122223333", "permission_set": "ReadOnly2"}),
    )
    known = MappingProxyType({**world.desk.catalogue.entitlements, AWS: changed})
    later = world.under(world.desk.policies)
    later.desk = replace(later.desk, catalogue=Catalogue(later.desk.catalogue.targets, known))
    two = await approved(later)
    await give(later.desk, two.id)
    await world.end(one)
    await world.work()
    revoked = await now(world, one)
    assert revoked.after is not None
    assert (revoked.status, revoked.after["kept_for"]) == ("revoked", "")
    assert ("revoke", old) in world.aws.effects


# --- a new grant that crosses a revoke -----------------------------------------------------------------------


async def test_a_grant_that_begins_while_another_is_being_taken_waits_for_it(world: World, second: World):
    one = await world.granted(entitlement=AWS)
    hold = world.aws.hold_next("revoke")
    await world.end(one)
    revoking = asyncio.create_task(take_back(world.desk, one.id))
    await hold.entered.wait()
    two = await approved(second)
    with pytest.raises(Transient, match="just being taken back"):
        await give(second.desk, two.id)
    assert world.aws.calls["grant"] == 1
    hold.release.set()
    await revoking
    await second.restart()
    two = await now(world, two)
    assert (two.status, two.standing, world.held(AWS)) == ("active", False, True)
    await world.end(two)
    await world.restart()
    assert not world.held(AWS)


async def test_a_grant_approved_just_before_the_other_runs_out_is_not_taken_for_standing(world: World):
    """Seen by the revoke, it is not yet at the vendor: what the old grant leaves must not become the person's own."""
    one = await world.granted(entitlement=AWS)
    world.clock.advance(timedelta(minutes=59, seconds=59))
    two = await approved(world)
    await world.forget_jobs()
    world.clock.advance(timedelta(seconds=1))
    await expire(world.desk, one.id)
    await world.restart()
    two = await now(world, two)
    assert (two.status, two.standing, world.held(AWS)) == ("active", False, True)
    await world.pass_time(hours=1)
    assert ((await now(world, two)).status, world.held(AWS)) == ("revoked", False)


async def test_a_grant_in_the_middle_of_its_call_keeps_what_the_other_leaves_and_takes_it_in_the_end(
    world: World, second: World
):
    one = await world.granted(entitlement=AWS)
    two = await approved(second)
    await world.forget_jobs()
    hold = world.aws.hold_next("grant")
    giving = asyncio.create_task(give(second.desk, two.id))
    await hold.entered.wait()
    await world.end(one)
    await world.work()
    assert ((await now(world, one)).status, world.held(AWS)) == ("revoked", True)
    hold.release.set()
    await giving
    two = await now(world, two)
    assert (two.status, two.standing) == ("active", False)
    await world.end(two)
    await world.restart()
    assert not world.held(AWS)


@pytest.mark.parametrize("where", ["before the read-back", "after the read-back"])
async def test_a_grant_taken_back_while_the_next_looks_what_is_there(world: World, second: World, where: str):
    one = await world.granted(entitlement=AWS)
    two = await approved(second)
    await world.forget_jobs()
    hold = world.aws.hold_next("observe", acted=where == "after the read-back")
    giving = asyncio.create_task(quietly(give(second.desk, two.id)))
    await hold.entered.wait()
    await world.end(one)
    await world.work()
    hold.release.set()
    await giving
    await world.restart()
    await world.restart()
    two = await now(world, two)
    assert (two.status, two.standing, world.held(AWS)) == ("active", False, True)
    await world.end(two)
    await world.restart()
    assert not world.held(AWS)


async def test_a_grant_crosses_a_revoke_in_two_processes_many_times(world: World, second: World):
    for _ in range(10):
        one = await world.granted(entitlement=AWS)
        two = await approved(world)
        await world.forget_jobs()
        await world.end(one)
        await asyncio.gather(quietly(take_back(world.desk, one.id)), quietly(give(second.desk, two.id)))
        for _ in range(3):
            await world.restart()
        two = await now(world, two)
        assert ((await now(world, one)).status, two.status, two.standing) == ("revoked", "active", False)
        assert world.held(AWS)
        await world.end(two)
        await world.restart()
        assert not world.held(AWS)


async def test_a_revoke_that_the_vendor_is_still_working_on_is_not_crossed_by_a_new_grant(world: World):
    one = await world.granted(entitlement=AWS)
    world.aws.pend_next(polls=4)
    await world.end(one)
    await world.work()
    two = await approved(world)
    await world.work()
    for _ in range(12):
        await world.pass_time(seconds=1)
    assert ((await now(world, one)).status, (await now(world, two)).status) == ("revoked", "active")
    assert world.held(AWS)


async def test_a_grant_that_fails_leaves_the_other_alone(world: World):
    await world.granted(entitlement=AWS)
    world.aws.fail_next(Permanent("No."), operation="grant")
    two = await world.granted(entitlement=AWS)
    assert (two.status, two.active_at, world.held(AWS)) == ("revoked", None, True)
    assert "The entitlement stays: another grant" in world.card(two.request_id)
    assert "nothing is there" not in world.card(two.request_id)


async def test_ending_a_grant_before_it_was_given_takes_nothing_from_the_other(world: World):
    await world.granted(entitlement=AWS)
    two = await approved(world)
    await world.end(two)
    await world.work()
    assert ((await now(world, two)).status, world.held(AWS)) == ("revoked", True)


# --- standing access -----------------------------------------------------------------------------------------


@each_vendor
async def test_standing_access_is_never_taken_by_a_grant_that_ends(world: World, entitlement: str):
    {READ: world.postgres, AWS: world.aws}[entitlement].give_standing(world.access(entitlement))
    grant = await world.granted(entitlement=entitlement)
    assert (grant.status, grant.standing) == ("active", True)
    await world.pass_time(hours=1, seconds=1)
    grant = await now(world, grant)
    assert (grant.status, world.held(entitlement)) == ("revoked", True)
    assert grant.after is not None
    assert grant.after["kept_for"] == "standing access from before the grant"
    vendor = {READ: world.postgres, AWS: world.aws}[entitlement]
    assert vendor.effects == []  # nothing of ours stands beside it either
    assert "The entitlement stays: standing access" in world.card(grant.request_id)


async def test_standing_access_survives_a_grant_that_was_ended_before_it_was_given(world: World):
    world.aws.give_standing(world.access(AWS))
    grant = await approved(world)
    await world.end(grant)
    await world.work()
    assert ((await now(world, grant)).status, world.held(AWS)) == ("revoked", True)
    assert world.aws.calls["revoke"] == 0
    assert "nothing is there" not in world.card(grant.request_id)


async def test_standing_access_survives_a_grant_whose_first_look_failed_for_good(world: World):
    world.aws.give_standing(world.access(AWS))
    world.aws.fail_next(Permanent("AccessDenied."), operation="observe")
    grant = await world.granted(entitlement=AWS)
    assert (grant.status, world.held(AWS), world.aws.calls["revoke"]) == ("failed", True, 0)


async def test_standing_access_survives_two_grants_over_it(world: World):
    world.aws.give_standing(world.access(AWS))
    one, two = await world.granted(entitlement=AWS), await world.granted(entitlement=AWS)
    assert (one.standing, two.standing) == (True, True)
    await world.pass_time(hours=1, seconds=1)
    assert world.held(AWS)
    three = await world.granted(entitlement=AWS)
    assert three.standing
    await world.pass_time(hours=1, seconds=1)
    assert world.held(AWS)


async def test_a_grant_attempted_twice_after_a_lost_reply_is_not_mistaken_for_standing(world: World):
    world.aws.lose_next_reply(times=2)
    grant = await approved(world)
    await world.work()
    assert world.held(AWS)  # it was given, and nobody heard of it
    for _ in range(8):
        await world.pass_time(seconds=2)
    grant = await now(world, grant)
    assert (grant.status, grant.standing) == ("active", False)
    assert grant.before is not None
    assert grant.before["present"] is False
    await world.pass_time(hours=1)
    assert ((await now(world, grant)).status, world.held(AWS)) == ("revoked", False)


async def test_what_a_failing_revoke_left_is_not_mistaken_for_standing_by_the_next(world: World):
    one = await world.granted(entitlement=AWS)
    world.aws.fail_next(DOWN, times=3, operation="revoke")
    await world.end(one)
    await world.work()
    two = await approved(world)
    await world.work()
    for _ in range(20):
        await world.pass_time(seconds=2)
    two = await now(world, two)
    assert ((await now(world, one)).status, two.status, two.standing) == ("revoked", "active", False)
    await world.end(two)
    await world.restart()
    assert not world.held(AWS)
