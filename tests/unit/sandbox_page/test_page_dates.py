"""Every date token of Slack's, told in the reader's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sandbox.slack.page.dates import date_text, ordinal
from sandbox.slack.page.mrkdwn import mrkdwn
from sandbox.slack.page.reader import Reader

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
READER = Reader(now=NOW, zone=ZoneInfo("America/New_York"))
THEN = int(datetime(2025, 11, 21, 18, 7, 9, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{date_num}", "2025-11-21"),
        ("{date_slash}", "11/21/2025"),
        ("{date}", "November 21st, 2025"),
        ("{date_short}", "Nov 21, 2025"),
        ("{date_long}", "Friday, November 21st, 2025"),
        ("{date_long_full}", "November 21, 2025"),
        ("{date_pretty}", "November 21st, 2025"),
        ("{date_short_pretty} {time}", "Nov 21, 2025 1:07 PM"),
        ("{date_long_pretty}", "Friday, November 21st, 2025"),
        ("{day_divider_pretty}", "Friday, November 21st, 2025"),
        ("{time_secs}", "1:07:09 PM"),
        ("ends {date_num} at {time}", "ends 2025-11-21 at 1:07 PM"),
    ],
)
def test_tokens_are_told_in_the_readers_zone(pattern: str, words: str) -> None:
    assert date_text(THEN, pattern, READER) == words


@pytest.mark.parametrize(
    ("away", "pattern", "words"),
    [
        (timedelta(), "{date_pretty}", "Today"),
        (timedelta(days=1), "until {date_short_pretty}", "until tomorrow"),
        (timedelta(days=-1), "{date_long_pretty}", "Yesterday"),
        (timedelta(hours=8), "{date_short_pretty}", "Today"),
        (timedelta(days=2), "{day_divider_pretty}", "Wednesday, March 4th"),
        (timedelta(minutes=-3), "{ago}", "3 minutes ago"),
        (timedelta(hours=1), "{ago}", "In 1 hour"),
        (timedelta(days=-2, hours=-5), "{ago}", "2 days ago"),
        (timedelta(seconds=-1), "{ago}", "1 second ago"),
    ],
)
def test_near_days_have_names(away: timedelta, pattern: str, words: str) -> None:
    assert date_text((NOW + away).timestamp(), pattern, READER) == words


@pytest.mark.parametrize(("day", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")])
def test_ordinals(day: int, words: str) -> None:
    assert ordinal(day) == words


@pytest.mark.parametrize("seconds", [10**17, -(10**17)])
def test_an_impossible_instant_has_no_words(seconds: int) -> None:
    assert date_text(seconds, "{date}", READER) is None


@pytest.mark.parametrize("text", [f"<!date^{THEN}^{{nonsense}}|2 pm>", f"<!date^{10**17}^{{date}}|2 pm>"])
def test_the_fallback_stands_in(text: str) -> None:
    assert mrkdwn(text, READER) == "<p><span>2 pm</span></p>"


def test_a_date_carries_its_instant_its_fallback_and_its_link() -> None:
    html = mrkdwn(f"<!date^{THEN}^{{time}}^https://a.example|13:07 EST>", READER)
    assert '<a href="https://a.example"' in html
    assert '<time datetime="2025-11-21T13:07:09-05:00" title="13:07 EST">1:07 PM</time>' in html
