"""A whole house on a database and a Slack of the test's own: environment, folder, key."""

import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
import yaml

from bot.configuration import Configuration
from bot.manifest import manifest
from bot.wiring import load_configuration
from core.clock import SystemClock
from core.proof.keys import SigningKey
from sandbox.slack.seeding import workspace_of
from sandbox.slack.settings import Settings as SlackSettings
from sandbox.slack.testing import RunningSlack, running_slack
from sandbox.slack.workspace import Installation

CLINIC = Path(__file__).parents[3] / "examples" / "clinic"
ORIGIN = "ledger.maplevalley.example/chaperone"
SECRET = "a signing secret"

_OURS = ("SLACK_", "DATABASE_", "CHAPERONE_", "AWS_", "LEDGER_")


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    shutil.copytree(CLINIC, folder, ignore=shutil.ignore_patterns(".chaperone"))
    return folder


@pytest.fixture
def house_environment(
    monkeypatch: pytest.MonkeyPatch, clinic: Path, tmp_path: Path, database_url: str, owner_url: str
) -> pytest.MonkeyPatch:
    """A complete environment on a fresh, migrated database. Slack is added by ``slack``."""
    for name in [name for name in os.environ if name.startswith(_OURS) or name in {"PORT", "LOG_LEVEL"}]:
        monkeypatch.delenv(name)
    complete = {
        "CHAPERONE_CONFIG": str(clinic),
        "DATABASE_URL": database_url,
        "DATABASE_OWNER_URL": owner_url,
        "LEDGER_KEY_FILE": str(tmp_path / "ledger.key"),
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "CLINIC_POSTGRES_URL": database_url,
        "PORT": "0",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    for name, value in complete.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """The ledger's key, where the environment names it."""
    made = SigningKey.generate(ORIGIN)
    made.write(tmp_path / "ledger.key")
    return made


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    """The clinic's Slack with the app installed from our own manifest."""
    people: dict[str, Any] = yaml.safe_load((CLINIC / "people.yaml").read_text())
    clock = SystemClock()
    app = Installation.from_manifest(manifest(url=None))
    settings = SlackSettings(signing_secret=SECRET, retry_scale=0.0)
    workspace = workspace_of(people, clock=clock, app=app)
    async with running_slack(workspace=workspace, clock=clock, settings=settings, app=app) as running:
        yield running


@pytest.fixture
def configured(house_environment: pytest.MonkeyPatch, slack: RunningSlack, key: SigningKey) -> Configuration:
    """The house's configuration with that Slack and key."""
    house_environment.setenv("SLACK_API_URL", slack.api_url)
    return load_configuration("slack_front", "vendors")


@pytest.fixture
def tamper(superuser_url: str) -> Any:
    """Change the database as a superuser can, triggers and all."""

    def tamper(statement: str) -> None:
        with psycopg.connect(superuser_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement.encode())

    return tamper


@pytest.fixture(autouse=True)
def _the_log_as_it_was() -> Iterator[None]:
    """Commands set up the log of their process, which here is everybody's."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)
