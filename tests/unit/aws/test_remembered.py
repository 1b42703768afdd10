"""The memory for permission sets: brief, bounded, forgetful on demand."""

from datetime import timedelta

from core.clock import ManualClock
from integrations.aws.names import Remembered


def test_an_answer_is_kept_for_five_minutes_and_not_a_moment_longer() -> None:
    clock = ManualClock()
    kept = Remembered(clock)
    kept.put("ReadOnlyAccess", "arn:1")
    clock.advance(timedelta(minutes=4, seconds=59))
    assert kept.get("ReadOnlyAccess") == "arn:1"
    clock.advance(timedelta(seconds=1))
    assert kept.get("ReadOnlyAccess") is None


def test_an_answer_from_the_future_is_not_trusted() -> None:
    clock = ManualClock()
    kept = Remembered(clock)
    kept.put("ReadOnlyAccess", "arn:1")
    clock.advance(timedelta(seconds=-1))
    assert kept.get("ReadOnlyAccess") is None


def test_the_oldest_answers_make_room() -> None:
    kept = Remembered(ManualClock(), at_most=2)
    for number in range(3):
        kept.put(f"set-{number}", f"arn:{number}")
    assert [kept.get(f"set-{number}") for number in range(3)] == [None, "arn:1", "arn:2"]


def test_what_is_forgotten_is_asked_for_again() -> None:
    kept = Remembered(ManualClock())
    kept.put("ReadOnlyAccess", "arn:1")
    kept.forget("ReadOnlyAccess")
    kept.forget("never known")
    assert kept.get("ReadOnlyAccess") is None
