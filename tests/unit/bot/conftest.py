"""A house's environment and folder, whole and in order, for tests that then break one thing of it."""

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

CLINIC = Path(__file__).parents[3] / "examples" / "clinic"

_OURS = ("SLACK_", "DATABASE_", "CHAPERONE_", "AWS_", "LEDGER_")


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A copy of the example clinic that a test may spoil."""
    folder = tmp_path / "clinic"
    shutil.copytree(CLINIC, folder, ignore=shutil.ignore_patterns(".chaperone"))
    return folder


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, clinic: Path) -> pytest.MonkeyPatch:
    """A complete environment on that clinic, with a Slack that nobody serves. Set or unset what a test is about."""
    for name in [name for name in os.environ if name.startswith(_OURS) or name in {"PORT", "LOG_LEVEL"}]:
        monkeypatch.delenv(name)
    complete = {
        "CHAPERONE_CONFIG": str(clinic),
        "DATABASE_URL": "postgresql://chaperone@127.0.0.1:1/nowhere",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "shh",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "CLINIC_POSTGRES_URL": "postgresql://admin@127.0.0.1:1/clinic",
        "PORT": "0",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    for name, value in complete.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture(autouse=True)
def _the_log_as_it_was() -> Iterator[None]:
    """Commands set up the log of their process, which here is everybody's."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)
