"""A connection that breaks or stays silent: what PostgreSQL's provider then says of the outcome."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import conninfo

from core.database.embedded import Cluster
from core.errors import Permanent, Transient
from integrations.postgres import PostgresProvider
from tests.contracts.postgres_harness import PostgresHarness, harness_on, make_target_database

HOUR = timedelta(hours=1)


@pytest.fixture(scope="session")
def target_database(cluster: Cluster) -> str:
    return make_target_database(cluster)


@pytest.fixture
async def harness(cluster: Cluster, target_database: str) -> AsyncIterator[PostgresHarness]:
    async with harness_on(cluster, target_database) as made:
        yield made


@asynccontextmanager
async def a_wire_that_breaks(cluster: Cluster, folder: Path, *, after: bytes) -> AsyncIterator[Path]:
    """A socket in front of the server that passes on the first message with ``after`` and loses the answer."""
    broken = asyncio.Event()

    async def towards_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if after in data:
                broken.set()
            writer.write(data)
            await writer.drain()

    async def towards_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if broken.is_set():
                return
            writer.write(data)
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_unix_connection(
            str(cluster.socket_folder / f".s.PGSQL.{cluster.port}")
        )
        there = asyncio.create_task(towards_server(reader, up_writer))
        back = asyncio.create_task(towards_client(up_reader, writer))
        await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        for task in (there, back):
            task.cancel()
        for end in (writer, up_writer):
            end.close()

    server = await asyncio.start_unix_server(serve, str(folder / f".s.PGSQL.{cluster.port}"))
    async with server:
        yield folder


@pytest.fixture
def wire_folder(short_folder: Path) -> Path:
    folder = short_folder / f"wire{datetime.now(UTC).timestamp()}"
    folder.mkdir()
    return folder


async def test_a_reply_lost_at_the_commit_leaves_the_outcome_unknown_and_the_read_back_clears_it(
    harness: PostgresHarness, cluster: Cluster, wire_folder: Path
) -> None:
    async with a_wire_that_breaks(cluster, wire_folder, after=b"COMMIT") as folder:
        provider = PostgresProvider(conninfo.make_conninfo(harness.admin_url, host=str(folder)))
        with pytest.raises(Transient) as lost:
            await provider.grant(harness.access, until=datetime.now(UTC) + HOUR, key="grant-1")
    assert lost.value.outcome_unknown
    async with asyncio.timeout(10):
        while not (await harness.provider.observe(harness.access)).present:
            await asyncio.sleep(0.01)


async def test_a_connection_lost_before_the_commit_changed_nothing_for_certain(
    harness: PostgresHarness, cluster: Cluster, wire_folder: Path
) -> None:
    async with a_wire_that_breaks(cluster, wire_folder, after=b"GRANT ") as folder:
        provider = PostgresProvider(conninfo.make_conninfo(harness.admin_url, host=str(folder)))
        with pytest.raises(Transient) as lost:
            await provider.grant(harness.access, until=datetime.now(UTC) + HOUR, key="grant-1")
    assert not lost.value.outcome_unknown
    assert not (await harness.provider.observe(harness.access)).present


async def test_a_server_that_takes_the_connection_and_stays_silent_is_given_up(
    harness: PostgresHarness, cluster: Cluster, wire_folder: Path
) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(say_nothing, str(wire_folder / f".s.PGSQL.{cluster.port}")):
        provider = PostgresProvider(conninfo.make_conninfo(harness.admin_url, host=str(wire_folder)), timeout=0.2)
        with pytest.raises(Transient, match="does not answer"):
            await provider.observe(harness.access)


async def test_a_wrong_password_is_told_without_the_password(harness: PostgresHarness) -> None:
    provider = PostgresProvider(conninfo.make_conninfo(harness.admin_url, password="wrong-secret"))
    with pytest.raises((Transient, Permanent)) as refused:
        await provider.check()
    assert "wrong-secret" not in str(refused.value)
