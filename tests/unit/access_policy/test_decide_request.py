"""May this be asked for: every case of "Who may, and on whose word" that a request alone decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy import PolicySet

World = Any

OPEN = '@id("{id}") @title("{title}") @max_duration("{longest}") @approvals("{approvals}") {more}\n'
PERMIT = 'permit (principal, action == Action::"request", resource);\n'


def path(id_: str, longest: str = "PT4H", approvals: int = 1, more: str = "", permit: str = PERMIT) -> str:
    asked = f'@approvers("group:dba, owner") {more}' if approvals else more
    return OPEN.format(id=id_, title=id_.title(), longest=longest, approvals=approvals, more=asked) + permit


def test_a_request_that_fits_takes_its_path(clinic: World) -> None:
    decision = clinic.ask("p-ana", "ehr-db/read", 4)

    assert decision.allowed
    assert decision.path.id == "prod-db-read"
    assert decision.decided_by == ("prod-db-read",)
    assert decision.policy_hash == clinic.policies.hash
    assert decision.alternatives == ()
    assert decision.reasons == ("Path “Production databases, reading” (prod-db-read) fits and needs 1 approval.",)


def test_72_hours_on_production_are_refused_with_both_paths_named(world: Callable[[str], World]) -> None:
    staging = 'permit (principal, action, resource) when { resource.environment == "staging" };'
    prod = 'permit (principal, action, resource) when { resource.environment == "prod" };'
    decision = world(path("long", "PT72H", permit=staging) + path("short", "PT1H", permit=prod)).ask(
        "p-ana", "ehr-db/read", 72
    )

    assert not decision.allowed
    assert decision.path is None
    assert [each.id for each in decision.alternatives] == ["short"]
    assert decision.reasons == (
        "No path leads Ana Ruiz to ehr-db/read on these terms.",
        "Path “Short” (short): It allows at most 1 hour, and 72 hours was asked. Ask for 1 hour or less.",
        "Path “Long” (long): it does not apply to Ana Ruiz and ehr-db/read.",
    )


def test_terms_of_two_paths_are_never_mixed(world: Callable[[str], World]) -> None:
    two = path("long", "PT8H", more='@requires("ticket")') + path("short", "PT1H", approvals=0)
    decision = world(two).ask("p-ana", "scheduling-db-staging/read", 4, reason="no number")

    assert not decision.allowed
    assert "It needs a ticket" in decision.reasons[2]
    assert "It allows at most 1 hour" in decision.reasons[1]


@pytest.mark.parametrize(
    ("paths", "hours", "taken", "others"),
    [
        (path("a", approvals=2) + path("b", approvals=1) + path("c", approvals=3), 1, "b", ["a", "c"]),
        (path("a", "PT8H") + path("b", "PT2H") + path("c", "PT4H"), 1, "b", ["c", "a"]),
        (path("a", "PT8H") + path("b", "PT2H") + path("c", "PT4H"), 3, "c", ["a"]),
        (path("b") + path("a"), 1, "a", ["b"]),
        (path("a", approvals=0) + path("b", "PT1H"), 1, "a", ["b"]),
    ],
)
def test_of_several_paths_the_easiest_is_taken(
    world: Callable[[str], World], paths: str, hours: int, taken: str, others: list[str]
) -> None:
    decision = world(paths).ask("p-ana", "scheduling-db-staging/read", hours)

    assert decision.path.id == taken
    assert [each.id for each in decision.alternatives] == others


def test_no_path_is_told_with_what_each_is_for(clinic: World) -> None:
    decision = clinic.ask("p-lena", "ehr-db/read")

    assert not decision.allowed
    assert decision.reasons[0] == "No path leads Lena Fischer to ehr-db/read on these terms."
    assert (
        "Path “Production databases, reading” (prod-db-read): it is for SRE and on-call engineers, "
        "reading production databases." in decision.reasons
    )
    assert len(decision.reasons) == 1 + len(clinic.policies.paths)


def test_a_specific_forbid_wins_over_a_broad_permit(clinic: World) -> None:
    assert clinic.ask("p-ana", "ehr-db/read").allowed
    decision = clinic.ask("p-kofi", "ehr-db/read")

    assert not decision.allowed
    assert decision.decided_by == ("no-contractors-on-phi",)
    assert [each.id for each in decision.alternatives] == ["prod-db-read"]
    assert "business associate" in decision.reasons[0]
    assert decision.reasons[0].endswith("(rule no-contractors-on-phi)")


def test_a_forbid_that_cannot_be_evaluated_refuses(world: Callable[[str], World]) -> None:
    broken = (
        '@id("f") @reason("R.") @cure("C.") forbid (principal, action, resource) '
        'when { context has hour && context.hour + 9223372036854775807 > 0 };'
    )  # fmt: skip
    decision = world(path("a") + broken).ask("p-ana", "scheduling-db-staging/read")

    assert not decision.allowed
    assert "could not be evaluated" in decision.reasons[0]
    assert "Tell whoever keeps the policies" in decision.reasons[0]


@pytest.mark.parametrize("hours", [99, 8.001, 1000])
def test_a_forged_duration_over_the_cap_is_refused(clinic: World, hours: float) -> None:
    assert not clinic.ask("p-noah", "billing-db/read", hours).allowed


@pytest.mark.parametrize("hours", [0, -1])
def test_no_time_at_all_is_refused(clinic: World, hours: int) -> None:
    decision = clinic.ask("p-ana", "scheduling-db-staging/read", hours)

    assert not decision.allowed
    assert "Ask for a duration above zero." in decision.reasons[0]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"purpose": None}, "a purpose of use is needed"),
        ({"purpose": ""}, "“” is not a purpose of use"),
        ({"purpose": "curiosity"}, "“curiosity” is not a purpose of use"),
        ({"minimum_necessary": None}, "a minimum-necessary statement is needed"),
        ({"minimum_necessary": " \n"}, "a minimum-necessary statement is needed"),
        ({"reason": "  "}, "There is no reason."),
    ],
)
def test_patient_data_needs_its_statements(clinic: World, wrong: dict[str, Any], told: str) -> None:
    decision = clinic.ask("p-ana", "ehr-db/read", **wrong)

    assert not decision.allowed
    assert told in decision.reasons[0]


def test_patient_data_needs_its_statements_even_where_the_path_asks_nothing(world: Callable[[str], World]) -> None:
    decision = world(path("a")).ask("p-ana", "ehr-db/read", purpose=None, minimum_necessary=None)

    assert not decision.allowed
    assert len(decision.reasons) == 2


@pytest.mark.parametrize(
    ("requires", "wrong", "told"),
    [
        ("purpose", {"purpose": None}, "It needs a purpose of use."),
        ("minimum_necessary", {"minimum_necessary": " "}, "It needs a minimum-necessary statement."),
        ("ticket", {"reason": "please, incident"}, "It needs a ticket."),
    ],
)
def test_what_a_path_requires_is_asked_of_any_target(
    world: Callable[[str], World], requires: str, wrong: dict[str, Any], told: str
) -> None:
    here = world(path("a", more=f'@requires("{requires}")'))

    assert here.ask("p-ana", "scheduling-db-staging/read").allowed
    assert told in here.ask("p-ana", "scheduling-db-staging/read", **wrong).reasons[1]


LINK = "https://learn.maplevalley.example/privacy"


def test_lapsed_training_is_refused_with_the_link_that_mends_it(clinic: World, world: Callable[[str], World]) -> None:
    by_rule = clinic.ask("p-jamal", "ehr-db/read")
    by_itself = world(path("a")).ask("p-jamal", "ehr-db/read")

    assert not by_rule.allowed
    assert not by_itself.allowed
    assert LINK in by_rule.reasons[0]
    assert f"lapsed on 2026-01-31. Renew it at {LINK}, then ask again." in by_itself.reasons[0]


def test_training_that_a_path_requires_is_asked_of_any_target(world: Callable[[str], World]) -> None:
    here = world(path("a", more='@requires("training")'))
    never = replace(here.people["p-ana"], training_until=None)

    assert here.ask("p-ana", "scheduling-db-staging/read").allowed
    assert LINK in here.ask("p-jamal", "scheduling-db-staging/read").reasons[1]
    assert "was never taken" in here.ask(never, "scheduling-db-staging/read").reasons[1]


def test_training_lapses_at_its_instant(clinic: World) -> None:
    ana, until = clinic.people["p-ana"], datetime(2026, 6, 1, tzinfo=UTC)
    ana = replace(ana, training_until=until)

    assert clinic.ask(ana, "ehr-db/read", now=until - timedelta(seconds=1)).allowed
    assert not clinic.ask(ana, "ehr-db/read", now=until).allowed


def test_a_deactivated_person_is_refused(clinic: World) -> None:
    decision = clinic.ask("p-dana", "aws-staging/read-only")

    assert not decision.allowed
    assert "Dana Wells is deactivated" in decision.reasons[0]


def test_somebody_without_an_account_at_the_vendor_is_refused(clinic: World) -> None:
    decision = clinic.ask(replace(clinic.people["p-ana"], accounts={}), "aws-staging/read-only")

    assert not decision.allowed
    assert decision.reasons[0].startswith("The directory knows no aws account of Ana Ruiz.")


@pytest.mark.parametrize(
    ("approvers", "fallback", "manager", "allowed"),
    [
        ("manager", "", "p-marcus", True),
        ("manager", "", None, False),
        ("manager", "", "p-ana", False),
        ("manager, owner", "", None, True),
        ("manager", '@fallback("group:security")', None, True),
        ("group:dba; manager", "", None, False),
    ],
)
def test_a_path_that_nobody_can_approve_does_not_fit(
    world: Callable[[str], World], approvers: str, fallback: str, manager: str | None, allowed: bool
) -> None:
    counts = "; ".join("1" for _ in approvers.split(";"))
    text = f'@id("a") @title("A") @max_duration("PT1H") @approvals("{counts}") @approvers("{approvers}") {fallback}\n'
    here = world(text + PERMIT)
    decision = here.ask(replace(here.people["p-ana"], manager=manager), "scheduling-db-staging/read")

    assert decision.allowed is allowed
    assert allowed or "the directory names nobody but the requester" in decision.reasons[1]


def test_one_who_may_approve_themselves_is_approver_enough(world: Callable[[str], World]) -> None:
    here = world(path("a", more='@self_approval("allowed")').replace("group:dba, owner", "manager") + "")
    own_boss = replace(here.people["p-ana"], manager="p-ana")

    assert here.ask(own_boss, "scheduling-db-staging/read").allowed


@pytest.mark.parametrize(
    ("approvals", "told"), [(0, "needs no approval."), (1, "needs 1 approval."), (2, "needs 2 approvals.")]
)
def test_the_answer_says_how_many_must_agree(world: Callable[[str], World], approvals: int, told: str) -> None:
    decision = world(path("a", approvals=approvals)).ask("p-ana", "scheduling-db-staging/read")

    assert decision.reasons[0].endswith(told)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ("context.hour == 3 && context.weekday == 1", True),
        ("context.hour == 4", False),
        ('context.now >= datetime("2026-03-02T03:00:00Z") && context.duration == duration("1h")', True),
        ("context.has_live_grant", False),
        ('context has purpose && context.purpose == "incident"', True),
        ("principal.trained && principal.active && !principal.guest", True),
        ('principal has manager && principal.manager == "p-marcus"', True),
        ('resource in Target::"ehr-db" && resource.target.owner == "group:dba"', True),
        ('resource == Entitlement::"ehr-db/read" && resource.tags.contains("phi")', True),
        ('resource.target.tags.contains("payment") || resource.target.vendor == "aws"', False),
        ('principal in Group::"oncall" && principal == Person::"p-ana"', True),
    ],
)
def test_policies_see_the_facts(
    world: Callable[[str], World], policies: Callable[[str], PolicySet], condition: str, allowed: bool
) -> None:
    text = path("a", permit=PERMIT.replace(";", f" when {{ {condition} }};"))

    assert world(text).ask("p-ana", "ehr-db/read").allowed is allowed


@given(
    who=st.sampled_from(["p-ana", "p-kofi", "p-jamal", "p-hal", "p-dana", "p-gus", "p-lena", "p-noah", "p-ruth"]),
    key=st.sampled_from(["ehr-db/read", "billing-db/read", "aws-prod/read-only", "aws-staging/administrator"]),
    hours=st.floats(-5, 100),
    purpose=st.sampled_from([None, "incident", "fun"]),
    minimum=st.sampled_from([None, "", "one row"]),
)
def test_what_is_allowed_fits_one_path_whole(
    clinic: World, who: str, key: str, hours: float, purpose: str | None, minimum: str | None
) -> None:
    facts = clinic.facts(who, key, hours, purpose=purpose, minimum_necessary=minimum)
    decision = clinic.ask(who, key, hours, purpose=purpose, minimum_necessary=minimum)

    assert bool(decision.path) == decision.allowed
    assert decision.reasons
    if decision.allowed:
        assert timedelta() < facts.duration <= decision.path.max_duration
        assert facts.requester.active
        assert not facts.entitlement.target.phi or (facts.trained and purpose == "incident" and minimum == "one row")
