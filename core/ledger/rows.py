"""From a ledger row as PostgreSQL gives it to the fields that are hashed."""

from core.ledger.advance import Row
from core.proof.entry import EntryFields


def entry_fields(row: Row) -> EntryFields:
    """``row`` carries ``data`` as text, exactly as it was stored."""
    return EntryFields(
        id=row["id"],
        at=row["at"],
        event=row["event"],
        table=row["subject_table"],
        subject=row["subject"],
        source=row["source"],
        target=row["target"],
        actor=row["actor"],
        trace=row["trace"],
        data=row["data"],
    )
