"""The words that the tables are written in: small rules that find faults in JSON."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal
from urllib.parse import urlsplit

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that Slack would not take, and where (a JSON pointer)."""

    text: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.text} [json-pointer:{self.pointer}]"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the payload a rule looks, on which surface, inside which block."""

    surface: Surface
    pointer: str
    block: str = ""

    def under(self, name: str | int) -> "Place":
        return Place(self.surface, f"{self.pointer}/{name}", self.block)

    def fault(self, text: str) -> Fault:
        return Fault(text, self.pointer)


Rule = Callable[[Any, Place], Iterable[Fault]]
Whole = Callable[[dict[str, Any], Place], Iterable[Fault]]


def string(most: int = 3000, least: int = 1) -> Rule:
    """A text of ``least`` to ``most`` characters."""

    def check(value: Any, at: Place) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield at.fault("must provide a string")
        elif len(value) > most:
            yield at.fault(f"must be less than {most + 1} characters")
        elif len(value) < least:
            yield at.fault(f"must be more than {least - 1} characters")

    return check


def boolean(value: Any, at: Place) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield at.fault("must provide a boolean")


def integer(least: int, most: int) -> Rule:
    def check(value: Any, at: Place) -> Iterator[Fault]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield at.fault("must provide an integer")
        elif not least <= value <= most:
            yield at.fault(f"must be between {least} and {most}")

    return check


def one_of(*choices: str) -> Rule:
    def check(value: Any, at: Place) -> Iterator[Fault]:
        if value not in choices:
            yield at.fault(f"must be a valid enum value: {', '.join(choices)}")

    return check


def listing(item: Rule, *, most: int, least: int = 1) -> Rule:
    """An array of ``least`` to ``most`` items."""

    def check(value: Any, at: Place) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield at.fault("must provide an array")
            return
        if len(value) > most:
            yield at.fault(f"no more than {most} items allowed")
        if len(value) < least:
            yield at.fault(f"no fewer than {least} items allowed")
        for index, one in enumerate(value):
            yield from item(one, at.under(index))

    return check


@dataclass(frozen=True)
class Shape:
    """An object: which fields it must and may have, and what must hold between them once each is right."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    whole: tuple[Whole, ...] = ()

    def __call__(self, value: Any, at: Place) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield at.fault("must provide an object")
            return
        faults = list(self._fields(value, at))
        yield from faults
        if not faults:
            for rule in self.whole:
                yield from rule(value, at)

    def _fields(self, value: dict[str, Any], at: Place) -> Iterator[Fault]:
        rules = {**self.required, **self.optional}
        for name in self.required:
            if name not in value:
                yield at.fault(f"missing required field: {name}")
        for name, inner in value.items():
            if name in rules:
                yield from rules[name](inner, at.under(name))
            else:
                yield at.fault(f"invalid additional property: {name}")


def exactly_one(*names: str) -> Whole:
    def check(value: dict[str, Any], at: Place) -> Iterator[Fault]:
        if sum(name in value for name in names) != 1:
            yield at.fault("must define exactly one of " + ", ".join(f"`{name}`" for name in names))

    return check


def at_least_one(*names: str) -> Whole:
    def check(value: dict[str, Any], at: Place) -> Iterator[Fault]:
        if not any(name in value for name in names):
            yield at.fault("must define either " + " or ".join(f"`{name}`" for name in names))

    return check


def in_order(low: str, high: str) -> Whole:
    def check(value: dict[str, Any], at: Place) -> Iterator[Fault]:
        least, most = _number(value.get(low)), _number(value.get(high))
        if least is not None and most is not None and least > most:
            yield at.fault(f"`{low}` must not be more than `{high}`")

    return check


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def number_text(value: Any, at: Place) -> Iterator[Fault]:
    if not isinstance(value, str) or _number(value) is None:
        yield at.fault("must be a number, given as a string")


def calendar_date(value: Any, at: Place) -> Iterator[Fault]:
    if not isinstance(value, str) or not _parses(date.fromisoformat, value, r"\d{4}-\d\d-\d\d"):
        yield at.fault("must be a valid date in the format YYYY-MM-DD")


def clock_time(value: Any, at: Place) -> Iterator[Fault]:
    if not isinstance(value, str) or not _parses(time.fromisoformat, value, r"\d\d:\d\d"):
        yield at.fault("must be a valid time in the format HH:mm")


def _parses(parse: Callable[[str], object], value: str, pattern: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return re.fullmatch(pattern, value) is not None


def link(*schemes: str, most: int = 3000) -> Rule:
    """A URL of one of these schemes."""
    length = string(most)

    def check(value: Any, at: Place) -> Iterator[Fault]:
        faults = list(length(value, at))
        yield from faults
        if not faults:
            parts = urlsplit(value)
            if parts.scheme not in schemes or not (parts.netloc or parts.path):
                yield at.fault("must be a valid URL")

    return check
