"""What a verification found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal[
    "changed",  # an entry's bytes do not hash to its leaf
    "dropped",  # a leaf whose entry is gone
    "inserted",  # an entry that Chaperone did not write
    "unsequenced",  # a genuine entry that should long have had a leaf
    "leaf-gap",  # leaf numbers are not 0, 1, 2 ...
    "unsigned",  # leaves above the last signed checkpoint
    "root-mismatch",  # a signed root is not the tree's
    "bad-signature",  # a stored checkpoint that the key did not sign
    "truncated",  # what was signed or anchored is no longer all there
    "unexplained",  # a row whose status is not what its last entry says
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``text`` is for people, and names the entry where one is known."""

    kind: Kind
    entry_id: UUID | None
    index: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """``size`` and ``root`` are of the tree rebuilt from the leaves."""

    size: int
    root: bytes
    entries_checked: int
    checkpoints_checked: int
    waiting: int
    """Entries that are too young to need a leaf."""
    problems: Sequence[Problem]

    @property
    def ok(self) -> bool:
        return not self.problems
