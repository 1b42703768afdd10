"""What PostgreSQL's provider refuses and finds missing on a real server, and that the cures it names work."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from core.database.embedded import Cluster
from core.errors import Permanent
from integrations.ports import Access
from integrations.postgres import PostgresProvider, prepare_target
from tests.contracts.postgres_harness import PostgresHarness, harness_on, make_target_database

HOUR = timedelta(hours=1)


@pytest.fixture(scope="session")
def target_database(cluster: Cluster) -> str:
    return make_target_database(cluster)


@pytest.fixture
async def harness(cluster: Cluster, target_database: str) -> AsyncIterator[PostgresHarness]:
    async with harness_on(cluster, target_database) as made:
        yield made


async def grant(harness: PostgresHarness, access: Access, *, hours: float = 1) -> datetime:
    until = datetime.now(UTC) + hours * HOUR
    await harness.provider.grant(access, until=until, key="grant-1")
    return until


class TestRefusals:
    async def test_a_superuser_login_is_refused(self, harness: PostgresHarness) -> None:
        await harness.superuser("ALTER ROLE {alice} SUPERUSER", alice=harness.alice)
        with pytest.raises(Permanent, match="is a superuser"):
            await grant(harness, harness.access)

    async def test_a_group_is_refused_because_others_would_get_the_role_too(self, harness: PostgresHarness) -> None:
        with pytest.raises(Permanent, match="is a group"):
            await grant(harness, replace(harness.access, account=harness.write))

    async def test_the_login_that_we_work_with_is_refused(self, harness: PostgresHarness) -> None:
        access = replace(harness.access, account=harness.admin)
        with pytest.raises(Permanent, match="is the login that Chaperone works with"):
            await grant(harness, access)
        with pytest.raises(Permanent, match="is the login that Chaperone works with"):
            await harness.provider.revoke(access, key="grant-1")

    @pytest.mark.parametrize(
        ("statement", "why"),
        [
            ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
            ("ALTER ROLE {role} CREATEROLE", "may create roles"),
            ("ALTER ROLE {role} REPLICATION", "may replicate"),
            ("GRANT pg_write_all_data TO {role}", "pg_write_all_data is predefined"),
            ("GRANT {other} TO {role} WITH ADMIN OPTION", "may give"),
            ("ALTER ROLE {other} SUPERUSER; GRANT {other} TO {role}", "is a superuser"),
        ],
    )
    async def test_a_role_that_hands_out_more_than_its_own_rights_is_refused(
        self, harness: PostgresHarness, statement: str, why: str
    ) -> None:
        await harness.superuser(statement, role=harness.read, other=harness.write)
        with pytest.raises(Permanent, match=why):
            await grant(harness, harness.access)
        assert not (await harness.provider.observe(harness.access)).present

    async def test_a_role_that_reads_everything_may_be_given(self, harness: PostgresHarness) -> None:
        await harness.superuser("GRANT pg_read_all_data TO {role}", role=harness.read)
        await grant(harness, harness.access)
        assert (await harness.provider.observe(harness.access)).present

    async def test_a_role_that_we_may_not_give_is_refused_and_running_the_named_statement_cures_it(
        self, harness: PostgresHarness
    ) -> None:
        await harness.superuser("REVOKE {role} FROM {admin}", role=harness.read, admin=harness.admin)
        with pytest.raises(Permanent) as refused:
            await grant(harness, harness.access)
        await harness.superuser(str(refused.value).split("run: ", 1)[1])
        await grant(harness, harness.access)
        assert (await harness.provider.observe(harness.access)).present

    async def test_working_as_a_superuser_is_refused(self, harness: PostgresHarness) -> None:
        provider = PostgresProvider(harness.superuser_url)
        with pytest.raises(Permanent, match="CREATE ROLE chaperone_admin"):
            await provider.grant(harness.access, until=datetime.now(UTC) + HOUR, key="grant-1")
        with pytest.raises(Permanent, match="CREATE ROLE chaperone_admin"):
            await provider.check()

    async def test_a_catalogue_entry_without_a_role_is_refused(self, harness: PostgresHarness) -> None:
        with pytest.raises(Permanent, match="gives no `role`"):
            await harness.provider.observe(replace(harness.access, parameters={}))

    async def test_a_hostile_name_is_a_name_and_nothing_more(self, harness: PostgresHarness) -> None:
        name = f'x"; DROP ROLE {harness.write}; --'
        with pytest.raises(Permanent, match="has no role"):
            await grant(harness, replace(harness.access, parameters={"role": name}))
        await harness.superuser(
            "CREATE ROLE {role}; GRANT {role} TO {admin} WITH ADMIN OPTION", role=name, admin=harness.admin
        )
        odd = replace(harness.access, parameters={"role": name})
        await grant(harness, odd)
        assert (await harness.provider.observe(odd)).present
        await harness.provider.revoke(odd, key="grant-1")
        assert not (await harness.provider.observe(odd)).present
        assert await harness.superuser(f"SELECT 1 FROM pg_roles WHERE rolname = '{harness.write}'")


class TestCheck:
    async def test_it_names_the_server_ourselves_and_what_we_may_give(self, harness: PostgresHarness) -> None:
        provider = PostgresProvider(harness.admin_url, roles=[harness.read])
        line = await provider.check()
        assert "PostgreSQL 18" in line
        assert harness.admin in line
        assert harness.write in line

    async def test_it_names_all_that_is_missing_and_running_the_statements_cures_it(
        self, harness: PostgresHarness
    ) -> None:
        await harness.superuser(
            "ALTER ROLE {admin} NOCREATEROLE; REVOKE pg_signal_backend, {read}, {write} FROM {admin}",
            admin=harness.admin,
            read=harness.read,
            write=harness.write,
        )
        provider = PostgresProvider(harness.admin_url, roles=[harness.read])
        with pytest.raises(Permanent) as refused:
            await provider.check()
        text = str(refused.value)
        for statement in (
            f"ALTER ROLE {harness.admin} CREATEROLE;",
            f"GRANT pg_signal_backend TO {harness.admin};",
            f"GRANT {harness.read} TO {harness.admin} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;",
        ):
            assert statement in text
            await harness.superuser(statement)
        assert harness.read in await provider.check()

    async def test_it_names_a_role_of_the_catalogue_that_is_missing_or_not_safe(self, harness: PostgresHarness) -> None:
        await harness.superuser("ALTER ROLE {role} CREATEROLE", role=harness.read)
        provider = PostgresProvider(harness.admin_url, roles=[harness.read, "ghost"])
        with pytest.raises(Permanent, match=r"may create roles.*There is no role ghost"):
            await provider.check()


async def test_preparing_a_target_twice_sets_the_password_anew(harness: PostgresHarness) -> None:
    await prepare_target(
        harness.superuser_url, admin=harness.admin, password="another", roles=[harness.read], logins=[harness.alice]
    )
    provider = PostgresProvider(make_conninfo(harness.admin_url, password="another"))
    assert harness.read in await provider.check()


async def test_the_admin_that_gives_a_role_cannot_use_it(harness: PostgresHarness) -> None:
    async with await harness.connect(harness.admin) as session:
        with pytest.raises(errors.InsufficientPrivilege):
            await session.execute("SELECT count(*) FROM patient")
