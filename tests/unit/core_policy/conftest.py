"""A small world of our own: people in groups, things that are secret or not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.policy import Entity, PolicySet, Question, Uid

SCHEMA = """
entity Group;
entity Person in [Group] = { level: Long, nick?: String };
entity Thing = { secret: Bool, tags: Set<String> };
action "request" appliesTo {
  principal: Person,
  resource: Thing,
  context: { length: duration, now: datetime, who?: { boss: Person } },
};
action "approve" appliesTo { principal: Person, resource: Thing, context: {} };
"""

TERMS = '@title("T") @max_duration("PT1H") @approvals("0")'


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., PolicySet]:
    """Loads policies written as text: one file named ``only.cedar``, or files by keyword (``a`` is ``a.cedar``)."""

    def load(text: str = "", **files: str) -> PolicySet:
        for name, content in {**({"only": text} if text else {}), **files}.items():
            tmp_path.joinpath(f"{name}.cedar").write_text(content, encoding="utf-8")
        return PolicySet.load(tmp_path, SCHEMA)

    return load


@pytest.fixture
def terms() -> str:
    """The least that a permit must say beside its id."""
    return TERMS


@pytest.fixture
def ask() -> Callable[..., Question]:
    """A question by somebody of ``level`` in ``groups`` about a thing."""

    def ask(
        *, groups: tuple[str, ...] = (), level: Any = 1, secret: bool = False, action: str = "request", **context: Any
    ) -> Question:
        person = Entity(Uid("Person", "p-1"), {"level": level, "nick": None}, tuple(Uid("Group", g) for g in groups))
        thing = Entity(Uid("Thing", "t-1"), {"secret": secret, "tags": ("b", "a")})
        return Question(person, action, thing, context)

    return ask
