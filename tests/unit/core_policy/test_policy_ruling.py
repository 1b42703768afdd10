"""Only a clean Allow allows. Everything else is a refusal that says why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.policy import Entity, PolicySet, Question, Uid

Load = Callable[..., PolicySet]
Ask = Callable[..., Question]

NOW = datetime(2026, 3, 2, 3, 0, 0, 123456, tzinfo=UTC)
GIVEN = {"length": timedelta(hours=1), "now": NOW}
OVERFLOW = "principal.level + 9223372036854775807 > 0"


def permit(id_: str, when: str, group: str = "") -> str:
    who = f'principal in Group::"{group}"' if group else "principal"
    return (
        f'@id("{id_}") @title("T") @max_duration("PT1H") @approvals("0") '
        f'permit ({who}, action == Action::"request", resource) when {{ {when} }};\n'
    )


def forbid(id_: str, when: str) -> str:
    return f'@id("{id_}") @reason("R.") @cure("C.") forbid (principal, action, resource) when {{ {when} }};\n'


def test_every_permit_that_held_is_named(load: Load, ask: Ask) -> None:
    policies = load(permit("a", "true", "eng") + permit("b", "true") + permit("c", "resource.secret"))
    ruling = policies.rule(ask(groups=("eng",), **GIVEN))

    assert ruling.allowed
    assert [path.id for path in ruling.paths] == ["a", "b"]
    assert (ruling.forbids, ruling.errors, ruling.policy_hash) == ((), (), policies.hash)


def test_nobody_may_what_no_permit_says(load: Load, ask: Ask) -> None:
    ruling = load(permit("a", "true", "eng")).rule(ask(**GIVEN))

    assert (ruling.allowed, ruling.paths, ruling.forbids, ruling.errors) == (False, (), (), ())


def test_a_forbid_wins_and_the_permits_are_told_all_the_same(load: Load, ask: Ask) -> None:
    ruling = load(permit("a", "true") + forbid("f", "resource.secret")).rule(ask(secret=True, **GIVEN))

    assert not ruling.allowed
    assert [forbid.id for forbid in ruling.forbids] == ["f"]
    assert [path.id for path in ruling.paths] == ["a"]


def test_a_forbid_whose_condition_fails_refuses(load: Load, ask: Ask) -> None:
    ruling = load(permit("a", "true") + forbid("f", OVERFLOW)).rule(ask(**GIVEN))

    assert not ruling.allowed
    assert "`f`" in ruling.errors[0]
    assert "overflow" in ruling.errors[0]


def test_a_permit_whose_condition_fails_refuses_too(load: Load, ask: Ask) -> None:
    assert not load(permit("a", "true") + permit("b", OVERFLOW)).rule(ask(**GIVEN)).allowed


@pytest.mark.parametrize(
    "wrong",
    [
        {"context": {}},
        {"context": {**GIVEN, "length": "an hour"}},
        {"context": {**GIVEN, "unheard": 1}},
        {"action": "steal"},
        {"principal": Entity(Uid("Robot", "r-1"), {"level": 1})},
        {"principal": Entity(Uid("Person", "p-1"), {"level": "high"})},
        {"principal": Entity(Uid("Person", "p-1"), {})},
        {"others": (Entity(Uid("Thing", "t-1"), {"secret": True, "tags": ()}),)},
    ],
    ids=str,
)
def test_a_question_that_does_not_fit_the_schema_is_refused(load: Load, ask: Ask, wrong: dict[str, object]) -> None:
    policies = load(permit("a", "true"))
    asked = ask(**GIVEN)
    fields = {name: getattr(asked, name) for name in ("principal", "action", "resource", "context", "others")}
    ruling = policies.rule(Question(**{**fields, **wrong}))

    assert not ruling.allowed
    assert ruling.errors


def test_times_lengths_sets_records_and_names_reach_the_policies(load: Load, ask: Ask) -> None:
    conditions = (
        'context.length <= duration("1h") && context.now == datetime("2026-03-02T03:00:00.123Z")'
        ' && resource.tags.containsAll(["a", "b"]) && !(principal has nick)'
        " && context has who && context.who.boss == principal && principal.level == -3"
    )
    question = ask(level=-3, who={"boss": Uid("Person", "p-1")}, **GIVEN)

    assert load(permit("a", conditions)).rule(question).allowed
    assert not load(permit("a", f"!({conditions})")).rule(question).allowed


def test_several_questions_are_ruled_at_once_each_by_itself(load: Load, ask: Ask) -> None:
    policies = load(permit("short", 'context.length <= duration("1h")') + permit("any", "true"))
    rulings = policies.rule_each([ask(**{**GIVEN, "length": timedelta(hours=hours)}) for hours in (1, 2)])

    assert [[path.id for path in ruling.paths] for ruling in rulings] == [["any", "short"], ["any"]]


def test_questions_that_disagree_about_an_entity_are_all_refused(load: Load, ask: Ask) -> None:
    rulings = load(permit("a", "true")).rule_each([ask(level=1, **GIVEN), ask(level=2, **GIVEN)])

    assert [ruling.allowed for ruling in rulings] == [False, False]
    assert all(ruling.errors for ruling in rulings)


def test_no_questions_get_no_rulings(load: Load) -> None:
    assert load(permit("a", "true")).rule_each([]) == []


def test_a_veto_asks_only_what_forbids(load: Load, ask: Ask) -> None:
    policies = load(permit("a", "false") + forbid("f", "resource.secret"))

    assert policies.veto(ask(action="approve")).allowed
    refused = policies.veto(ask(action="approve", secret=True))
    assert (refused.allowed, [forbid.id for forbid in refused.forbids]) == (False, ["f"])


def test_a_veto_that_cannot_be_evaluated_refuses(load: Load, ask: Ask) -> None:
    policies = load(permit("a", "true") + forbid("f", OVERFLOW))

    assert not policies.veto(ask(action="approve")).allowed
    assert not policies.veto(ask(action="steal")).allowed


def test_an_explanation_says_of_every_policy_whether_it_held(load: Load, ask: Ask) -> None:
    policies = load(
        permit("a", "true") + permit("b", "resource.secret") + permit("c", OVERFLOW)
        + forbid("f", "true") + forbid("g", OVERFLOW)
    )  # fmt: skip
    said = {held.policy.id: (held.held, held.error) for held in policies.explain(ask(**GIVEN))}

    assert said["a"] == (True, "")
    assert said["b"] == (False, "")
    assert said["f"] == (True, "")
    assert not said["c"][0]
    assert "overflow" in said["c"][1]
    assert "overflow" in said["g"][1]


def test_a_question_that_cannot_be_asked_is_explained_as_such(load: Load, ask: Ask) -> None:
    (held,) = load(permit("a", "true")).explain(ask())

    assert not held.held
    assert "context" in held.error


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(level=st.integers(-(2**63), 2**63 - 1), secret=st.booleans(), groups=st.sets(st.sampled_from(["eng", "ops"])))
def test_nothing_is_allowed_while_a_forbid_holds_or_fails(
    load: Load, ask: Ask, level: int, secret: bool, groups: set[str]
) -> None:
    policies = load(
        permit("a", "true", "eng") + forbid("f", "resource.secret") + forbid("g", "principal.level + 1 < -5")
    )
    ruling = policies.rule(ask(level=level, secret=secret, groups=tuple(groups), **GIVEN))
    must_refuse = secret or level + 1 < -5 or level == 2**63 - 1 or "eng" not in groups

    assert ruling.allowed is not must_refuse
