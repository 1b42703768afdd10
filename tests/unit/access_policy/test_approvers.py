"""Names in a path turned into people to look up, to ask and to show."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from playbooks.access.policy import approver_sources, approvers_in_words, eligible_approvers, stage_to_ask

World = Any

STAGED = (
    '@id("p") @title("P") @max_duration("PT4H") @approvals("1; 2") '
    '@approvers("manager; group:security, owner, group:dba") @fallback("group:sre-leads")\n'
    'permit (principal, action == Action::"request", resource);\n'
)


@pytest.fixture
def here(world: Callable[[str], World]) -> World:
    return world(STAGED)


@pytest.mark.parametrize(
    ("approved", "fallback", "sources", "words"),
    [
        ((), False, ("person:p-marcus",), "Ana Ruiz's manager"),
        ((), True, ("person:p-marcus", "group:sre-leads"), "Ana Ruiz's manager or a member of sre-leads"),
        (
            ("p-marcus",),
            False,
            ("group:security", "group:dba"),
            "a member of security or the owner of EHR database (dba) or a member of dba",
        ),
        (("p-marcus", "p-marcus", "p-ana"), False, ("group:security", "group:dba"), None),
        (("p-marcus", "p-sana", "p-ben"), False, (), "nobody any more"),
    ],
)
def test_the_stage_to_ask_names_its_sources_and_its_words(
    here: World, approved: tuple[str, ...], fallback: bool, sources: tuple[str, ...], words: str | None
) -> None:
    path, facts = here.policies.paths["p"], here.facts("p-ana", "ehr-db/read")

    assert approver_sources(path, facts, approved, fallback_asked=fallback) == sources
    assert words is None or approvers_in_words(path, facts, approved, fallback_asked=fallback) == words


def test_a_manager_whom_the_directory_does_not_name_is_left_out(here: World) -> None:
    facts = here.facts(replace(here.people["p-ana"], manager=None), "ehr-db/read")

    assert approver_sources(here.policies.paths["p"], facts) == ()


def test_those_who_may_say_yes_are_active_listed_others_each_once(here: World) -> None:
    path, facts = here.policies.paths["p"], here.facts("p-chloe", "ehr-db/read")
    second_account = replace(here.people["p-ben"], slack_user="U0BENOTHR")
    crowd = [*here.people.values(), second_account]
    manager = eligible_approvers(path, facts, crowd)
    later = eligible_approvers(path, facts, crowd, ("p-ben",))

    assert [person.subject for person in manager] == ["p-ben"]
    assert manager[0].slack_user == "U0BENOKAF"
    assert [person.subject for person in later] == ["p-tom", "p-sana"]
    assert stage_to_ask(path, facts, ("p-ben", "p-tom", "p-sana")) is None


def test_the_owner_may_be_a_person(clinic: World) -> None:
    path, facts = clinic.policies.paths["prod-db-write"], clinic.facts("p-ana", "billing-db/write")

    assert approver_sources(path, facts) == ("person:p-olivia",)
    assert [each.subject for each in eligible_approvers(path, facts, clinic.people.values())] == ["p-olivia"]
