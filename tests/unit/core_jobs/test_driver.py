"""The two connections of the worker: a notification is never sent before somebody listens."""

import asyncio

import pytest

from core.database import Database
from core.jobs.driver import SplitDriver


@pytest.fixture
async def driver(database_url: str):
    async with (
        Database(database_url) as database,
        await database.connect() as asking,
        await database.connect() as listening,
        SplitDriver(asking, listening) as made,
    ):
        yield made


async def test_a_probe_waits_until_somebody_listens(driver: SplitDriver):
    heard: asyncio.Queue[str | bytes | bytearray] = asyncio.Queue()
    probing = asyncio.create_task(driver.notify("ch_test", "are you there"))
    await asyncio.sleep(0.05)
    assert not probing.done()
    await driver.add_listener("ch_test", heard.put_nowait)
    await probing
    assert await asyncio.wait_for(heard.get(), 5) == "are you there"
    await driver.remove_listener("ch_test", heard.put_nowait)


async def test_asking_does_not_wait_for_listening(driver: SplitDriver):
    await driver.add_listener("ch_test", lambda _payload: None)
    async with asyncio.timeout(5):
        for _ in range(20):
            assert await driver.fetch("SELECT 1 AS one") == [{"one": 1}]


async def test_a_wake_reaches_whoever_listens(driver: SplitDriver):
    heard: list[str | bytes | bytearray] = []
    await driver.add_listener("ch_test", heard.append)
    driver.wake()
    assert len(heard) == 1
