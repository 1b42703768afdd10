"""The example clinic, fresh for each story."""

from collections.abc import AsyncIterator

import pytest

from core.database import Database
from tests.scenarios.access.access_world import World, build_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with Database(database_url, size=6) as database:
        yield build_world(database)
