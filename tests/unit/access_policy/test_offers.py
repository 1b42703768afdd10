"""The modal shows what a person may ask for, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks.access.policy import offers

World = Any
NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def offered(here: World, person: Any) -> dict[str, list[str]]:
    found = offers(here.policies, here.catalogue, person, NOW)
    return {offer.entitlement.key: [path.id for path in offer.paths] for offer in found}


def test_a_person_is_offered_what_the_policies_hold_open_easiest_first(clinic: World) -> None:
    assert offered(clinic, clinic.people["p-lena"]) == {
        "scheduling-db-staging/read": ["staging-self-service", "staging-long"],
        "scheduling-db-staging/write": ["staging-self-service", "staging-long"],
        "aws-prod/read-only": ["prod-aws-read"],
        "aws-staging/read-only": ["staging-self-service", "staging-long"],
        "aws-staging/power-user": ["staging-self-service", "staging-long"],
        "aws-staging/administrator": ["staging-long"],
    }


@pytest.mark.parametrize(
    ("who", "phi"),
    [("p-ana", True), ("p-kofi", False), ("p-jamal", False), ("p-hal", False), ("p-noah", True), ("p-gus", False)],
)
def test_patient_data_is_offered_only_to_those_who_may(clinic: World, who: str, phi: bool) -> None:
    found = offers(clinic.policies, clinic.catalogue, clinic.people[who], NOW)

    assert any(offer.entitlement.target.phi for offer in found) is phi


@pytest.mark.parametrize("who", ["p-dana", "p-ruth", "p-priya"])
def test_whoever_may_ask_for_nothing_is_offered_nothing(clinic: World, who: str) -> None:
    assert offered(clinic, clinic.people[who]) == {}


def test_an_offer_says_how_long_and_what_must_be_said(clinic: World) -> None:
    found = {
        offer.entitlement.key: offer
        for offer in offers(clinic.policies, clinic.catalogue, clinic.people["p-ana"], NOW)
    }  # fmt: skip

    assert found["scheduling-db-staging/read"].max_duration == timedelta(hours=72)
    assert found["scheduling-db-staging/read"].requires == frozenset()
    assert found["aws-prod/power-user"].requires == {"purpose", "ticket"}
    assert found["ehr-db/read"].requires == {"purpose", "minimum_necessary"}


def test_a_path_open_for_one_purpose_alone_is_on_offer(world: Callable[[str], World]) -> None:
    here = world(
        '@id("a") @title("A") @max_duration("PT1H") @approvals("0")\n'
        'permit (principal, action, resource in Target::"aws-staging") '
        'when { context has purpose && context.purpose == "legal" && resource.level == "read" };'
    )

    assert offered(here, here.people["p-ana"]) == {"aws-staging/read-only": ["a"]}


def test_a_path_that_nobody_could_approve_is_not_on_offer(world: Callable[[str], World]) -> None:
    here = world(
        '@id("a") @title("A") @max_duration("PT1H") @approvals("1") @approvers("manager")\n'
        'permit (principal, action == Action::"request", resource in Target::"aws-staging");'
    )

    assert offered(here, here.people["p-ana"])
    assert offered(here, replace(here.people["p-ana"], manager=None)) == {}
