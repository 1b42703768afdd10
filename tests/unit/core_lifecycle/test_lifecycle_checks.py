"""A transition table that makes no sense is refused when it is written, not when somebody is stuck."""

import pytest

from core.lifecycle import NEW, Event, Lifecycle, Transition

EVENT = Event("TST-001", "tested")


def move(command: str, source: str, target: str) -> Transition:
    return Transition(command, source, target, EVENT, "nobody")


@pytest.mark.parametrize(
    ("transitions", "terminal", "said"),
    [
        ([move("go", NEW, "a"), move("go", NEW, "b")], {"a", "b"}, "two targets"),
        ([move("go", NEW, "a")], set(), "no way out"),
        ([move("go", NEW, "a"), move("stay", "a", "a")], set(), "no way out"),
        ([move("go", NEW, "a"), move("leave", "a", "b")], {"a", "b"}, "and yet left"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(transitions, terminal, said):
    with pytest.raises(ValueError, match=said):
        Lifecycle("thing", transitions, terminal=frozenset(terminal))


def test_a_table_knows_its_states_and_the_sources_of_a_command():
    table = Lifecycle(
        "thing", [move("go", NEW, "a"), move("end", "a", "b"), move("end", NEW, "b")], terminal=frozenset({"b"})
    )
    assert table.states == {"a", "b"}
    assert table.sources("end") == {NEW, "a"}
    assert "| go | (new) | a |" in table.markdown()
