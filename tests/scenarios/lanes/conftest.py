"""A database, a Slack in memory and a whiteboard whose cards the lanes draw."""

from collections.abc import AsyncIterator

import pytest

from core.clock import ManualClock
from core.database import Database
from integrations.fake_messenger import FakeMessenger
from integrations.slack import Lanes
from tests.scenarios.lanes.lane_world import Whiteboard, World


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    board, clock = Whiteboard(), ManualClock()
    slack = FakeMessenger(clock)
    async with Database(database_url, size=4) as database:
        lanes = Lanes(database, slack, clock, {"card": board.draw, "home": board.draw})
        yield World(database, board, slack, clock, lanes)
