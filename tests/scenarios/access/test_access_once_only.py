"""acceptance/access.md, “Once and only once”: one decision, one grant, one schedule, however often it is said."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.errors import Conflict, Transient
from playbooks.access import commands
from playbooks.access.blocks import Action
from playbooks.access.jobs.grant import give
from playbooks.access.jobs.revoke import expire, take_back
from playbooks.access.models import AccessGrant
from tests.scenarios.access.access_world import AWS, World
from tests.scenarios.access.slack_front_end import ANA, BEN, CHLOE, Hands, fault_of

ROUNDS = 12


async def together(*works: Awaitable[Any]) -> list[Any]:
    """All of it in the same instant; what was raised comes back instead of a result."""
    return await asyncio.gather(*works, return_exceptions=True)


async def count(world: World, query: str, *parameters: object) -> int:
    return int((await world.rows(query, *parameters))[0][0])


def conflicts(outcomes: list[Any]) -> int:
    assert [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, Conflict)] == []
    return sum(isinstance(each, Conflict) for each in outcomes)


# --- the same thing said twice -------------------------------------------------------------------------------


async def test_the_same_submission_twice_is_one_request(world: World, hands: Hands):
    for _ in range(3):
        assert await hands.send_form(ANA, form="V1") == {"response_action": "clear"}
    await world.work()
    ((request,),) = await world.rows("SELECT id FROM access_request")
    assert await world.events(request) == ["ACC-001"]
    assert len(world.slack.of_lane(f"access.card:{request}")) == 1


async def test_the_same_submission_in_two_processes_at_once_is_one_request(world: World, second: World):
    for number in range(ROUNDS):
        ids = await together(*(each.ask(submission=f"T:V{number}") for each in (world, second)))
        assert ids[0] == ids[1]
        assert await world.events(ids[0]) == ["ACC-001"]
    assert await count(world, "SELECT count(*) FROM access_request") == ROUNDS


async def test_a_replay_after_the_policy_changed_is_still_the_same_request(
    world: World, hands: Hands, policies: Callable[..., Any]
):
    await hands.send_form(ANA, form="V1")
    later = Hands(world.under(policies(without=("10-engineering.cedar",))))
    assert await later.send_form(ANA, form="V1") == {"response_action": "clear"}
    assert await count(world, "SELECT count(*) FROM access_request") == 1


async def test_a_self_service_form_sent_twice_is_one_grant(world: World, hands: Hands):
    wish: dict[str, Any] = {"entitlement": "aws-staging/read-only", "purpose": None, "minimum": None}
    await together(*(hands.send_form(ANA, form="V1", **wish) for _ in range(4)))
    await world.work()
    assert (await world.grants(), world.aws.calls["grant"]) == (1, 1)


async def test_a_refused_form_sent_twice_is_one_refusal_and_a_mended_one_is_a_request(world: World, hands: Hands):
    for _ in range(2):
        assert fault_of(await hands.send_form(ANA, form="V1", minutes="5940")).startswith("duration: ")
    assert await count(world, "SELECT count(*) FROM access_request WHERE status = 'refused'") == 1
    assert await hands.send_form(ANA, form="V1", minutes="60") == {"response_action": "clear"}
    assert await hands.send_form(ANA, form="V1", minutes="60") == {"response_action": "clear"}
    assert await count(world, "SELECT count(*) FROM access_request WHERE status = 'pending'") == 1


async def test_a_double_click_on_approve_is_one_approval_and_one_grant(world: World, hands: Hands):
    request = await world.ask()
    said = [await hands.press(Action.approve, request, BEN) for _ in range(2)]
    assert said[0] == ""
    assert "Too late: this request is approved by Ben Okafor" in said[1]
    await world.work()
    assert (await world.grants(), world.postgres.calls["grant"]) == (1, 1)
    assert await world.events(request) == ["ACC-001", "ACC-003"]


async def test_a_double_click_in_the_same_instant_is_one_approval(world: World, second: World):
    for _ in range(ROUNDS):
        request = await world.ask()
        assert conflicts(await together(world.approve(request), second.approve(request))) == 1
        assert await world.events(request) == ["ACC-001", "ACC-003"]
    assert await world.grants() == ROUNDS


async def test_two_approvers_in_two_processes_in_the_same_instant_are_one_grant(world: World, second: World):
    for _ in range(ROUNDS):
        request = await world.ask()
        outcomes = await together(world.approve(request, "p-ben"), second.approve(request, "p-chloe"))
        assert conflicts(outcomes) == 1
        assert await world.events(request) == ["ACC-001", "ACC-003"]
        grant = await world.grant(request)
        assert await count(world, "SELECT count(*) FROM access_approval WHERE request_id = %s", request) == 1
        schedules = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'access.expire' AND payload = %s"
        assert await count(world, schedules, f'{{"grant":"{grant.id}"}}'.encode()) == 1
    await world.check_ledger()


async def test_of_two_needed_two_at_once_are_both_counted(world: World, second: World, policies: Callable[..., Any]):
    two = policies("""
        @id("two-dbas") @title("Two of three") @max_duration("PT1H") @approvals("2")
        @approvers("group:dba, group:security")
        permit (principal == Person::"p-lena", action == Action::"request", resource == Entitlement::"ehr-db/read");""")
    first, other = world.under(two), second.under(two)
    for _ in range(ROUNDS):
        request = await first.ask("p-lena")
        assert conflicts(await together(first.approve(request, "p-ben"), other.approve(request, "p-tom"))) == 0
        assert await world.events(request) == ["ACC-001", "ACC-007", "ACC-003"]


async def test_the_last_approval_of_a_stage_at_once_with_another_asks_the_next_stage_once(
    world: World, second: World, policies: Callable[..., Any]
):
    staged = policies("""
        @id("staged") @title("Two, then one") @max_duration("PT1H") @approvals("2; 1")
        @approvers("group:dba, group:sre-leads; group:security")
        permit (principal == Person::"p-lena", action == Action::"request", resource == Entitlement::"ehr-db/read");""")
    first, other = world.under(staged), second.under(staged)
    for _ in range(ROUNDS):
        request = await first.ask("p-lena")
        assert conflicts(await together(first.approve(request, "p-ben"), other.approve(request, "p-marcus"))) == 0
        assert set((await world.request(request)).asked) == {"p-tom", "p-sana"}
        assert (await first.approve(request, "p-sana")).status == "approved"


# --- too late ------------------------------------------------------------------------------------------------


async def withdrawn(world: World, request: UUID) -> None:
    await commands.withdraw(world.desk, commands.Withdraw(request, await world.person("p-ana")))


async def denied(world: World, request: UUID) -> None:
    await world.deny(request, "p-chloe")


async def expired(world: World, request: UUID) -> None:
    world.clock.advance(timedelta(hours=4, seconds=1))
    await commands.expire_request(world.desk, request)


async def ended(world: World, request: UUID) -> None:
    await world.approve(request)
    await world.work()
    await world.pass_time(hours=1, seconds=1)


LATE = {
    "withdrawn": (withdrawn, "Too late: this request is withdrawn", "Withdrawn by Ana Ruiz"),
    "denied": (denied, "Too late: this request is denied by Chloe Dubois", "Denied by Chloe Dubois"),
    "expired": (expired, "Too late: this request is expired", "nobody decided in time"),
    "ended": (ended, "Too late: this request is approved by Ben Okafor", "read back as gone"),
}


@pytest.mark.parametrize(("ending", "said", "shown"), LATE.values(), ids=LATE)
async def test_approve_or_deny_comes_too_late_and_the_card_is_redrawn_to_the_truth(
    world: World, hands: Hands, ending: Callable[[World, UUID], Awaitable[None]], said: str, shown: str
):
    request = await world.ask()
    await world.work()
    stale = world.slack.of_lane(f"access.card:{request}")[0].drawing
    await ending(world, request)
    await world.forget_jobs()  # the card still shows what was
    world.slack.of_lane(f"access.card:{request}")[0].drawing = stale
    await world.rows("UPDATE message_lane SET drawn = 'what was' RETURNING id")
    before = (await world.events(request), await world.grants(), len(world.postgres.effects))
    assert said in await hands.press_on_card(Action.approve, request, BEN)
    assert said in await hands.press_on_card(Action.deny, request, BEN)
    assert said in str(await hands.send_denial(request, BEN))
    await world.work()
    assert (await world.events(request), await world.grants(), len(world.postgres.effects)) == before
    assert shown in world.card(request)
    assert Action.approve not in world.card(request)


async def test_withdraw_and_end_come_too_late(world: World, hands: Hands):
    request = await world.ask()
    await world.approve(request)
    assert "Too late" in await hands.press(Action.withdraw, request, ANA)
    await world.work()
    grant = await world.grant(request)
    assert await hands.press(Action.done, grant.id, ANA) == ""
    assert "is being taken back already" in await hands.press(Action.done, grant.id, ANA)
    await world.work()
    assert "has ended" in await hands.press(Action.done, grant.id, ANA)
    assert (await world.events(grant.id)).count("ACC-030") == 1


async def test_two_requests_approved_in_the_same_second_are_two_grants_with_two_ends(world: World, second: World):
    short, long = await world.ask(), await world.ask(duration=timedelta(hours=2))
    await together(world.approve(short), second.approve(long))
    await together(world.work(), second.work())
    await world.restart()
    ends = [(await world.grant(request)).due_at - world.clock.now() for request in (short, long)]
    assert ends == [timedelta(hours=1), timedelta(hours=2)]
    await world.pass_time(hours=1, seconds=1)
    assert [(await world.grant(each)).status for each in (short, long)] == ["revoked", "active"]
    assert world.postgres.holds(world.access())
    await world.pass_time(hours=1)
    assert not world.postgres.holds(world.access())


# --- races ---------------------------------------------------------------------------------------------------


async def only_one(world: World, request: UUID, *works: Awaitable[Any]) -> str:
    """Of these one succeeds and the others are told; answers what the request is now."""
    assert conflicts(await together(*works)) == len(works) - 1
    events = await world.events(request)
    assert len(events) == 2
    status = (await world.request(request)).status
    assert (await world.grants_of(request)) == (1 if status == "approved" else 0)
    return status


async def test_deny_against_approve(world: World, second: World):
    ends = set()
    for turn in range(ROUNDS):
        request = await world.ask()
        works = [world.approve(request, "p-ben"), second.deny(request, "p-chloe")]
        ends.add(await only_one(world, request, *(works if turn % 2 else reversed(works))))
    assert ends <= {"approved", "denied"}
    await world.check_ledger()


async def test_withdraw_against_approve(world: World, second: World):
    for turn in range(ROUNDS):
        request = await world.ask()
        withdraw = commands.withdraw(second.desk, commands.Withdraw(request, await world.person("p-ana")))
        works = [world.approve(request, "p-ben"), withdraw]
        assert await only_one(world, request, *(works if turn % 2 else reversed(works))) in {"approved", "withdrawn"}
    await world.check_ledger()


async def test_expiry_of_a_request_against_approve(world: World, second: World):
    for turn in range(ROUNDS):
        request = await world.ask()
        world.clock.advance(timedelta(hours=4, seconds=1))
        works = [world.approve(request, "p-ben"), commands.expire_request(second.desk, request)]
        assert await only_one(world, request, *(works if turn % 2 else reversed(works))) in {"approved", "expired"}
    await world.check_ledger()


async def test_an_early_end_against_the_expiry(world: World, second: World):
    ana = await world.person("p-ana")
    for turn in range(ROUNDS):
        grant = await world.granted(entitlement=AWS)
        world.clock.advance(timedelta(hours=1, seconds=1))
        ending = commands.end_early(second.desk, commands.EndEarly(grant.id, ana))
        works = [expire(world.desk, grant.id), ending]
        outcomes = await together(*(works if turn % 2 else reversed(works)))
        assert [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, Conflict)] == []
        await world.restart()
        events = await world.events(grant.id)
        assert events.count("ACC-030") + events.count("ACC-031") == 1
        assert events.count("ACC-035") == 1
        assert not world.held(AWS)
    await world.check_ledger()


async def test_an_early_end_at_the_moment_of_activation_is_not_refused(world: World, second: World):
    request = await world.ask(entitlement=AWS)
    await world.approve(request)
    grant = await world.grant(request)
    hold = world.aws.hold_next("grant", acted=True)
    giving = asyncio.create_task(give(world.desk, grant.id))
    await hold.entered.wait()
    ana = await world.person("p-ana")
    ending = asyncio.create_task(commands.end_early(second.desk, commands.EndEarly(grant.id, ana)))
    hold.release.set()
    await together(giving, ending)
    assert ending.exception() is None
    await world.restart()
    assert (await world.grant(request)).status == "revoked"
    assert not world.held(AWS)


# --- a job run twice -----------------------------------------------------------------------------------------


async def run_all(works: list[Awaitable[None]]) -> None:
    for outcome in await together(*works):
        assert outcome is None or isinstance(outcome, (Conflict, Transient)), outcome


async def granting(world: World) -> AccessGrant:
    request = await world.ask()
    await world.approve(request)
    await world.forget_jobs()
    return await world.grant(request)


async def test_giving_by_several_workers_at_once_asks_the_vendor_once(world: World, second: World):
    for _ in range(ROUNDS):
        grant, calls = await granting(world), world.postgres.calls["grant"]
        await run_all([give(each.desk, grant.id) for each in (world, second, world, second)])
        assert world.postgres.calls["grant"] == calls + 1
        assert await world.events(grant.id) == ["ACC-020", "ACC-021", "ACC-024"]


async def test_giving_one_after_the_other_asks_the_vendor_once(world: World):
    grant = await granting(world)
    await give(world.desk, grant.id)
    with pytest.raises(Conflict):
        await give(world.desk, grant.id)
    assert world.postgres.calls["grant"] == 1


@pytest.mark.parametrize("job", [expire, take_back], ids=["expire", "take_back"])
async def test_taking_back_by_several_workers_at_once_asks_the_vendor_once(
    world: World, second: World, job: Callable[..., Awaitable[None]]
):
    ana = await world.person("p-ana")
    for _ in range(ROUNDS):
        grant, calls = await world.granted(entitlement=AWS), world.aws.calls["revoke"]
        if job is take_back:
            await commands.end_early(world.desk, commands.EndEarly(grant.id, ana))
        else:
            world.clock.advance(timedelta(hours=1))
        await run_all([job(each.desk, grant.id) for each in (world, second, world, second)])
        await world.restart()
        assert world.aws.calls["revoke"] == calls + 1
        assert (await world.events(grant.id)).count("ACC-035") == 1
        assert (await world.grant(grant.request_id)).status == "revoked"


async def test_an_expiry_run_again_while_another_worker_revokes_leaves_it_to_that_one(world: World, second: World):
    grant = await world.granted(entitlement=AWS)
    world.clock.advance(timedelta(hours=1))
    hold = world.aws.hold_next("revoke")
    revoking = asyncio.create_task(expire(world.desk, grant.id))
    await hold.entered.wait()
    with pytest.raises(Transient):
        await expire(second.desk, grant.id)
    with pytest.raises(Transient):
        await take_back(second.desk, grant.id)
    assert world.aws.calls["revoke"] == 0
    hold.release.set()
    await revoking
    assert (await world.grant(grant.request_id)).status == "revoked"
    assert world.aws.calls["revoke"] == 1


async def test_a_reminder_by_two_workers_is_one_message_and_one_entry(world: World, second: World):
    grant = await world.granted()
    world.clock.advance(timedelta(minutes=51))
    assert conflicts(await together(*(commands.remind(each.desk, grant.id) for each in (world, second)))) == 1
    await world.work()
    assert (await world.events(grant.id)).count("ACC-027") == 1
    assert len(world.slack.of_lane(f"access.reminder:{grant.request_id}")) == 1


async def test_two_workers_share_a_queue_and_every_grant_happens_once(world: World, second: World):
    requests = [await world.ask(entitlement=f"{target}/read") for target in ("ehr-db", "billing-db") for _ in range(4)]
    for request in requests:
        await world.approve(request, "p-olivia" if "billing" in (await world.request(request)).target else "p-ben")
    await together(*(each.work() for each in (world, second)))
    for each in (world, second):
        await each.restart()
    assert [(await world.grant(request)).status for request in requests] == ["active"] * len(requests)
    assert world.postgres.calls["grant"] == len(requests)
    await world.check_ledger()


async def test_a_second_card_is_never_posted(world: World, second: World, hands: Hands):
    request = await world.ask()
    await together(world.work(), second.work())
    await together(world.approve(request, "p-ben"), second.approve(request, "p-chloe"))
    await together(*(each.work() for each in (world, second)))
    for each in (world, second):
        await each.restart()
    assert len(world.slack.of_lane(f"access.card:{request}")) == 1
    assert "Granted" in world.card(request)
    assert "Too late" in await hands.press(Action.approve, request, CHLOE)
