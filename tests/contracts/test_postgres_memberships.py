"""What PostgreSQL role membership promises beyond the contract, tried on a real server."""

import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from core.database.embedded import Cluster
from core.errors import Permanent, Transient
from integrations.ports import Access
from integrations.postgres import PostgresProvider
from integrations.postgres.snapshot import look
from tests.contracts.postgres_harness import PASSWORD, PostgresHarness, harness_on, make_target_database

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


async def end_of(harness: PostgresHarness) -> datetime | None:
    return (await harness.provider.observe(harness.access)).expires_at


class TestLiveSessions:
    async def test_a_session_that_took_the_role_dies_and_a_new_one_cannot_take_it(
        self, harness: PostgresHarness
    ) -> None:
        await harness.superuser("ALTER ROLE {alice} VALID UNTIL 'infinity'", alice=harness.alice)
        await grant(harness, harness.access)
        session = await harness.open_session()
        receipt = await harness.provider.revoke(harness.access, key="grant-1")
        assert receipt.sessions_ended == 1
        assert not await session.alive()
        with pytest.raises(errors.InsufficientPrivilege):
            await harness.open_session()

    async def test_every_session_of_the_login_ends_and_nobody_elses(self, harness: PostgresHarness) -> None:
        await harness.superuser("CREATE ROLE {bob} LOGIN PASSWORD 'x'", bob=f"bob_{harness.read}")
        await grant(harness, harness.access)
        mine = [await harness.open_session() for _ in range(3)]
        others = await psycopg.AsyncConnection.connect(
            make_conninfo(harness.superuser_url, user=f"bob_{harness.read}", password="x")
        )
        receipt = await harness.provider.revoke(harness.access, key="grant-1")
        assert receipt.sessions_ended == 3
        assert not any([await session.alive() for session in mine])
        await others.execute("SELECT 1")
        await others.close()

    async def test_a_retry_after_a_crash_between_revoke_and_ending_still_ends_the_sessions(
        self, harness: PostgresHarness
    ) -> None:
        await grant(harness, harness.access)
        session = await harness.open_session()
        await harness.superuser(
            "REVOKE {role} FROM {alice} GRANTED BY {admin}",
            role=harness.read,
            alice=harness.alice,
            admin=harness.admin,
        )
        assert await session.connection.execute("SELECT 1") is not None
        assert (await harness.provider.revoke(harness.access, key="grant-1")).sessions_ended == 1
        assert not await session.alive()

    async def test_without_the_right_to_signal_the_membership_is_taken_and_the_missing_grant_is_named(
        self, harness: PostgresHarness
    ) -> None:
        await harness.superuser("REVOKE pg_signal_backend FROM {admin}", admin=harness.admin)
        await grant(harness, harness.access)
        session = await harness.open_session()
        with pytest.raises(Permanent, match=f"GRANT pg_signal_backend TO {harness.admin}"):
            await harness.provider.revoke(harness.access, key="grant-1")
        assert not (await harness.provider.observe(harness.access)).present
        await harness.superuser("GRANT pg_signal_backend TO {admin}", admin=harness.admin)
        await harness.provider.revoke(harness.access, key="grant-1")
        assert not await session.alive()

    async def test_a_session_that_will_not_end_is_told_and_the_retry_ends_it(self, harness: PostgresHarness) -> None:
        await grant(harness, harness.access)
        session = await harness.open_session()
        hung = session.connection.info.backend_pid
        os.kill(hung, signal.SIGSTOP)
        try:
            with pytest.raises(Transient, match="1 of the login's sessions did not end"):
                await harness.provider.revoke(harness.access, key="grant-1")
        finally:
            os.kill(hung, signal.SIGCONT)
        await harness.provider.revoke(harness.access, key="grant-1")
        assert not await session.alive()

    async def test_a_count_that_the_server_hides_reads_as_cannot_tell(
        self, cluster: Cluster, harness: PostgresHarness
    ) -> None:
        closed = make_target_database(cluster)
        with psycopg.connect(make_conninfo(cluster.admin_url, dbname=closed), autocommit=True) as connection:
            connection.execute("REVOKE SELECT ON pg_stat_activity FROM PUBLIC")
        observed = await PostgresProvider(harness.admin_url, database=closed).observe(harness.access)
        assert observed.sessions is None
        assert not observed.present


class TestTheLoginsEnd:
    async def test_a_standing_login_keeps_having_no_end(self, harness: PostgresHarness) -> None:
        await harness.superuser("ALTER ROLE {alice} VALID UNTIL 'infinity'", alice=harness.alice)
        await grant(harness, harness.access)
        assert await end_of(harness) is None
        await harness.provider.revoke(harness.access, key="grant-1")
        assert await end_of(harness) is None
        assert not (await harness.connect()).closed

    async def test_a_managed_login_opens_with_the_grant_and_closes_with_the_revoke(
        self, harness: PostgresHarness
    ) -> None:
        with pytest.raises(psycopg.OperationalError):
            await harness.connect()
        until = await grant(harness, harness.access)
        assert await end_of(harness) == until
        assert not (await harness.connect()).closed
        await harness.provider.revoke(harness.access, key="grant-1")
        with pytest.raises(psycopg.OperationalError):
            await harness.connect()

    async def test_an_end_at_minus_infinity_is_a_closed_login_that_a_grant_opens(
        self, harness: PostgresHarness
    ) -> None:
        await harness.superuser("ALTER ROLE {alice} VALID UNTIL '-infinity'", alice=harness.alice)
        assert await end_of(harness) == datetime(1970, 1, 1, tzinfo=UTC)
        until = await grant(harness, harness.access)
        assert await end_of(harness) == until

    async def test_of_two_live_grants_the_later_end_stands_whichever_came_first(self, harness: PostgresHarness) -> None:
        late = await grant(harness, harness.access, hours=3)
        await grant(harness, harness.other_access, hours=1)
        assert await end_of(harness) == late

    async def test_the_login_stays_open_until_the_last_of_our_grants_is_taken(self, harness: PostgresHarness) -> None:
        late = await grant(harness, harness.access, hours=3)
        await grant(harness, harness.other_access, hours=1)
        await harness.provider.revoke(harness.other_access, key="grant-2")
        assert await end_of(harness) == late
        await harness.provider.revoke(harness.access, key="grant-1")
        end = await end_of(harness)
        assert end is not None
        assert end <= datetime.now(UTC)

    async def test_granting_the_remaining_one_again_draws_the_end_in(self, harness: PostgresHarness) -> None:
        await grant(harness, harness.access, hours=3)
        soon = await grant(harness, harness.other_access, hours=1)
        await harness.provider.revoke(harness.access, key="grant-1")
        await harness.provider.grant(harness.other_access, until=soon, key="grant-2")
        assert await end_of(harness) == soon

    async def test_a_stale_end_from_before_does_not_outlive_a_shorter_new_grant(self, harness: PostgresHarness) -> None:
        await harness.superuser("ALTER ROLE {alice} VALID UNTIL '2090-01-01'", alice=harness.alice)
        until = await grant(harness, harness.access)
        assert await end_of(harness) == until

    async def test_a_login_that_others_gave_something_to_is_not_closed_by_us(self, harness: PostgresHarness) -> None:
        await harness.superuser("ALTER ROLE {alice} VALID UNTIL '2090-01-01'", alice=harness.alice)
        await harness.give_standing(harness.other_access)
        await grant(harness, harness.access)
        await harness.provider.revoke(harness.access, key="grant-1")
        assert await end_of(harness) == datetime(2090, 1, 1, tzinfo=UTC)
        assert await harness.can_use(harness.other_access)

    async def test_a_login_that_is_not_ours_to_alter_keeps_its_end(self, harness: PostgresHarness) -> None:
        await harness.superuser(
            "REVOKE {alice} FROM {admin}; ALTER ROLE {alice} VALID UNTIL '2090-01-01'",
            alice=harness.alice,
            admin=harness.admin,
        )
        await grant(harness, harness.access)
        assert await harness.can_use(harness.access)
        await harness.provider.revoke(harness.access, key="grant-1")
        assert await end_of(harness) == datetime(2090, 1, 1, tzinfo=UTC)
        assert not await harness.can_use(harness.access)


class TestStandingAccess:
    async def test_the_read_back_names_whose_hand_gave_what(self, harness: PostgresHarness) -> None:
        await harness.give_standing(harness.access)
        await grant(harness, harness.access)
        observed = await harness.provider.observe(harness.access)
        assert observed.entitlements == (
            f"{harness.read} (granted by {harness.admin})",
            f"{harness.read} (granted by postgres)",
        )
        await harness.provider.revoke(harness.access, key="grant-1")
        observed = await harness.provider.observe(harness.access)
        assert observed.entitlements == (f"{harness.read} (granted by postgres)",)


class TestWhatTheHolderCannotDo:
    async def test_the_role_cannot_be_passed_on(self, harness: PostgresHarness) -> None:
        await harness.superuser("CREATE ROLE {bob} LOGIN", bob=f"bob_{harness.read}")
        await grant(harness, harness.access)
        session = await harness.connect()
        for statement in (
            f"GRANT {harness.read} TO bob_{harness.read}",
            f"GRANT {harness.alice} TO bob_{harness.read}",
            f"ALTER ROLE {harness.alice} VALID UNTIL 'infinity'",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                await session.execute(statement)

    async def test_an_admin_option_that_slipped_in_is_taken_away_by_the_next_grant(
        self, harness: PostgresHarness
    ) -> None:
        await grant(harness, harness.access)
        await harness.superuser(
            "GRANT {role} TO {alice} WITH ADMIN TRUE GRANTED BY {admin}",
            role=harness.read,
            alice=harness.alice,
            admin=harness.admin,
        )
        await grant(harness, harness.access)
        session = await harness.connect()
        with pytest.raises(errors.InsufficientPrivilege):
            await session.execute(f"GRANT {harness.read} TO {harness.admin}")


async def test_a_login_of_ours_that_is_dropped_while_we_work_is_an_error_and_not_an_empty_answer(
    harness: PostgresHarness,
) -> None:
    bob = f"bob_{harness.read}"
    await harness.superuser(
        "CREATE ROLE {bob} LOGIN PASSWORD {password}".replace("{password}", f"'{PASSWORD}'"), bob=bob
    )
    async with await harness.connect(bob) as connection:
        await harness.superuser("DROP ROLE {bob}", bob=bob)
        with pytest.raises(psycopg.Error):
            await look(connection, login=harness.alice, role=harness.read)


async def test_the_receipt_carries_the_servers_name_of_the_change(harness: PostgresHarness) -> None:
    receipt = await harness.provider.grant(harness.access, until=datetime.now(UTC) + HOUR, key="grant-1")
    assert receipt.vendor_request_ids[0].startswith("xid ")
    assert PASSWORD not in repr(receipt)
