"""The example clinic, fresh for each story."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.database import Database
from core.policy import PolicySet
from playbooks.access.policy import load_policies
from tests.scenarios.access.access_world import CLINIC, World, build_world
from tests.scenarios.access.slack_front_end import Hands


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with Database(database_url, size=6) as database:
        yield build_world(database)


@pytest.fixture
async def second(world: World, database_url: str) -> AsyncIterator[World]:
    """The same world seen by another process, with connections of its own."""
    async with Database(database_url, size=6) as database:
        yield world.process(database)


@pytest.fixture
def hands(world: World) -> Hands:
    return Hands(world)


@pytest.fixture
def policies(tmp_path: Path) -> Callable[..., PolicySet]:
    """The clinic's policies with more added; ``without`` leaves some of its files out."""

    def policies(more: str = "", *, without: tuple[str, ...] = ()) -> PolicySet:
        folder = tmp_path / f"policies-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for file in (CLINIC / "policies").iterdir():
            if file.name not in without:
                (folder / file.name).write_text(file.read_text())
        (folder / "95-more.cedar").write_text(more)
        return load_policies(folder)

    return policies
