"""Annotations read into terms, strictly: every fault of a policy is found at once, each with its line and cure."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from core.policy.durations import parse_duration
from core.policy.source import Statement
from core.policy.terms import REQUIREMENTS, Forbid, Path, Stage

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_GROUP = re.compile(r"group:[^\s,;]+")
_COUNT = re.compile(r"[0-9]", re.ASCII)
_NEEDED = {
    "permit": {
        "title": '@title("Production databases, reading")',
        "max_duration": '@max_duration("PT4H")',
        "approvals": '@approvals("1")',
    },
    "forbid": {"reason": '@reason("Why it is refused.")', "cure": '@cure("What the person can do about it.")'},
}
_OPTIONAL = {
    "permit": ["approvers", "requires", "request_expires", "fallback", "self_approval", "grace", "applies_to", "note"],
    "forbid": ["note"],
}


def read_id(statement: Statement) -> str:
    """The policy's ``@id``. Raises ValueError where it is missing or badly formed."""
    value = statement.annotations.get("id", "")
    if not _ID.fullmatch(value):
        raise ValueError(f'@id("{value}") is missing or not lower-case words joined by "-". Write @id("prod-db-read").')
    return value


def read_terms(statement: Statement) -> tuple[Path | Forbid | None, list[str]]:
    """The path or forbid that a policy stands for and its faults; None where there are any."""
    reader = _Reader(statement)
    terms = reader.path() if statement.est["effect"] == "permit" else reader.forbid()
    return (None if reader.faults else terms), reader.faults


class _Reader:
    """Reads one policy's annotations and keeps every fault on the way."""

    def __init__(self, statement: Statement) -> None:
        self.faults: list[str] = []
        self._statement = statement
        self._values = statement.annotations
        self._check_names(statement.est["effect"])

    def path(self) -> Path:
        return Path(
            id=self._values.get("id", ""),
            title=self._values.get("title", ""),
            max_duration=self._read("max_duration", parse_duration, timedelta()),
            stages=self._stages(),
            requires=self._read("requires", _requirements, frozenset()),
            request_expires=self._read("request_expires", parse_duration, timedelta(hours=8)),
            fallback=self._read("fallback", _group, None),
            self_approval=self._read("self_approval", _allowed, default=False),
            grace=self._read("grace", parse_duration, timedelta(minutes=15)),
            applies_to=self._values.get("applies_to", ""),
            annotations=MappingProxyType(self._values),
        )

    def forbid(self) -> Forbid:
        return Forbid(self._values.get("id", ""), self._values.get("reason", ""), self._values.get("cure", ""))

    def _check_names(self, effect: str) -> None:
        needed = _NEEDED[effect]
        for name, example in needed.items():
            if not self._values.get(name, "").strip():
                self._fault(name, f"a {effect} needs @{name}. Write {example}.")
        for name in self._values:
            if name not in {"id", *needed, *_OPTIONAL[effect]}:
                known = ", ".join(f"@{known}" for known in [*needed, *_OPTIONAL[effect]])
                self._fault(name, f"@{name} means nothing in a {effect}. Use one of: {known}.")

    def _read(self, name: str, read: Callable[[str], Any], default: Any) -> Any:
        if name not in self._values:
            return default
        try:
            return read(self._values[name])
        except ValueError as error:
            self._fault(name, f"@{name}: {error}.")
            return default

    def _stages(self) -> tuple[Stage, ...]:
        counts = self._read("approvals", _counts, ())
        asked = self._read("approvers", _rounds, ())
        if counts == (0,):
            counts = ()
        if self.faults or len(counts) == len(asked):
            return tuple(map(Stage, counts, asked))
        cure = (
            'Each stage needs both, separated by ";": @approvals("1; 1") @approvers("manager; group:security, owner")'
        )
        self._fault("approvals", f"{len(counts)} stages of @approvals, {len(asked)} of @approvers. {cure}.")
        return ()

    def _fault(self, annotation: str, what: str) -> None:
        self.faults.append(self._statement.fault(what, annotation))


def _counts(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(";")]
    if not all(_COUNT.fullmatch(word) for word in words) or ("0" in words and words != ["0"]):
        raise ValueError(f'“{text}” is not a number of people from 0 to 9. Write "1", or "1; 2" for two stages')
    return tuple(map(int, words))


def _rounds(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(_approver, _listed(part))) for part in text.split(";"))


def _approver(word: str) -> str:
    return word if word in {"owner", "manager"} else _group(word)


def _group(word: str) -> str:
    if not _GROUP.fullmatch(word):
        raise ValueError(f"“{word}” is nobody. Write group:<name>; approvers may also be owner or manager")
    return word


def _requirements(text: str) -> frozenset[str]:
    words = frozenset(_listed(text))
    if unknown := sorted(words - REQUIREMENTS):
        raise ValueError(f"“{', '.join(unknown)}” cannot be required. Choose from {', '.join(sorted(REQUIREMENTS))}")
    return words


def _allowed(text: str) -> bool:
    if text != "allowed":
        raise ValueError(f'“{text}” is not understood. Write "allowed", or remove it: self-approval is refused')
    return True


def _listed(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise ValueError(f"“{text}” has an empty place. List names separated by commas")
    return words
