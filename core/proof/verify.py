"""Everything that the ledger claims, checked in one pass over its entries, leaves and checkpoints."""

from collections.abc import Iterable
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from core.proof.checkpoint import Checkpoint
from core.proof.entry import EntryFields
from core.proof.keys import VerifyingKey
from core.proof.matching import Matching
from core.proof.replay import Replay
from core.proof.report import Problem, Report

__all__ = ["Problem", "Report", "verify"]


def verify(
    entries: Iterable[tuple[EntryFields, bytes]],
    leaves: Iterable[tuple[int, UUID, bytes]],
    checkpoints: Iterable[tuple[int, str]],
    *,
    verifying_key: VerifyingKey,
    mac_key: bytes | None = None,
    anchor: Checkpoint | None = None,
    sequenced_before: datetime | None = None,
) -> Report:
    """Check every entry against its leaf and its MAC, and every signed root against the tree of the leaves.

    ``entries``: each with its stored MAC, in the order of their leaves, those without a leaf last. Another order
    is checked as well, and costs memory. ``leaves``: index, entry id and hash, by index. ``checkpoints``: stored
    size and note, by size. Read all three in one snapshot, or entries written meanwhile look wrong.

    ``mac_key``: names an entry that was changed along with its leaf, and any that Chaperone did not write.
    ``anchor``: a checkpoint kept where the database's superuser cannot reach, opened with ``open_note``; without
    one, a ledger whose end was cut off cleanly cannot be told from a younger one.
    ``sequenced_before``: entries from this instant on may still be without a leaf; without it, none may.
    Raises ValueError for checkpoints out of order.
    """
    problems: list[Problem] = []
    replay = Replay(checkpoints, key=verifying_key, anchor=anchor, problems=problems)
    matching = Matching(mac_key, sequenced_before=sequenced_before, problems=problems)
    for leaf, entry in zip_longest(leaves, entries):
        if leaf is not None:
            index, entry_id, hash_ = leaf
            replay.leaf(index, hash_)
            matching.leaf(index, entry_id, hash_)
        if entry is not None:
            matching.entry(*entry)
    root = replay.finish()
    matching.finish(proven_size=replay.proven_size, broken_size=replay.broken_size)
    return Report(
        size=replay.size,
        root=root,
        entries_checked=matching.entries_checked,
        checkpoints_checked=replay.checkpoints_checked,
        waiting=matching.waiting,
        problems=problems,
    )
