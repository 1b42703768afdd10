"""Ids of ledger entries that sort in the order in which one process made them."""

import itertools
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTED = 30
"""Bits of the counter: two entries of one transaction are never a thousand million entries apart."""

_count = itertools.count()


def entry_id(at: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562): milliseconds, then a counter in place of the first random bits, then chance.

    Entries of one transaction carry one transaction id and often one instant: their ids alone tell their order.
    """
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1) & 0xFFFF_FFFF_FFFF
    counter = next(_count) % (1 << _COUNTED)
    upper, lower = divmod(counter, 1 << 18)
    chance = secrets.randbits(44)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | upper << 64 | 0b10 << 62 | lower << 44 | chance)
