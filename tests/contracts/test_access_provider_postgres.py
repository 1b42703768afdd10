"""PostgreSQL role membership answers to the contract, on the server we run and on the oldest ones we support."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.database.embedded import Cluster, running
from core.errors import ConfigurationFault
from tests.contracts.access_provider import AccessProviderContract
from tests.contracts.postgres_harness import PostgresHarness, harness_on, make_target_database


@pytest.fixture(scope="session")
def target_database(cluster: Cluster) -> str:
    return make_target_database(cluster)


class TestPostgresProvider(AccessProviderContract):
    @pytest.fixture
    async def harness(self, cluster: Cluster, target_database: str) -> AsyncIterator[PostgresHarness]:
        async with harness_on(cluster, target_database) as made:
            yield made


@pytest.fixture(scope="session", params=[15, 16])
def older_cluster(request: pytest.FixtureRequest, short_folder: Path) -> Iterator[Cluster]:
    """PostgreSQL 15 keeps one grantor per membership and knows no options; 16 is the first that does."""
    try:
        with running(short_folder / f"pg{request.param}", durable=False, major=request.param) as cluster:
            yield cluster
    except ConfigurationFault as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def older_database(older_cluster: Cluster) -> str:
    return make_target_database(older_cluster)


class TestPostgresProviderOnOlderServers(AccessProviderContract):
    @pytest.fixture
    async def harness(self, older_cluster: Cluster, older_database: str) -> AsyncIterator[PostgresHarness]:
        async with harness_on(older_cluster, older_database) as made:
            yield made
