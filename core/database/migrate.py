"""Schema migrations with Alembic: run by `chaperone release`, one runner at a time, never waiting long for a lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

_MIGRATIONS = Path(__file__).parents[2] / "migrations"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = make_url(url).set(drivername="postgresql+psycopg")
    return config


def migrate(url: str) -> None:
    """Bring the database at ``url`` (its owner's URL) to the newest schema. Safe to run again and at once elsewhere."""
    command.upgrade(_config(url), "head")


def pending_migrations(url: str) -> list[str]:
    """The revisions that this code has and the database lacks, oldest first."""
    config = _config(url)
    scripts = ScriptDirectory.from_config(config)
    engine = create_engine(config.attributes["url"], poolclass=NullPool)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return [script.revision for script in reversed(list(scripts.iterate_revisions("head", current or "base")))]
