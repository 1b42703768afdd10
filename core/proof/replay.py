"""The tree built again leaf by leaf, its root compared wherever one was signed or anchored."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.proof.checkpoint import Checkpoint, open_note
from core.proof.errors import NotProven
from core.proof.keys import VerifyingKey
from core.proof.report import Problem
from core.proof.tree import Frontier

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class _Milestone:
    """A root that the tree must have had at some size."""

    size: int
    root: bytes
    is_anchor: bool


class Replay:
    """Takes leaves in their order, and checkpoints by ascending size; appends what it finds to ``problems``."""

    def __init__(
        self,
        checkpoints: Iterable[tuple[int, str]],
        *,
        key: VerifyingKey,
        anchor: Checkpoint | None,
        problems: list[Problem],
    ) -> None:
        self.size = 0
        self.checkpoints_checked = 0
        self.proven_size = 0
        """The largest size at which the tree's root was found signed or anchored."""
        self.broken_size: int | None = None
        """The smallest size at which the signed root is not the tree's."""
        self._key = key
        self._problems = problems
        self._tree = Frontier()
        self._batch: list[bytes] = []
        anchors = [_Milestone(anchor.size, anchor.root, is_anchor=True)] if anchor else []
        self._milestones = heapq.merge(self._opened(checkpoints), anchors, key=lambda each: each.size)
        self._next = next(self._milestones, None)
        self._compare_due()

    def leaf(self, index: int, leaf_hash: bytes) -> None:
        if index != self.size:
            self._problems.append(Problem("leaf-gap", None, index, _gap_text(self.size, index)))
        self._batch.append(leaf_hash)
        self.size = max(self.size, index + 1)
        if len(self._batch) == _BATCH:
            self._grow()
        self._compare_due()

    def finish(self) -> bytes:
        """Settle what the leaves did not reach, and answer the root of the whole tree."""
        self._grow()
        self._report_unsigned()
        self._report_truncated()
        return self._tree.root()

    def _opened(self, checkpoints: Iterable[tuple[int, str]]) -> Iterator[_Milestone]:
        latest = 0
        for size, note in checkpoints:
            if size < latest:
                raise ValueError(f"checkpoints must come by ascending size: {size} came after {latest}")
            latest = size
            self.checkpoints_checked += 1
            try:
                checkpoint = open_note(note, [self._key])
            except NotProven as fault:
                self._bad_signature(size, str(fault))
                continue
            if checkpoint.size == size:
                yield _Milestone(size, checkpoint.root, is_anchor=False)
            else:
                self._bad_signature(size, f"Its note was signed for size {checkpoint.size}.")

    def _bad_signature(self, size: int, why: str) -> None:
        self._problems.append(Problem("bad-signature", None, None, f"The checkpoint stored for size {size}: {why}"))

    def _grow(self) -> None:
        self._tree.append(self._batch)
        self._batch.clear()

    def _compare_due(self) -> None:
        while self._next is not None and self._next.size <= self.size:
            self._grow()
            self._compare(self._next)
            self._next = next(self._milestones, None)

    def _compare(self, due: _Milestone) -> None:
        if due.size == self._tree.size and due.root == self._tree.root():
            self.proven_size = due.size
        elif due.is_anchor:
            text = f"The anchored checkpoint of size {due.size} is not of this tree: its entries were replaced."
            self._problems.append(Problem("truncated", None, None, text))
        elif self.broken_size is None:  # every later root differs too, and says nothing new
            self.broken_size = due.size
            text = (
                f"The checkpoint signed at size {due.size} is not of this tree: "
                f"something among entries {self.proven_size} to {due.size - 1} was changed after it was signed."
            )
            self._problems.append(Problem("root-mismatch", None, None, text))

    def _report_unsigned(self) -> None:
        first = self.proven_size
        if self.broken_size is None and first < self.size:
            text = f"No signed checkpoint covers entries {first} to {self.size - 1}: it is missing, or was deleted."
            self._problems.append(Problem("unsigned", None, first, text))

    def _report_truncated(self) -> None:
        beyond = [each for each in (self._next, *self._milestones) if each is not None]
        for is_anchor, what in ((False, "A signed"), (True, "The anchored")):
            largest = max((each.size for each in beyond if each.is_anchor is is_anchor), default=None)
            if largest is not None:
                text = f"{what} checkpoint covers {largest} entries, and the tree has {self.size}: the end was cut off."
                self._problems.append(Problem("truncated", None, None, text))


def _gap_text(expected: int, index: int) -> str:
    if index > expected:
        return f"Leaves {expected} to {index - 1} are missing."
    return f"Leaf {index} comes where leaf {expected} belongs: leaves were repeated, renumbered or reordered."
