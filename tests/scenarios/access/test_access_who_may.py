"""acceptance/access.md, “Who may, and on whose word”: paths, forbids, approvals and their number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core.errors import Conflict, NotFound, Refused
from core.policy import PolicySet
from playbooks.access.blocks import Action
from tests.scenarios.access.access_world import ADMIN, World
from tests.scenarios.access.slack_front_end import ANA, ANAS_PHONE, BEN, CHLOE, Hands, fault_of

Policies = Callable[..., PolicySet]

NO_READING = """
@id("no-reading-at-night")
@reason("Nobody reads the EHR while it is being moved.")
@cure("Wait for the end of the move.")
forbid (principal, action == Action::"request", resource == Entitlement::"ehr-db/read");
"""
NOT_BEN = """
@id("not-ben")
@reason("Ben is moving teams and approves nothing.")
@cure("Ask Chloe.")
forbid (principal == Person::"p-ben", action == Action::"approve", resource);
"""
TWO_GROUPS = """
@id("two-groups")
@title("Administration, by two groups")
@max_duration("PT1H")
@approvals("1; 1")
@approvers("group:sre-leads; group:security")
@fallback("group:privacy")
permit (principal == Person::"p-lena", action == Action::"request", resource)
when { resource.level == "admin" && resource.environment == "prod" };
"""
TWO_OF_TWO = """
@id("two-of-two")
@title("Administration, two of two groups")
@max_duration("PT1H")
@approvals("2")
@approvers("group:sre-leads, group:security")
permit (principal, action == Action::"request", resource == Entitlement::"aws-prod-admin/administrator")
when { principal in Group::"billing" || principal in Group::"security" };
"""
SELF = """
@id("dba-for-themselves")
@title("Database administrators, at their own word")
@max_duration("PT30M")
@approvals("1")
@approvers("group:dba")
@self_approval("allowed")
permit (principal in Group::"dba", action == Action::"request", resource == Entitlement::"ehr-db/write");
"""


async def nothing_was_given(world: World) -> bool:
    """No grant, no schedule, no message that claims one, and nothing at the vendors."""
    await world.work()
    scheduled = await world.rows(
        "SELECT 1 FROM pgqueuer WHERE entrypoint LIKE 'access.%%' AND entrypoint <> ALL (%s)", ["access.expire_request"]
    )
    said = " ".join(str(message.drawing) for message in world.slack.messages)
    return not (await world.grants() or scheduled or world.postgres.effects or world.aws.effects or "Granted" in said)


# --- a broad permit and a specific forbid: the forbid wins ---------------------------------------------------


async def test_a_forbid_wins_over_a_permit_when_asking(world: World, policies: Policies):
    world = world.under(policies(NO_READING))
    with pytest.raises(Refused, match=r"while it is being moved.*Wait for the end.*no-reading-at-night"):
        await world.ask()
    assert await nothing_was_given(world)
    ((status, note, decided_by),) = await world.rows("SELECT status, note, decided_by_policies FROM access_request")
    assert (status, decided_by) == ("refused", ["no-reading-at-night"])
    assert "while it is being moved" in note


async def test_a_forbid_that_came_in_between_wins_when_approving(world: World, policies: Policies):
    request = await world.ask()
    world = world.under(policies(NO_READING))
    with pytest.raises(Refused, match="while it is being moved"):
        await world.approve(request)
    assert await nothing_was_given(world)
    assert (await world.request(request)).status == "pending"
    *_, entry = await world.entries(request)
    assert (entry.event, entry.data["by"], entry.data["wanted"]) == ("ACC-008", "p-ben", "approve")
    assert "no-reading-at-night" in entry.data["reasons"][0]


async def test_a_forbid_about_the_approver_wins_when_approving(world: World, policies: Policies):
    request = await world.ask()
    world = world.under(policies(NOT_BEN))
    with pytest.raises(Refused, match=r"Ben is moving teams.*Ask Chloe"):
        await world.approve(request, "p-ben")
    assert await nothing_was_given(world)
    assert (await world.approve(request, "p-chloe")).status == "approved"


async def test_the_path_left_the_policies_in_between(world: World, policies: Policies):
    request = await world.ask()
    world = world.under(policies(without=("10-engineering.cedar",)))
    with pytest.raises(Refused, match=r"prod-db-read.* no longer in the policies.*ask again"):
        await world.approve(request)
    assert await nothing_was_given(world)


async def test_the_paths_terms_shrank_in_between(world: World, tmp_path, policies: Policies):
    request = await world.ask(duration=timedelta(hours=4))
    shorter = (
        '@id("prod-db-read") @title("Reading") @max_duration("PT1H") @approvals("1") @approvers("group:dba") '
        'permit (principal, action == Action::"request", resource);'
    )
    world = world.under(policies(shorter, without=("10-engineering.cedar",)))
    with pytest.raises(Refused, match="allows at most 1 hour, and 4 hours was asked"):
        await world.approve(request)
    assert await nothing_was_given(world)


async def test_an_approval_records_the_policies_it_was_judged_by(world: World, policies: Policies):
    request = await world.ask()
    world = world.under(policies(NOT_BEN))
    await world.approve(request, "p-chloe")
    asked, approved = await world.entries(request)
    assert asked.data["policy_hash"] != approved.data["policy_hash"] == world.desk.policies.hash


# --- one path whole ------------------------------------------------------------------------------------------


async def test_seventy_two_hours_of_one_path_are_not_joined_to_another_paths_target(world: World):
    with pytest.raises(Refused) as refused:
        await world.ask(duration=timedelta(hours=72))
    assert refused.value.field == "duration"
    assert "Path “Production databases, reading” (prod-db-read): It allows at most 4 hours" in str(refused.value)
    assert "Path “Staging, for days” (staging-long)" in str(refused.value)
    assert await nothing_was_given(world)


async def test_the_same_seventy_two_hours_are_fine_on_the_path_that_has_them(world: World):
    request = await world.ask(entitlement="aws-staging/read-only", duration=timedelta(hours=72))
    assert (await world.request(request)).path == "staging-long"


async def test_no_path_matches_and_the_refusal_says_what_would_be_needed(world: World):
    with pytest.raises(Refused) as refused:
        await world.ask("p-noah", "aws-prod/read-only")
    assert "Noah Kim" in str(refused.value)
    assert "aws" in str(refused.value)
    with pytest.raises(
        Refused, match=r"No path leads Lena Fischer to ehr-db/read.*it is for SRE and on-call engineers"
    ):
        await world.ask("p-lena")
    assert await nothing_was_given(world)


# --- how many yeses, and whose -------------------------------------------------------------------------------


async def test_one_person_in_both_groups_counts_once(world: World, policies: Policies):
    world = world.under(policies(TWO_GROUPS))
    request = await world.ask("p-lena", ADMIN, reason="INC-1: rotate the root key")
    assert (await world.approve(request, "p-tom")).status == "pending"
    with pytest.raises(Conflict, match="already approved"):
        await world.approve(request, "p-tom")
    assert await nothing_was_given(world)
    assert (await world.approve(request, "p-sana")).status == "approved"
    assert await world.events(request) == ["ACC-001", "ACC-007", "ACC-003"]


async def test_the_requester_never_counts_towards_two(world: World, policies: Policies):
    world = world.under(policies(TWO_OF_TWO))
    request = await world.ask("p-tom", ADMIN, reason="INC-1: rotate the root key")
    assert set((await world.request(request)).asked) == {"p-marcus", "p-sana"}
    with pytest.raises(Refused, match="Nobody approves their own request"):
        await world.approve(request, "p-tom")
    await world.approve(request, "p-marcus")
    with pytest.raises(Refused, match="Nobody approves their own request"):
        await world.approve(request, "p-tom")
    assert await nothing_was_given(world)
    assert (await world.approve(request, "p-sana")).status == "approved"


async def test_the_requester_does_not_count_through_a_second_slack_account(world: World, hands: Hands):
    people = {"p-ana": {"dba"}}  # she could approve anybody else's
    world.directory.put(replace(await world.person("p-ana"), groups=frozenset({"sre", "oncall", *people["p-ana"]})))
    await hands.send_form(ANA)
    await world.work()
    request = await only_request(world)
    assert "Nobody approves their own request" in await hands.press_on_card(Action.approve, request, ANAS_PHONE)
    assert "Nobody approves their own request" in await hands.press_on_card(Action.approve, request, ANA)
    assert await nothing_was_given(world)
    assert (await world.events(request))[1:] == ["ACC-008", "ACC-008"]
    assert [entry.data["by"] for entry in (await world.entries(request))[1:]] == ["p-ana", "p-ana"]


async def test_the_second_stage_is_asked_only_after_the_first_is_met(world: World, policies: Policies):
    world = world.under(policies(TWO_GROUPS))
    request = await world.ask("p-lena", ADMIN, reason="INC-1: rotate the root key")
    await world.work()
    assert set((await world.request(request)).asked) == {"p-marcus", "p-tom"}
    assert "<@U0SANAIQB>" not in world.card(request)
    with pytest.raises(Refused, match="Ask a member of sre-leads"):
        await world.approve(request, "p-sana")
    await world.approve(request, "p-marcus")
    await world.work()
    waiting = await world.request(request)
    assert (set(waiting.asked), set(waiting.asked_slack)) == ({"p-tom", "p-sana"}, {"U0TOMBECK", "U0SANAIQB"})
    assert "<@U0SANAIQB>" in world.card(request)
    assert (await world.entries(request))[-1].data["could_approve"] == waiting.asked
    with pytest.raises(Refused, match=r"is not among those"):
        await world.approve(request, "p-chloe")
    assert (await world.approve(request, "p-sana")).status == "approved"


@pytest.mark.parametrize("stage", [1, 2])
async def test_a_denial_at_any_stage_ends_it(world: World, policies: Policies, stage: int):
    world = world.under(policies(TWO_GROUPS))
    request = await world.ask("p-lena", ADMIN, reason="INC-1: rotate the root key")
    if stage == 2:
        await world.approve(request, "p-marcus")
    await world.deny(request, "p-tom")
    with pytest.raises(Conflict, match="denied by Tom Becker"):
        await world.approve(request, "p-sana")
    assert await nothing_was_given(world)


async def test_a_second_stage_with_nobody_there_asks_the_fallback(world: World, policies: Policies):
    world = world.under(policies(TWO_GROUPS))
    request = await world.ask("p-lena", ADMIN, reason="INC-1: rotate the root key")
    for subject in ("p-tom", "p-sana"):
        world.directory.deactivate(subject)
    await world.approve(request, "p-marcus")
    waiting = await world.request(request)
    assert (waiting.asked, waiting.asked_fallback) == (["p-priya"], True)
    assert (await world.approve(request, "p-priya")).status == "approved"


async def test_a_second_stage_that_nobody_can_decide_is_told_at_once(world: World, policies: Policies):
    world = world.under(policies(TWO_GROUPS))
    request = await world.ask("p-lena", ADMIN, reason="INC-1: rotate the root key")
    for subject in ("p-tom", "p-sana", "p-priya"):
        world.directory.deactivate(subject)
    await world.approve(request, "p-marcus")
    await world.work()
    assert "nobody may approve it" in world.shown("alert", request)


async def test_two_stages_of_one_person_each_can_be_asked_for(world: World, policies: Policies):
    one_each = TWO_GROUPS.replace("group:sre-leads; group:security", "manager; group:security")
    world = world.under(policies(one_each))
    request = await world.ask("p-lena", ADMIN, reason="INC-1: rotate the root key")
    assert (await world.request(request)).asked == ["p-marcus"]
    await world.approve(request, "p-marcus")
    assert (await world.approve(request, "p-tom")).status == "approved"


# --- self-approval -------------------------------------------------------------------------------------------


async def test_self_approval_is_refused_even_for_an_administrator(world: World):
    request = await world.ask("p-marcus", "aws-prod/read-only", purpose=None)
    with pytest.raises(Refused, match="Nobody approves their own request"):
        await world.approve(request, "p-marcus")
    assert "p-marcus" not in (await world.request(request)).asked
    assert await nothing_was_given(world)


async def test_self_approval_that_a_path_allows_in_so_many_words_is_in_the_ledger(world: World, policies: Policies):
    world = world.under(policies(SELF))
    request = await world.ask("p-chloe", "ehr-db/write", duration=timedelta(minutes=30))
    await world.approve(request, "p-chloe")
    *_, entry = await world.entries(request)
    assert (entry.event, entry.data["self_approval"]) == ("ACC-003", True)


async def test_somebody_elses_approval_is_not_called_self_approval(world: World):
    request = await world.ask()
    await world.approve(request)
    assert (await world.entries(request))[-1].data["self_approval"] is False


# --- who presses ---------------------------------------------------------------------------------------------


async def only_request(world: World) -> UUID:
    ((request,),) = await world.rows("SELECT id FROM access_request")
    return request


async def test_a_listed_approver_counts(world: World, hands: Hands):
    await hands.send_form(ANA)
    await world.work()
    request = await only_request(world)
    assert await hands.press_on_card(Action.approve, request, BEN) == ""
    await world.work()
    assert "Granted (approved by Ben Okafor)" in world.card(request)


async def test_an_unlisted_person_is_refused_told_who_can_and_recorded(world: World, hands: Hands):
    request = await world.ask()
    said = await hands.press(Action.approve, request, "U0LENAFIS")
    assert "Lena Fischer is not among those who may approve this" in said
    assert "Ask a member of dba or the owner of EHR database" in said
    assert "is not among those" in fault_of(await hands.send_denial(request, "U0LENAFIS"))
    assert await world.events(request) == ["ACC-001", "ACC-008", "ACC-008"]
    assert [entry.data["wanted"] for entry in (await world.entries(request))[1:]] == ["approve", "deny"]
    assert await nothing_was_given(world)


@pytest.mark.parametrize(
    ("user", "team"),
    [("U0GUSMORE", "T0CLINIC"), ("U0CHAPERO", "T0CLINIC"), ("U0BENOKAF", "T0OTHER"), ("U0NOBODY", "T0OTHER")],
    ids=["a guest", "a bot", "another company's Ben", "another company's person"],
)
async def test_a_stranger_is_refused_and_recorded(world: World, hands: Hands, user: str, team: str):
    request = await world.ask()
    for button, wanted in ((Action.approve, "approve"), (Action.deny, "deny")):
        assert "binds this Slack account to nobody" in await hands.press(button, request, user, team=team)
        *_, entry = await world.entries(request)
        assert (entry.event, entry.actor) == ("ACC-008", "playbook:access")
        assert (entry.data["by"], entry.data["wanted"]) == (f"slack:{team}/{user}", wanted)
    assert (await world.request(request)).status == "pending"
    assert await nothing_was_given(world)


async def test_a_deactivated_person_is_refused_and_recorded(world: World, hands: Hands):
    request = await world.ask()
    world.directory.deactivate("p-ben")
    assert "Ben Okafor is deactivated" in await hands.press(Action.approve, request, BEN)
    assert "Ben Okafor is deactivated" in fault_of(await hands.send_denial(request, BEN))
    assert await world.events(request) == ["ACC-001", "ACC-008", "ACC-008"]
    assert await nothing_was_given(world)


async def test_a_guest_of_our_own_directory_is_refused_and_recorded(world: World):
    request = await world.ask()
    world.directory.put(replace(await world.person("p-ben"), guest=True))
    with pytest.raises(Refused, match="guest"):
        await world.approve(request)
    assert (await world.events(request))[-1] == "ACC-008"


async def test_a_stranger_at_a_decided_request_adds_nothing_to_it(world: World, hands: Hands):
    request = await world.ask()
    await world.deny(request)
    assert "binds this Slack account to nobody" in await hands.press(Action.approve, request, "U0GUSMORE")
    assert await world.events(request) == ["ACC-001", "ACC-004"]


async def test_strangers_cannot_ask(world: World, hands: Hands):
    assert "binds this Slack account to nobody" in await hands.command(user="U0GUSMORE")
    assert "binds this Slack account to nobody" in fault_of(await hands.send_form("U0GUSMORE"))
    assert await world.rows("SELECT 1 FROM access_request") == []


async def test_a_deactivated_requester_is_offered_nothing_and_gets_nothing(world: World):
    world.directory.deactivate("p-ana")
    with pytest.raises(Refused, match="deactivated"):
        await world.ask()
    assert await nothing_was_given(world)


async def test_a_requester_deactivated_in_between_gets_nothing(world: World):
    request = await world.ask()
    world.directory.deactivate("p-ana")
    with pytest.raises(Refused, match="deactivated"):
        await world.approve(request)
    assert (await world.events(request))[-1] == "ACC-008"
    assert await nothing_was_given(world)


async def test_a_requester_gone_from_the_directory_can_still_be_denied(world: World):
    request = await world.ask()
    world.directory.remove("p-ana")
    with pytest.raises(Refused, match=r"no longer in the directory.*can deny"):
        await world.approve(request)
    assert (await world.events(request))[-1] == "ACC-008"
    assert (await world.deny(request)).status == "denied"


async def test_only_the_requester_withdraws_and_only_the_holder_ends(world: World, hands: Hands):
    request = await world.ask()
    assert "Only Ana Ruiz can withdraw" in await hands.press(Action.withdraw, request, BEN)
    await world.approve(request)
    await world.work()
    grant = await world.grant(request)
    assert "Only the person who holds this access" in await hands.press(Action.done, grant.id, CHLOE)
    assert (await world.grant(request)).status == "active"
    assert await hands.press(Action.done, grant.id, ANAS_PHONE) == ""
    assert (await world.grant(request)).status == "revoking"


async def test_a_forged_row_is_unknown(world: World, hands: Hands):
    stranger = UUID("00000000-0000-4000-8000-000000000000")
    for button in (Action.approve, Action.deny, Action.withdraw, Action.done):
        assert "There is no such" in await hands.press(button, stranger, BEN)
    assert "another version" in await hands.press_value(Action.approve, "1:not-a-uuid", BEN)
    assert "another version" in await hands.press_value(Action.approve, f"2:{stranger}", BEN)
    with pytest.raises(NotFound):
        await world.approve(stranger)
