"""acceptance/access.md: the process ends between any two steps of giving and of taking back.

After it is started again there is one grant or none, it is taken back in time, and rows, ledger, vendor and card say
the same. “In time” means here: the claim of the dead worker has to end (12 s), then the next sweep finds the row.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

import playbooks.access
from playbooks.access.models import AccessGrant
from tests.scenarios.access.access_world import AWS, ENDING_EARLY, GIVING, READ, RUNNING_OUT, Killed, World

STARTED_AGAIN = timedelta(seconds=13)
"""The claim of twelve seconds has ended, and a second more for the sweep."""

each_vendor = pytest.mark.parametrize("entitlement", [READ, AWS], ids=["postgres", "aws"])
each_queue = pytest.mark.parametrize("lost", [False, True], ids=["jobs handed on", "jobs lost"])


def test_every_step_of_the_source_is_killed_at_below():
    source = "".join(path.read_text() for path in Path(playbooks.access.__file__).parent.rglob("*.py"))
    steps = set(re.findall(r"""reached\(\s*["']([\w.]+)["']""", source))
    assert steps == {*GIVING, *RUNNING_OUT, *ENDING_EARLY}
    assert source.count("desk.reached(") == len(re.findall(r"""desk\.reached\(["'][\w.]+["']\)""", source))


async def killed(world: World, step: str, work: Callable[[], Awaitable[None]]) -> None:
    world.kill_at = {step}
    with pytest.raises(Killed, match=step):
        await work()
    assert world.kill_at == set()


async def start_again(world: World, *, lost: bool = False) -> None:
    if lost:
        await world.forget_jobs()
    await world.pass_time(seconds=STARTED_AGAIN.total_seconds())
    for _ in range(3):  # what the vendor finishes later is asked after
        await world.pass_time(seconds=1)


def effects(world: World, entitlement: str) -> list[str]:
    return [
        kind
        for vendor in (world.postgres, world.aws)
        for kind, access in vendor.effects
        if access.entitlement == entitlement
    ]


async def approved(world: World, entitlement: str) -> UUID:
    request = await world.ask(entitlement=entitlement)
    await world.approve(request)
    return request


async def is_active(world: World, request: UUID, entitlement: str) -> AccessGrant:
    grant = await world.grant(request)
    assert (grant.status, grant.standing, world.held(entitlement)) == ("active", False, True)
    assert effects(world, entitlement) == ["grant"]
    assert (await world.events(grant.id)).count("ACC-024") == 1
    assert grant.active_at is not None
    assert grant.due_at - grant.active_at <= grant.duration
    assert world.clock.now() < grant.due_at <= world.clock.now() + grant.duration
    await world.check_ledger()
    return grant


async def is_gone(world: World, request: UUID, entitlement: str, *, within: timedelta) -> AccessGrant:
    grant = await world.grant(request)
    assert (grant.status, world.held(entitlement)) == ("revoked", False)
    assert grant.lag_seconds is not None
    assert grant.lag_seconds <= within.total_seconds()
    assert (await world.events(grant.id)).count("ACC-035") == 1
    assert grant.after is not None
    assert grant.after["present"] is False
    await world.check_ledger()
    return grant


# --- while giving --------------------------------------------------------------------------------------------


@each_queue
@pytest.mark.parametrize("step", GIVING)
@each_vendor
async def test_killed_while_giving(world: World, entitlement: str, step: str, *, lost: bool):
    world.postgres.pend_next(polls=2)
    world.aws.pend_next(polls=2)
    request = await approved(world, entitlement)

    async def give() -> None:
        for _ in range(5):
            await world.work()
            await world.pass_time(seconds=1)

    await killed(world, step, give)
    await start_again(world, lost=lost)
    grant = await is_active(world, request, entitlement)
    if not lost:
        assert "Granted (approved by" in world.card(request)
    world.clock.advance(grant.due_at - world.clock.now())
    await world.restart()
    await is_gone(world, request, entitlement, within=timedelta())
    assert "read back as gone" in world.card(request)


@pytest.mark.parametrize("step", [step for step in GIVING if step not in {"grant.awaited", "grant.activated"}])
@each_vendor
async def test_killed_while_giving_and_then_nobody_works_until_it_has_run_out(
    world: World, entitlement: str, step: str
):
    request = await approved(world, entitlement)
    await killed(world, step, world.work)
    await start_again_late(world, hours=3)
    grant = await world.grant(request)
    assert (grant.status, world.held(entitlement), grant.active_at) == ("revoked", False, None)
    assert "Time is up" in world.card(request)
    assert "nothing is there" in world.card(request)
    await world.check_ledger()


async def start_again_late(world: World, *, hours: int) -> None:
    await world.pass_time(hours=hours)
    await world.pass_time(seconds=2)


@pytest.mark.parametrize("step", [step for step in GIVING if step not in {"grant.awaited", "grant.activated"}])
async def test_killed_while_giving_and_then_ended_early(world: World, step: str):
    request = await approved(world, AWS)
    await killed(world, step, world.work)
    await world.end(await world.grant(request))
    await world.restart()
    await start_again(world)
    await is_gone(world, request, AWS, within=STARTED_AGAIN)
    assert "Granted (approved" not in world.card(request)


@pytest.mark.parametrize("fault", ["lost reply", "lie"])
async def test_killed_right_after_a_call_that_went_wrong(world: World, fault: str):
    world.aws.lose_next_reply() if fault == "lost reply" else world.aws.lie_next()
    request = await approved(world, AWS)
    await world.work() if fault == "lost reply" else await killed(world, "grant.called", world.work)
    await world.forget_jobs()
    await start_again(world)
    await is_active(world, request, AWS)


# --- while taking back ---------------------------------------------------------------------------------------


@each_queue
@pytest.mark.parametrize("step", RUNNING_OUT)
async def test_killed_while_it_runs_out(world: World, step: str, *, lost: bool):
    grant = await world.granted(entitlement=AWS)
    world.aws.pend_next(polls=2)

    async def run_out() -> None:
        world.clock.advance(grant.due_at - world.clock.now())
        for _ in range(5):
            await world.restart()
            world.clock.advance(timedelta(seconds=1))

    await killed(world, step, run_out)
    await start_again(world, lost=lost)
    await is_gone(world, grant.request_id, AWS, within=STARTED_AGAIN + timedelta(seconds=8))
    assert effects(world, AWS) == ["grant", "revoke"]
    if not lost:
        assert "read back as gone" in world.card(grant.request_id)


@each_queue
@pytest.mark.parametrize("step", ENDING_EARLY)
async def test_killed_while_it_is_ended_early(world: World, step: str, *, lost: bool):
    grant = await world.granted(entitlement=AWS)
    world.aws.pend_next(polls=2)

    async def end() -> None:
        await world.end(grant)
        for _ in range(5):
            await world.work()
            await world.pass_time(seconds=1)

    await killed(world, step, end)
    await start_again(world, lost=lost)
    await is_gone(world, grant.request_id, AWS, within=STARTED_AGAIN + timedelta(seconds=8))
    assert effects(world, AWS) == ["grant", "revoke"]
    if not lost:
        assert "read back as gone" in world.card(grant.request_id)


async def test_killed_at_every_step_in_turn(world: World):
    """The worst day: each start gets one step further."""
    for _ in range(2):  # the ticket of the first is lost with the process
        world.aws.pend_next(polls=2)
    request = await approved(world, AWS)
    deaths = await die_at_each(world, GIVING)
    grant = await is_active(world, request, AWS)
    for _ in range(2):
        world.aws.pend_next(polls=2)
    world.clock.advance(grant.due_at - world.clock.now())
    deaths += await die_at_each(world, [*RUNNING_OUT, *ENDING_EARLY])
    assert deaths == len({*GIVING, *RUNNING_OUT, *ENDING_EARLY})
    await is_gone(world, request, AWS, within=STARTED_AGAIN * (deaths + 2))
    assert effects(world, AWS) == ["grant", "revoke"]
    assert len(world.slack.of_lane(f"access.card:{request}")) == 1
    assert "read back as gone" in world.card(request)


async def die_at_each(world: World, steps: list[str] | tuple[str, ...]) -> int:
    world.kill_at, deaths = set(steps), 0
    for _ in range(4 * len(steps)):
        try:
            await world.restart()
        except Killed:
            deaths += 1
        world.clock.advance(STARTED_AGAIN if world.kill_at else timedelta(seconds=1))
    return deaths


# --- everything was down -------------------------------------------------------------------------------------


async def test_after_everything_was_down_the_overdue_are_taken_first_and_oldest_first(world: World):
    ends = {}
    for minutes, person in PEOPLE.items():
        length = timedelta(minutes=minutes)
        ends[minutes] = await world.ask(person, "aws-staging/read-only", duration=length)
    await world.work()
    waiting = await approved(world, AWS)  # a new one, which may wait
    await world.forget_jobs()
    world.clock.advance(timedelta(hours=5))
    world.aws.effects.clear()
    due = await world.grant(waiting)
    assert due.status == "granting"
    await world.restart()
    order = [access.account for kind, access in world.aws.effects if kind == "revoke"]
    assert order == [ACCOUNTS[minutes] for minutes in (60, 90, 120)]
    lags = [(await world.grant(ends[minutes])).lag_seconds for minutes in (60, 90, 120)]
    assert lags == [4 * 3600, 3.5 * 3600, 3 * 3600]
    entry = (await world.entries((await world.grant(ends[60])).id))[-1]
    assert (entry.event, entry.data["lag_seconds"]) == ("ACC-035", 4 * 3600)


PEOPLE = {120: "p-ana", 60: "p-marcus", 90: "p-lena"}
ACCOUNTS = {60: "marcus.lindqvist", 90: "lena.fischer", 120: "ana.ruiz"}
