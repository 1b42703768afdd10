"""Durations are read strictly and told in plain words."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy import in_words, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT4H", timedelta(hours=4)),
        ("PT30M", timedelta(minutes=30)),
        ("PT45S", timedelta(seconds=45)),
        ("P3D", timedelta(days=3)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("PT72H", timedelta(hours=72)),
    ],
)
def test_a_duration_of_days_to_seconds_is_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


_OTHERS = "|P|PT|P1DT|4H|PT4|pt4h|P1Y|P1M|P1W|PT1.5H|-PT1H|PT-1H|PT1H |PT1M1H|PT0S|P0D|PT٤H|PT9999999H|PT1H\n"


@pytest.mark.parametrize("text", _OTHERS.split("|"))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=72), "72 hours"),
        (timedelta(hours=73), "3 days 1 hour"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
        (timedelta(seconds=45), "45 seconds"),
        (timedelta(minutes=1, seconds=1), "1 minute 1 second"),
        (timedelta(), "0 seconds"),
        (timedelta(hours=-2), "minus 2 hours"),
    ],
)
def test_a_length_is_told_as_people_say_it(length: timedelta, words: str) -> None:
    assert in_words(length) == words


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_what_is_written_in_iso_comes_back_as_the_same_length(
    days: int, hours: int, minutes: int, seconds: int
) -> None:
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length:
        assert parse_duration(f"P{days}DT{hours}H{minutes}M{seconds}S") == length
