"""A ledger in memory, with all that a superuser of its database could reach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.proof.checkpoint import Checkpoint, open_note, sign
from core.proof.entry import EntryFields, canonical, mac
from core.proof.keys import SigningKey
from core.proof.report import Report
from core.proof.tree import leaf_hash, root_of
from core.proof.verify import verify

KEY = SigningKey("clinic.example/ledger", bytes(range(32)))
MAC_KEY = KEY.entry_mac_key()
START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def an_entry(number: int, **changes: object) -> EntryFields:
    entry = EntryFields(
        id=UUID(int=number),
        at=START + timedelta(seconds=number),
        event=f"ACC-{number:03}",
        table="access_request",
        subject=UUID(int=1000 + number),
        source="",
        target="requested",
        actor="person:ana",
        trace=f"{number:032x}",
        data='{"why": "ticket 7"}',
    )
    return replace(entry, **changes)  # type: ignore[arg-type]  # tests name the fields


class SmallLedger:
    """``size`` sequenced entries with a checkpoint after each ``every`` of them and at the end."""

    def __init__(self, size: int, *, every: int = 3) -> None:
        self.entries = [(entry, mac(MAC_KEY, canonical(entry))) for entry in map(an_entry, range(size))]
        self.leaves = [(n, entry.id, leaf_hash(canonical(entry))) for n, (entry, _) in enumerate(self.entries)]
        sizes = sorted({*range(every, size, every), size})
        self.checkpoints = [(each, sign(self.head(each), KEY)) for each in sizes]

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(KEY.name, size, root_of(hash_ for _, _, hash_ in self.leaves[:size]))

    def anchor(self) -> Checkpoint:
        return open_note(self.checkpoints[-1][1], [KEY.verifying_key])

    def change_entry(self, index: int) -> None:
        entry, tag = self.entries[index]
        self.entries[index] = replace(entry, actor="person:eve"), tag

    def change_leaf_to_fit(self, index: int) -> None:
        number, entry_id, _ = self.leaves[index]
        self.leaves[index] = number, entry_id, leaf_hash(canonical(self.entries[index][0]))

    def verify(self, *, with_mac: bool = True, **more: object) -> Report:
        return verify(
            self.entries,
            self.leaves,
            self.checkpoints,
            verifying_key=KEY.verifying_key,
            mac_key=MAC_KEY if with_mac else None,
            **more,  # type: ignore[arg-type]  # anchor, sequenced_before
        )
