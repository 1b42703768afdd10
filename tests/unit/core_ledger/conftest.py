"""A database, a clock that stands still, a key and a ledger."""

from collections.abc import AsyncIterator

import pytest

from core.clock import ManualClock
from core.database import Database
from core.ledger import Ledger
from core.proof.keys import SigningKey


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database(database_url) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate("ledger.test")


@pytest.fixture
def ledger(clock: ManualClock, key: SigningKey) -> Ledger:
    return Ledger(key.entry_mac_key(), clock)
