"""Lengths of time as policies write them and as people read them."""

import re
from datetime import timedelta

_ISO = re.compile(r"P(?!$)(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?", re.ASCII)
_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
_DAYS_FROM = timedelta(hours=72)


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of days, hours, minutes and seconds (``P1DT4H``), longer than zero.

    Years, months, weeks, fractions and signs are refused with ValueError: they have no fixed length, or more than
    one reading.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is not a duration such as PT30M, PT4H or P3D")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise ValueError(f"“{text}” is no time at all")
    return length


def in_words(length: timedelta) -> str:
    """A length as people say it: ``1 hour 30 minutes``, ``72 hours``, ``45 seconds``. Days from above 72 hours."""
    if length < timedelta():
        return f"minus {in_words(-length)}"
    units = _UNITS if length > _DAYS_FROM else _UNITS[1:]
    words = []
    for name, unit in units:
        count, length = divmod(length, unit)
        words += [_counted(count, name)] if count else []
    if length or not words:
        words.append(_counted(length.seconds, "second"))
    return " ".join(words)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
