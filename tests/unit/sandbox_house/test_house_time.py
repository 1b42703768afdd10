"""Lengths of time as people type them at `chaperone sandbox travel`, and what cannot be travelled."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.house import Journey, SandboxFault, duration, travel
from sandbox.house.travelling import Due, described


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("45m", timedelta(minutes=45)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("1h30m", timedelta(minutes=90)),
        (" 2H ", timedelta(hours=2)),
        ("PT2H", timedelta(hours=2)),
        ("p1dt4h", timedelta(hours=28)),
    ],
)
def test_a_length_is_read_as_people_write_it(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "tomorrow", "2h yesterday", "P1M", "30m2h"])
def test_what_is_no_length_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="Write 90s, 45m, 2h"):
        duration(text)


async def test_nobody_travels_into_the_past(tmp_path: Path) -> None:
    with pytest.raises(SandboxFault, match="forward only"):
        await travel(timedelta(hours=-1), clock_file=tmp_path / "offset", database_url="postgresql://unused")
    assert not (tmp_path / "offset").exists()


def test_a_journey_is_told_with_what_became_due() -> None:
    now = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    due = Due("access that has run out", "Ana Ruiz", "ehr-db/read", now)
    told = described(Journey(now, timedelta(hours=2, seconds=0.4), (due,)))
    assert (told["ahead"], told["ahead_seconds"]) == ("2 hours", 7200.4)
    assert told["due"] == [
        {"what": due.what, "who": "Ana Ruiz", "entitlement": "ehr-db/read", "since": "2026-03-02T03:00:00+00:00"}
    ]
    assert str(due) == "access that has run out: Ana Ruiz, ehr-db/read"
