"""The canonical bytes of a ledger entry: what the tree commits to and the entry's MAC covers."""

import hmac
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from uuid import UUID

import orjson

VERSION = "chaperone-entry/v1"


@dataclass(frozen=True, slots=True)
class EntryFields:
    """One entry. Renaming, reordering or adding a field is a new ``VERSION``."""

    id: UUID
    at: datetime
    """An aware instant; microseconds count."""
    event: str
    """The stable code of the move, such as ``ACC-003``."""
    table: str
    subject: UUID
    """The row that moved."""
    source: str
    """Its state before; empty for a new row."""
    target: str
    actor: str
    """``kind:id``, as core.actors writes it."""
    trace: str
    """32 hex digits."""
    data: str
    """JSON text, exactly as stored."""


NAMES = tuple(each.name for each in fields(EntryFields))


def canonical(entry: EntryFields) -> bytes:
    """A JSON array of strings: the version, then each field in order; UTF-8, no blanks, nothing escaped needlessly.

    ``at`` is UTC with six decimals (``2026-03-02T03:00:00.000000Z``). ValueError for a naive ``at``.
    """
    return orjson.dumps(
        [
            VERSION,
            entry.id,
            instant(entry.at),
            entry.event,
            entry.table,
            entry.subject,
            entry.source,
            entry.target,
            entry.actor,
            entry.trace,
            entry.data,
        ]
    )


def parse(text: bytes) -> EntryFields:
    """The entry whose canonical bytes these are. Raises ValueError for any other bytes."""
    values = orjson.loads(text)
    if (
        not isinstance(values, list)
        or len(values) != 1 + len(NAMES)
        or not all(isinstance(each, str) for each in values)
    ):
        raise ValueError(f"an entry is a list of {1 + len(NAMES)} texts")
    _, id_, at, event, table, subject, *rest = values
    if not at.endswith("Z"):
        raise ValueError("the instant of an entry is in UTC")
    entry = EntryFields(UUID(id_), datetime.fromisoformat(at), event, table, UUID(subject), *rest)
    if canonical(entry) != text:
        raise ValueError("the entry is not in its canonical form")
    return entry


def instant(at: datetime) -> str:
    """UTC with six decimals and a Z. ValueError for a naive instant."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError("the instant of an entry needs a time zone")
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def mac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 of canonical bytes: shows that a holder of the signing key wrote the entry."""
    return hmac.digest(key, text, "sha256")
