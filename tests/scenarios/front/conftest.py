"""The real listeners of access behind the real front, on real PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.dispatch import Dispatch, Payload
from bot.listeners import access
from core.database import Database
from tests.scenarios.access.access_world import build_world
from tests.scenarios.front.signed_requests import SlackHttp, slack_over_http


@pytest.fixture
def told() -> list[tuple[str, str]]:
    """What was said to one person alone, as (user, text)."""
    return []


@pytest.fixture
async def slack(database_url: str, told: list[tuple[str, str]]) -> AsyncIterator[SlackHttp]:
    async def tell(payload: Payload, text: str) -> None:
        told.append((payload.user, text))

    async with Database(database_url, size=4) as database:
        world = build_world(database)
        dispatch = Dispatch()
        access.register(dispatch, world.desk, world.slack)
        async with slack_over_http(dispatch, tell) as http:
            yield http


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured
