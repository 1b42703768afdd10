"""A sandbox per module, of the size that the module asks for."""

import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.house import Options, Sandbox


@pytest.fixture(scope="module")
async def house(request: pytest.FixtureRequest, short_folder: Path) -> AsyncIterator[Sandbox]:
    """The module's own sandbox; its ``OPTIONS`` say how large."""
    options: Options = request.module.OPTIONS
    folder = short_folder / f"sb-{uuid.uuid4().hex[:6]}"
    async with Sandbox(folder, options) as sandbox:
        yield sandbox
        assert [sandbox.how_it_ended(name) for name in sandbox.died()] == [], "a part ended by itself"
        assert await sandbox.slack.complaints() == [], "Slack refused something that the bot sent"
    shutil.rmtree(folder, ignore_errors=True)
