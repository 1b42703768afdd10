"""Entries and leaves brought together by entry id, whatever order they come in."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.proof.entry import EntryFields, canonical, mac
from core.proof.report import Kind, Problem
from core.proof.tree import leaf_hash


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept of an entry: never its data, so that a million of them fit in memory."""

    id: UUID
    at: datetime
    name: str
    hash: bytes
    is_genuine: bool | None
    """Whether its MAC verifies; None without the key to tell."""


class Matching:
    """Holds only what has not found its other half: next to nothing where both streams have one order."""

    def __init__(self, mac_key: bytes | None, *, sequenced_before: datetime | None, problems: list[Problem]) -> None:
        self.entries_checked = 0
        self.waiting = 0
        self._mac_key = mac_key
        self._sequenced_before = sequenced_before
        self._problems = problems
        self._leaves: dict[UUID, tuple[int, bytes]] = {}
        self._entries: dict[UUID, _Seen] = {}
        self._forged: list[tuple[int, _Seen]] = []

    def leaf(self, index: int, entry_id: UUID, hash_: bytes) -> None:
        if seen := self._entries.pop(entry_id, None):
            self._judge(index, hash_, seen)
            return
        if entry_id in self._leaves:
            self._drop(entry_id)
        self._leaves[entry_id] = index, hash_

    def entry(self, entry: EntryFields, tag: bytes) -> None:
        self.entries_checked += 1
        text = canonical(entry)
        hash_ = leaf_hash(text)
        is_genuine = None if self._mac_key is None else hmac.compare_digest(mac(self._mac_key, text), tag)
        leaf = self._leaves.pop(entry.id, None)
        if leaf and leaf[1] == hash_ and is_genuine is not False:
            return
        seen = _Seen(entry.id, entry.at, _name(entry), hash_, is_genuine)
        if leaf:
            self._judge(*leaf, seen)
            return
        if entry.id in self._entries:
            self._unclaimed(entry.id)
        self._entries[entry.id] = seen

    def finish(self, *, proven_size: int, broken_size: int | None) -> None:
        """Report what found no other half. The sizes tell a forgery that was sequenced from one made afterwards."""
        for entry_id in list(self._leaves):
            self._drop(entry_id)
        for entry_id in list(self._entries):
            self._unclaimed(entry_id)
        for index, seen in self._forged:
            if broken_size is not None and proven_size <= index < broken_size:
                text = f"Entry {index}, {seen.name}, was changed together with its leaf: its MAC does not verify."
                self._report("changed", seen, index, text)
            else:
                text = f"Entry {index}, {seen.name}, was not written by Chaperone: its MAC does not verify."
                self._report("inserted", seen, index, text)

    def _judge(self, index: int, hash_: bytes, seen: _Seen) -> None:
        if seen.hash != hash_:
            whose = "its leaf was changed, and the entry was not" if seen.is_genuine else "it does not hash to its leaf"
            self._report("changed", seen, index, f"Entry {index}, {seen.name}, is not what was sequenced: {whose}.")
        elif seen.is_genuine is False:
            self._forged.append((index, seen))

    def _drop(self, entry_id: UUID) -> None:
        index, _ = self._leaves.pop(entry_id)
        text = f"Entry {index}, {entry_id}, has a leaf and is gone: it was deleted, or its id was changed."
        self._problems.append(Problem("dropped", entry_id, index, text))

    def _unclaimed(self, entry_id: UUID) -> None:
        seen = self._entries.pop(entry_id)
        limit = self._sequenced_before
        if seen.is_genuine is False:
            text = f"{seen.name} was not written by Chaperone: it has no leaf, and its MAC does not verify."
            self._report("inserted", seen, None, text)
        elif limit is not None and seen.at >= limit:
            self.waiting += 1
        elif limit is not None and seen.is_genuine is None:
            text = f"{seen.name} is older than an entry without a leaf may be: it was put in afterwards."
            self._report("inserted", seen, None, text)
        else:
            text = f"{seen.name} has no leaf: the sequencer stands still, or the leaf was deleted."
            self._report("unsequenced", seen, None, text)

    def _report(self, kind: Kind, seen: _Seen, index: int | None, text: str) -> None:
        self._problems.append(Problem(kind, seen.id, index, text))


def _name(entry: EntryFields) -> str:
    return f"{entry.event} on {entry.table} {entry.subject} (entry id {entry.id})"
