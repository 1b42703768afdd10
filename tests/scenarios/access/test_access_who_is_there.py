"""acceptance/access.md, “Who may, and on whose word”: approvers away, the directory out of reach."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Refused, Transient
from core.policy import PolicySet
from playbooks.access.blocks import Action
from tests.scenarios.access.access_world import ADMIN, World
from tests.scenarios.access.slack_front_end import ANA, BEN, Hands, fault_of

Policies = Callable[..., PolicySet]

ADMIN_WISH = {"entitlement": ADMIN, "reason": "INC-1: rotate the root key", "duration": timedelta(hours=1)}


async def away(world: World, *subjects: str) -> None:
    for subject in subjects:
        world.directory.deactivate(subject)


# --- approvers away ------------------------------------------------------------------------------------------


async def test_when_all_approvers_are_away_the_fallback_is_asked(world: World):
    await away(world, "p-ben", "p-chloe")
    request = await world.ask()
    waiting = await world.request(request)
    assert (set(waiting.asked), waiting.asked_fallback) == ({"p-tom", "p-sana"}, True)
    await world.work()
    assert "<@U0TOMBECK>" in world.card(request)
    assert (await world.approve(request, "p-tom")).status == "approved"


async def test_the_fallback_is_not_asked_while_an_approver_is_there(world: World):
    await away(world, "p-ben")
    request = await world.ask()
    assert (await world.request(request)).asked == ["p-chloe"]
    with pytest.raises(Refused, match="is not among those"):
        await world.approve(request, "p-tom")


async def test_approvers_whom_a_policy_forbids_to_approve_count_as_away(world: World):
    for subject in ("p-ben", "p-chloe"):
        held = await world.person(subject)
        world.directory.put(replace(held, groups=held.groups | {"privacy-hold"}))
    request = await world.ask()
    waiting = await world.request(request)
    assert (set(waiting.asked), waiting.asked_fallback) == ({"p-tom", "p-sana"}, True)


async def test_too_few_approvers_are_joined_by_the_fallback(world: World, policies: Policies):
    two = """
        @id("two-dbas") @title("Two database administrators") @max_duration("PT1H") @approvals("2")
        @approvers("group:dba") @fallback("group:security")
        permit (principal == Person::"p-lena", action == Action::"request", resource == Entitlement::"ehr-db/read");"""
    world = world.under(policies(two))
    await away(world, "p-ben")
    request = await world.ask("p-lena")
    assert set((await world.request(request)).asked) == {"p-chloe", "p-tom", "p-sana"}
    await world.approve(request, "p-chloe")
    assert (await world.approve(request, "p-tom")).status == "approved"


async def test_without_a_fallback_the_requester_is_told_at_once_and_an_alert_is_posted(world: World, hands: Hands):
    await away(world, "p-tom", "p-sana")
    answer = await hands.send_form(ANA, entitlement=ADMIN, reason="INC-1: rotate the root key")
    assert "Nobody who may approve “AWS production, administration” is available now" in fault_of(answer)
    assert "ask group:security to name an approver" in fault_of(answer)
    await world.work()
    ((request, status),) = await world.rows("SELECT id, status FROM access_request")
    assert status == "refused"
    assert "nobody may approve it" in world.shown("alert", request)
    assert [message.posted.channel for message in world.slack.messages] == ["C0ALERTS"]
    assert await world.grants() == 0


async def test_with_only_oneself_left_to_approve_it_is_refused_at_once(world: World):
    await away(world, "p-sana")
    sre = await world.person("p-tom")
    world.directory.put(replace(sre, groups=sre.groups | {"sre"}))
    with pytest.raises(Refused, match="Nobody who may approve"):
        await world.ask("p-tom", **ADMIN_WISH)


async def test_a_request_that_nobody_decides_is_not_a_silent_wait(world: World):
    request = await world.ask()
    await world.pass_time(hours=4, seconds=1)
    assert (await world.request(request)).status == "expired"
    assert "Ask again if you still need it" in world.shown("mine", request)


# --- the directory out of reach ------------------------------------------------------------------------------


async def test_an_unreachable_directory_refuses_the_form_in_clear_words_and_records_nothing(world: World, hands: Hands):
    world.directory.unreachable = True
    said = fault_of(await hands.send_form(ANA))
    assert "The directory does not answer" in said
    assert "Nothing is lost: try again in a moment" in said
    assert await world.rows("SELECT 1 FROM access_request") == []


async def test_a_directory_that_fails_while_looking_for_approvers_refuses_rather_than_assume_them_away(world: World):
    ana = await world.person("p-ana")
    world.directory.unreachable = True
    with pytest.raises(Transient):
        await world.ask_as(ana)
    assert await world.rows("SELECT 1 FROM access_request") == []


async def test_an_approval_waits_for_the_directory_and_nothing_is_lost(world: World, hands: Hands):
    request = await world.ask()
    await world.work()
    world.directory.unreachable = True
    assert "Nothing is lost: try again" in await hands.press_on_card(Action.approve, request, BEN)
    assert await world.events(request) == ["ACC-001"]
    world.directory.unreachable = False
    assert await hands.press_on_card(Action.approve, request, BEN) == ""
    assert (await world.request(request)).status == "approved"


async def test_a_card_that_could_not_be_drawn_without_the_directory_is_drawn_once_it_is_back(world: World):
    request = await world.ask()
    world.directory.unreachable = True
    await world.work()
    assert world.slack.of_lane(f"access.card:{request}") == []
    world.directory.unreachable = False
    await world.pass_time(seconds=5)
    assert "Waiting for approval" in world.card(request)


async def test_grants_run_out_though_the_directory_is_gone(world: World):
    grant = await world.granted()
    world.directory.unreachable = True
    await world.pass_time(hours=1, seconds=1)
    assert (await world.grant(grant.request_id)).status == "revoked"
    assert "read back as gone" in world.card(grant.request_id)
