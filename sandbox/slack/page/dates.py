"""Slack's date tokens, told in the reader's zone (docs.slack.dev/messaging/formatting-message-text)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sandbox.slack.page.reader import Reader

_TOKEN = re.compile(r"\{([a-z_]+)\}")
_TEENS = range(11, 14)
_SUFFIX: Mapping[int, str] = MappingProxyType({1: "st", 2: "nd", 3: "rd"})
_STEPS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def date_text(seconds: float, pattern: str, reader: Reader) -> str | None:
    """The pattern with its tokens told, or None if it holds a token that Slack does not know or no valid instant."""
    try:
        when = reader.local(seconds)
    except (OverflowError, ValueError, OSError):
        return None
    now = reader.local(reader.now.timestamp())
    if any(name not in _TOKENS for name in _TOKEN.findall(pattern)):
        return None
    told = _TOKEN.sub(lambda match: _TOKENS[match[1]](when, now), pattern)
    return told[:1].upper() + told[1:] if pattern.startswith("{") else told


def clock_time(when: datetime) -> str:
    """``3:07 PM``."""
    return f"{when:%I:%M %p}".lstrip("0")


def ordinal(day: int) -> str:
    return f"{day}{'th' if day in _TEENS else _SUFFIX.get(day % 10, 'th')}"


def day_divider(when: datetime, now: datetime) -> str:
    """The words between two days of a conversation."""
    return _relative(when, now) or _long(when, now).removesuffix(f", {now.year}")


def _relative(when: datetime, now: datetime) -> str | None:
    away = when.date() - now.date()
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(away.days)


def _plain(when: datetime, _now: datetime) -> str:
    return f"{when:%B} {ordinal(when.day)}, {when.year}"


def _short(when: datetime, _now: datetime) -> str:
    return f"{when:%b} {when.day}, {when.year}"


def _long(when: datetime, now: datetime) -> str:
    return f"{when:%A}, {_plain(when, now)}"


def _ago(when: datetime, now: datetime) -> str:
    away = now - when
    seconds = int(abs(away) / timedelta(seconds=1))
    unit, size = next((step for step in _STEPS if seconds >= step[1]), ("second", 1))
    count = seconds // size
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {words}" if away < timedelta() else f"{words} ago"


def _pretty(otherwise: Callable[[datetime, datetime], str]) -> Callable[[datetime, datetime], str]:
    return lambda when, now: _relative(when, now) or otherwise(when, now)


_TOKENS: Mapping[str, Callable[[datetime, datetime], str]] = MappingProxyType(
    {
        "date_num": lambda when, _now: f"{when:%Y-%m-%d}",
        "date_slash": lambda when, _now: f"{when:%m/%d/%Y}",
        "date": _plain,
        "date_short": _short,
        "date_long": _long,
        "date_long_full": lambda when, _now: f"{when:%B} {when.day}, {when.year}",
        "date_pretty": _pretty(_plain),
        "date_short_pretty": _pretty(_short),
        "date_long_pretty": _pretty(_long),
        "day_divider_pretty": day_divider,
        "time": lambda when, _now: clock_time(when),
        "time_secs": lambda when, _now: f"{when:%I:%M:%S %p}".lstrip("0"),
        "ago": _ago,
    }
)
