"""Retry is a decision: a table, no waiting."""

from datetime import timedelta

import pytest

from core.errors import Conflict, Permanent, Refused, Transient
from core.jobs import GIVE_UP, Backoff

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("attempt", "error", "after"),
    [
        (1, Transient("x"), 1),
        (2, Transient("x"), 2),
        (5, Transient("x"), 16),
        (30, Transient("x"), 300),
        (10_000, Transient("x"), 300),
        (3, Transient("x", retry_after=7.5), 7.5),
        (1, RuntimeError("a bug"), 1),
        (4, OSError("the database is gone"), 8),
    ],
)
def test_waits_double_up_to_the_longest_and_obey_the_other_side(attempt, error, after):
    assert Backoff().decide(attempt, error).after == timedelta(seconds=after)


@pytest.mark.parametrize("error", [Refused("no"), Conflict("late"), Permanent("never")])
def test_a_final_error_is_not_tried_again(error):
    assert Backoff().decide(1, error) is GIVE_UP


def test_a_limit_ends_the_attempts():
    limited = Backoff(first=SECOND, attempts=3)
    assert limited.decide(2, Transient("x")).after == 2 * SECOND
    assert limited.decide(3, Transient("x")) is GIVE_UP
