"""Every transition table is whole: codes are stable, states are reached and left, the docs show all of it."""

import re
from collections import defaultdict

import pytest

from core.lifecycle import NEW, Lifecycle
from docs._ext.reference.transition_tables import events_page, lifecycles, lifecycles_page

TABLES = [each for _, each in lifecycles()]
CODE = re.compile(r"[A-Z]{3}-\d{3}")
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.table)


def reached_from(table: Lifecycle, start: str) -> set[str]:
    reached, waiting = set[str](), [start]
    while waiting:
        state = waiting.pop()
        new = {move.target for move in table.transitions if move.source == state} - reached
        reached |= new
        waiting.extend(new)
    return reached


def test_there_are_tables_to_look_at() -> None:
    assert {table.table for table in TABLES} >= {"access_request", "access_grant"}


@each_table
def test_every_code_has_the_form_that_auditors_filter_by(table: Lifecycle) -> None:
    assert [m.event.code for m in table.transitions if not CODE.fullmatch(m.event.code)] == []


def test_a_code_means_one_thing_in_one_table() -> None:
    meanings = defaultdict(set)
    for table in TABLES:
        for move in table.transitions:
            meanings[move.event.code].add((table.table, move.command, move.event.name))
    assert [code for code, meant in meanings.items() if len(meant) > 1] == []


@each_table
def test_every_state_can_be_reached(table: Lifecycle) -> None:
    assert reached_from(table, NEW) == table.states


@each_table
def test_every_state_leads_to_an_end(table: Lifecycle) -> None:
    assert [s for s in table.states - table.terminal if not reached_from(table, s) & table.terminal] == []


@each_table
def test_a_row_that_has_ended_stays_so(table: Lifecycle) -> None:
    assert [move for move in table.transitions if move.source in table.terminal] == []


@each_table
def test_every_move_and_event_is_documented(table: Lifecycle) -> None:
    moves, events = lifecycles_page(), events_page()
    assert table.markdown() in moves
    assert [m.event.code for m in table.transitions if f"| `{m.event.code}` | {m.event.name} |" not in events] == []
