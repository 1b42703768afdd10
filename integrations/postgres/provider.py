"""Gives and takes membership in a role, for logins that people already have."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core.errors import Permanent
from integrations.ports import Access, AccessProvider, Observed, Receipt
from integrations.postgres import readiness
from integrations.postgres.faults import Progress, committed, translated
from integrations.postgres.refusals import (
    end_at_grant,
    end_at_revoke,
    require_apart,
    require_grantable,
    require_known,
)
from integrations.postgres.sessions import count_sessions, end_sessions
from integrations.postgres.snapshot import GRANT_OPTIONS_SINCE, Connection, Snapshot, look

_SETTINGS = "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"


class PostgresProvider(AccessProvider):
    """Membership in ``parameters["role"]`` for the login ``account``. Everything is done at once, nothing pends.

    What is ours is what our own login granted: PostgreSQL keeps the grantor with each membership. The same role held
    from another hand is standing access, survives the revoke and still reads as present. A login's VALID UNTIL is
    moved only where it is ours to move (``Snapshot.managed``): such a login is closed when the last of our grants
    ends. After an early end of the later of two grants it may stay open until the later end; granting the other
    again with its own ``until`` draws it in. VALID UNTIL binds password logins alone (PostgreSQL manual, CREATE
    ROLE), so the membership is always taken as well.

    ``admin_url`` names a login that is no superuser, has CREATEROLE, ADMIN on each role to give, ADMIN on the
    logins whose end it moves, and pg_signal_backend; ``prepare_target`` makes one. ``database`` overrides the one
    in the URL. ``roles`` are those that the catalogue offers: ``check`` asks after each. ``timeout`` bounds each
    call, in seconds.
    """

    native_expiry = True

    def __init__(
        self, admin_url: str, *, database: str | None = None, roles: Sequence[str] = (), timeout: float = 30
    ) -> None:
        self._conninfo = make_conninfo(admin_url, **({"dbname": database} if database else {}))
        self._roles = tuple(roles)
        self._timeout = timeout

    async def observe(self, access: Access) -> Observed:
        login, role = access.account, _role(access)
        async with self._connected(access.target) as (connection, _):
            seen = await look(connection, login=login, role=role)
            require_known(seen, login=login, role=role)
            return Observed(
                present=seen.present,
                entitlements=await _memberships(connection, seen),
                expires_at=seen.valid_until,
                sessions=await count_sessions(connection, seen.login_oid or 0),
            )

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:  # noqa: ARG002  idempotent as it is
        login, role = access.account, _role(access)
        async with self._connected(access.target) as (connection, progress):
            async with committed(connection, progress):
                seen = await _look_and_hold(connection, login=login, role=role)
                require_grantable(seen, login=login, role=role)
                await _give(connection, seen, login=login, role=role)
                await _move_end(connection, login, end_at_grant(seen, until))
                request = await _transaction_id(connection)
            return Receipt("done", vendor_request_ids=(request,))

    async def revoke(self, access: Access, *, key: str) -> Receipt:  # noqa: ARG002  idempotent as it is
        login, role = access.account, _role(access)
        async with self._connected(access.target) as (connection, progress):
            async with committed(connection, progress):
                seen = await _look_and_hold(connection, login=login, role=role)
                await _take(connection, seen, login=login, role=role)
                await _move_end(connection, login, end_at_revoke(seen))
                request = await _transaction_id(connection)
            return Receipt("done", vendor_request_ids=(request,), sessions_ended=await end_sessions(connection, seen))

    async def poll(self, ticket: str) -> Receipt:
        raise Permanent(f"PostgreSQL answers at once and gave out no ticket {ticket}. Read back what it shows.")

    async def check(self) -> str:
        """Raises Permanent with every missing right and the statement that gives it."""
        async with self._connected("PostgreSQL") as (connection, _):
            return await readiness.report(connection, self._roles)

    @asynccontextmanager
    async def _connected(self, target: str) -> AsyncIterator[tuple[Connection, Progress]]:
        progress = Progress()
        # The bound on the whole is for a network that swallows packets: the server's own timeouts do not help there.
        async with translated(target, progress), asyncio.timeout(self._timeout):
            connection = await psycopg.AsyncConnection.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=5,
                application_name="chaperone",
                options=_SETTINGS,
            )
            async with connection:
                yield connection, progress


def _role(access: Access) -> str:
    try:
        return access.parameters["role"]
    except KeyError:
        raise Permanent(f"The catalogue gives no `role` for {access.entitlement} of {access.target}. Add it.") from None


async def _look_and_hold(connection: Connection, *, login: str, role: str) -> Snapshot:
    """The state, which no other worker of ours changes before the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('chaperone:' || %s, 0))", [login])
    seen = await look(connection, login=login, role=role)
    require_known(seen, login=login, role=role)
    require_apart(seen)
    return seen


async def _give(connection: Connection, seen: Snapshot, *, login: str, role: str) -> None:
    names = {"role": sql.Identifier(role), "login": sql.Identifier(login)}
    if seen.major >= GRANT_OPTIONS_SINCE:
        options = "WITH ADMIN FALSE, INHERIT TRUE, SET TRUE GRANTED BY CURRENT_ROLE"
        await connection.execute(sql.SQL(f"GRANT {{role}} TO {{login}} {options}").format(**names))
    elif not seen.present:
        await connection.execute(sql.SQL("GRANT {role} TO {login}").format(**names))


async def _take(connection: Connection, seen: Snapshot, *, login: str, role: str) -> None:
    """RESTRICT, the default: should something hang on the membership, a person looks first."""
    if not seen.held_from_us:
        return
    by_us = " GRANTED BY CURRENT_ROLE" if seen.major >= GRANT_OPTIONS_SINCE else ""
    statement = sql.SQL("REVOKE {} FROM {}" + by_us)
    await connection.execute(statement.format(sql.Identifier(role), sql.Identifier(login)))


async def _move_end(connection: Connection, login: str, end: datetime | None) -> None:
    if end is not None:
        statement = sql.SQL("ALTER ROLE {} VALID UNTIL {}")
        await connection.execute(statement.format(sql.Identifier(login), sql.Literal(end.isoformat())))


async def _transaction_id(connection: Connection) -> str:
    """The server's name for this change, as its log and its WAL know it."""
    row = await (await connection.execute("SELECT pg_current_xact_id()::text")).fetchone()
    return f"xid {row[0]}" if row else ""


async def _memberships(connection: Connection, seen: Snapshot) -> tuple[str, ...]:
    cursor = await connection.execute(
        "SELECT roleid::regrole::text, grantor::regrole::text FROM pg_auth_members WHERE member = %s ORDER BY 1, 2",
        [seen.login_oid],
    )
    return tuple([f"{role} (granted by {grantor})" for role, grantor in await cursor.fetchall()])
