"""What every suite stands on: loopback only, one embedded PostgreSQL per run, a fresh database per test."""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from psycopg import sql

from core.database.embedded import OWNER, SUPERUSER, Cluster, running
from core.database.embedded.postmaster import locked

pytest.register_assert_rewrite("tests.contracts")

_FOLDER = "CHAPERONE_TESTS_FOLDER"
_TEMPLATE = "chaperone_template"

hypothesis.settings.register_profile("laptop", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "laptop")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Before pytest-socket reads them: whoever runs one test by hand is held to loopback as well.
    config.option.allow_hosts = "127.0.0.1,::1,localhost"
    config.option.allow_unix_socket = True
    if not hasattr(config, "workerinput"):
        # Short, because a socket's path is at most 107 bytes, and open to pass through, because as root the server
        # runs as somebody else. pytest's own temporary folders are neither.
        folder = tempfile.mkdtemp(prefix="chaperone-tests-")
        Path(folder).chmod(0o711)
        os.environ[_FOLDER] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(_FOLDER), ignore_errors=True)


@pytest.fixture(scope="session")
def short_folder() -> Path:
    """A folder with a short path that the database's account can pass through, shared by the workers of a run."""
    return Path(os.environ[_FOLDER])


@pytest.fixture(scope="session")
def cluster(short_folder: Path) -> Iterator[Cluster]:
    """The PostgreSQL of this run: the workers share it, and the last one to leave shuts it down."""
    with running(short_folder / "pg", durable=False) as shared:
        yield shared


@pytest.fixture(scope="session")
def postgres_admin_url(cluster: Cluster) -> str:
    """The superuser, in the maintenance database. Make what you need under names of your own."""
    return cluster.admin_url


@pytest.fixture(scope="session")
def migrated_template(cluster: Cluster, short_folder: Path) -> str:
    """The name of a database with our schema in it, made once per run, for ``CREATE DATABASE ... TEMPLATE``."""
    from core.database import migrate  # noqa: PLC0415  heavy, and not every suite needs a schema

    with locked(short_folder / "template.lock", fcntl.LOCK_EX), psycopg.connect(cluster.admin_url) as connection:
        connection.autocommit = True
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone()
        if not found:
            # Renamed when it is whole, so that a failed migration leaves no half template behind.
            half = f"{_TEMPLATE}_{uuid.uuid4().hex[:8]}"
            cluster.create_database(half)
            migrate(cluster.url(OWNER, half))
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(half), sql.Identifier(_TEMPLATE)))
    return _TEMPLATE


@pytest.fixture
def database_name(cluster: Cluster, migrated_template: str) -> Iterator[str]:
    """A fresh database with our schema and nothing in it, dropped after the test whoever is still connected."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    cluster.create_database(name, template=migrated_template)
    yield name
    cluster.drop_database(name)


@pytest.fixture
def database_url(cluster: Cluster, database_name: str) -> str:
    """The fresh database as the application sees it, with its least rights."""
    return cluster.url("chaperone", database_name)


@pytest.fixture
def owner_url(cluster: Cluster, database_name: str) -> str:
    """The same fresh database as its owner (who migrates)."""
    return cluster.url(OWNER, database_name)


@pytest.fixture
def superuser_url(cluster: Cluster, database_name: str) -> str:
    """The same fresh database as the superuser (who tampers)."""
    return cluster.url(SUPERUSER, database_name)
