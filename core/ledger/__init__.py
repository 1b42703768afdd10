"""The ledger: the only writer of any status, the sequencer that orders its entries, and their verification."""

from core.ledger.advance import Ledger, Move
from core.ledger.history import Entry, entries_of
from core.ledger.sequencer import Sequencer
from core.ledger.verification import verify_database

__all__ = ["Entry", "Ledger", "Move", "Sequencer", "entries_of", "verify_database"]
