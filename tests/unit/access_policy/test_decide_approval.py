"""On whose word: who counts, once, in order; and everything is asked again with the facts of now."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationFault
from core.policy import PolicySet

World = Any

PERMIT = 'permit (principal, action == Action::"request", resource);\n'
TWO_GROUPS = (
    '@id("p") @title("P") @max_duration("PT4H") @approvals("1; 1") @approvers("group:sre-leads; group:security")\n'
    + PERMIT
)
TWO_OF_A_POOL = (
    '@id("p") @title("P") @max_duration("PT4H") @approvals("2") @approvers("group:sre-leads, group:security")\n'
    + PERMIT
)
OWN = (
    '@id("p") @title("P") @max_duration("PT4H") @approvals("1") @approvers("group:oncall") '
    '@self_approval("allowed")\n' + PERMIT
)
PROD_READ = "prod-db-read"
KEY = "scheduling-db-staging/read"


def test_a_listed_approver_counts(clinic: World) -> None:
    decision = clinic.approve("p-ben", clinic.facts("p-ana", "ehr-db/read"), PROD_READ)

    assert decision.allowed
    assert decision.path.id == PROD_READ
    assert decision.decided_by == (PROD_READ,)
    assert decision.reasons == ("Approval 1 of 1 on path “Production databases, reading” (prod-db-read).",)


@pytest.mark.parametrize(
    ("key", "path", "approver", "allowed"),
    [
        ("ehr-db/read", "prod-db-read", "p-chloe", True),  # of the group, which also owns the target
        ("billing-db/read", "prod-db-read", "p-olivia", True),  # the owner, a person
        ("billing-db/write", "prod-db-write", "p-olivia", True),
        ("billing-db/write", "prod-db-write", "p-ben", False),
        ("aws-prod/read-only", "prod-aws-read", "p-marcus", True),  # the requester's manager
        ("aws-prod/read-only", "prod-aws-read", "p-vera", False),  # the manager's manager
        ("aws-prod-admin/administrator", "prod-aws-admin", "p-sana", True),
        ("aws-prod-admin/administrator", "prod-aws-admin", "p-marcus", False),
    ],
)
def test_group_owner_and_manager_are_whom_the_path_means(
    clinic: World, key: str, path: str, approver: str, allowed: bool
) -> None:
    assert clinic.approve(approver, clinic.facts("p-ana", key), path).allowed is allowed


def test_somebody_unlisted_is_refused_and_told_who_can(clinic: World) -> None:
    decision = clinic.approve("p-lena", clinic.facts("p-ana", "ehr-db/read"), PROD_READ)

    assert not decision.allowed
    assert decision.path.id == PROD_READ
    (reason,) = decision.reasons
    assert reason.startswith("Lena Fischer is not among those who may approve this. Ask a member of dba")
    assert reason.endswith("or the owner of EHR database (dba).")


@pytest.mark.parametrize(
    ("change", "told"),
    [({"active": False}, "is deactivated in the directory"), ({"guest": True}, "is a guest")],
)
def test_a_deactivated_person_or_guest_never_counts(clinic: World, change: dict[str, Any], told: str) -> None:
    approver = replace(clinic.people["p-marcus"], **change)
    decision = clinic.approve(approver, clinic.facts("p-ana", "aws-prod/read-only"), "prod-aws-read")

    assert not decision.allowed
    assert told in decision.reasons[0]


def test_nobody_approves_their_own_request_not_even_an_administrator(clinic: World) -> None:
    marcus = clinic.facts("p-marcus", "aws-prod/power-user")
    decision = clinic.approve("p-marcus", marcus, "prod-aws-write")

    assert not decision.allowed
    assert decision.reasons[0].startswith("Nobody approves their own request. Wait for a member of sre-leads")


def test_a_second_slack_account_is_the_same_person(clinic: World) -> None:
    marcus = clinic.facts("p-marcus", "aws-prod/power-user")
    other_account = replace(clinic.people["p-marcus"], slack_user="U0MARCUS2")

    assert not clinic.approve(other_account, marcus, "prod-aws-write").allowed


def test_self_approval_counts_where_the_path_says_so_and_is_told(world: Callable[[str], World]) -> None:
    here = world(OWN)
    decision = here.approve("p-ana", here.facts("p-ana", KEY), "p")

    assert decision.allowed
    assert decision.reasons[1] == "Self-approved: the path “p” allows it in so many words."


def test_self_approval_still_asks_to_be_listed(world: Callable[[str], World]) -> None:
    here = world(OWN)

    assert not here.approve("p-lena", here.facts("p-lena", KEY), "p").allowed


@pytest.mark.parametrize("paths", [TWO_GROUPS, TWO_OF_A_POOL])
def test_one_person_in_both_groups_counts_once(world: Callable[[str], World], paths: str) -> None:
    here = world(paths)
    facts = here.facts("p-ana", KEY)

    assert here.approve("p-tom", facts, "p").allowed
    again = here.approve("p-tom", facts, "p", ("p-tom",))
    assert not again.allowed
    assert "Tom Becker has approved already, and counts once." in again.reasons[0]
    second = here.approve("p-sana", facts, "p", ("p-tom",))
    assert second.allowed
    assert second.reasons == ("Approval 2 of 2 on path “P” (p).",)


def test_the_second_stage_is_asked_only_after_the_first(world: Callable[[str], World]) -> None:
    here = world(TWO_GROUPS)
    facts = here.facts("p-ana", KEY)

    early = here.approve("p-sana", facts, "p")
    assert not early.allowed
    assert early.reasons[0].endswith("Ask a member of sre-leads.")
    assert here.approve("p-marcus", facts, "p").allowed
    assert not here.approve("p-marcus", facts, "p", ("p-tom",)).allowed


def test_a_path_that_has_all_its_approvals_takes_no_more(clinic: World) -> None:
    facts = clinic.facts("p-ana", "ehr-db/read")
    decision = clinic.approve("p-chloe", facts, PROD_READ, ("p-ben",))

    assert not decision.allowed
    assert "asks for no further approval" in decision.reasons[0]


def test_the_requester_among_the_approvals_is_not_counted(clinic: World) -> None:
    facts = clinic.facts("p-ana", "ehr-db/read")

    assert clinic.approve("p-ben", facts, PROD_READ, ("p-ana",)).allowed


def test_the_fallback_counts_once_it_was_asked(clinic: World, world: Callable[[str], World]) -> None:
    facts = clinic.facts("p-ana", "ehr-db/read")

    assert not clinic.approve("p-sana", facts, PROD_READ).allowed
    assert clinic.approve("p-sana", facts, PROD_READ, fallback_asked=True).allowed
    without = world(TWO_GROUPS)
    assert not without.approve("p-sana", without.facts("p-ana", KEY), "p", fallback_asked=True).allowed


FORBIDS = """
@id("late") @reason("Nobody approves this late.") @cure("Wait for the morning.")
forbid (principal, action == Action::"approve", resource) when { context.terms.hour < 4 };
"""


def test_a_forbid_on_approving_wins(world: Callable[[str], World]) -> None:
    here = world(TWO_GROUPS + FORBIDS)
    assert here.ask("p-ana", KEY).allowed
    decision = here.approve("p-marcus", here.facts("p-ana", KEY), "p")

    assert not decision.allowed
    assert decision.decided_by == ("late",)
    assert decision.reasons == ("Nobody approves this late. Wait for the morning. (rule late)",)


def test_a_forbid_on_approving_may_look_at_requester_and_approver(world: Callable[[str], World]) -> None:
    same_team = (
        '@id("f") @reason("R.") @cure("C.") forbid (principal in Group::"sre", action == Action::"approve", resource) '
        'when { context.requester in Group::"oncall" };'
    )
    here = world(TWO_OF_A_POOL + same_team)

    assert not here.approve("p-marcus", here.facts("p-ana", KEY), "p").allowed
    assert here.approve("p-tom", here.facts("p-ana", KEY), "p").allowed
    assert here.approve("p-marcus", here.facts("p-lena", KEY), "p").allowed


def test_a_forbid_on_approving_that_cannot_be_evaluated_refuses(world: Callable[[str], World]) -> None:
    broken = (
        '@id("f") @reason("R.") @cure("C.") forbid (principal, action == Action::"approve", resource) '
        "when { context.terms.hour + 9223372036854775807 > 0 };"
    )
    here = world(TWO_GROUPS + broken)
    decision = here.approve("p-marcus", here.facts("p-ana", KEY), "p")

    assert not decision.allowed
    assert "could not be evaluated" in decision.reasons[0]


def test_a_forbid_that_came_in_between_wins_at_approval(world: Callable[[str], World]) -> None:
    before = world(TWO_GROUPS)
    facts = before.facts("p-ana", KEY)
    assert before.ask("p-ana", KEY).allowed

    hold = '@id("hold") @reason("R.") @cure("C.") forbid (principal == Person::"p-ana", action, resource);'
    decision = world(TWO_GROUPS + hold).approve("p-marcus", facts, "p")
    assert not decision.allowed
    assert decision.decided_by == ("hold",)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (TWO_GROUPS.replace('"p"', '"q"'), "The path “p” is no longer in the policies."),
        (TWO_GROUPS.replace('"PT4H"', '"PT1H"'), "Path “P” (p) no longer holds: It allows at most 1 hour"),
        (
            TWO_GROUPS.replace(";\n", ' when { resource.environment == "prod" };\n'),
            "Path “P” (p) no longer holds: it does not apply to Ana Ruiz",
        ),
        (TWO_GROUPS.replace("@approvals", '@requires("ticket") @approvals'), "It needs a ticket."),
    ],
)
def test_a_path_that_changed_in_between_is_judged_as_it_is_now(
    world: Callable[[str], World], after: str, told: str
) -> None:
    facts = world(TWO_GROUPS).facts("p-ana", KEY, 3, reason="no ticket")
    decision = world(after).approve("p-marcus", facts, "p")

    assert not decision.allowed
    assert told in decision.reasons[0]
    assert decision.reasons[0].endswith("Ask the requester to withdraw and to ask again.")


def test_another_path_that_would_fit_is_not_taken_instead(world: Callable[[str], World]) -> None:
    facts = world(TWO_GROUPS).facts("p-ana", KEY)
    other = TWO_GROUPS.replace('"p"', '"other"')
    gone = TWO_GROUPS.replace(";\n", " when { resource.phi };\n")

    assert not world(other + gone).approve("p-marcus", facts, "p").allowed


@pytest.mark.parametrize("change", [{"active": False}, {"groups": frozenset()}, {"training_until": None}])
def test_a_requester_who_changed_in_between_is_judged_as_they_are_now(clinic: World, change: dict[str, Any]) -> None:
    facts = clinic.facts(replace(clinic.people["p-ana"], **change), "ehr-db/read")

    assert not clinic.approve("p-ben", facts, PROD_READ).allowed


@given(already=st.lists(st.sampled_from(["p-ana", "p-tom", "p-sana", "p-marcus", "p-ben"]), max_size=4))
def test_an_approval_that_counts_is_always_somebody_elses_first(clinic: World, already: list[str]) -> None:
    facts = clinic.facts("p-ana", "aws-prod/power-user")
    for approver in ("p-ana", "p-tom", "p-marcus"):
        decision = clinic.approve(approver, facts, "prod-aws-write", tuple(already))
        others = set(already) - {"p-ana"}
        assert decision.allowed is (approver != "p-ana" and not others)


def test_policies_may_be_loaded_only_if_they_fit_the_schema(policies: Callable[[str], PolicySet]) -> None:
    with pytest.raises(ConfigurationFault, match="environmnt"):
        policies(TWO_GROUPS.replace(";\n", ' when { resource.environmnt == "prod" };\n'))
