"""Makes the login that Chaperone works with at a target: what an administrator runs once."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from integrations.postgres.snapshot import GRANT_OPTIONS_SINCE, Connection


async def prepare_target(
    superuser_url: str, *, admin: str, password: str, roles: Sequence[str], logins: Sequence[str] = ()
) -> None:
    """Make ``admin`` (or set its password) and let it give ``roles`` and move the end of ``logins``, which exist.

    It may give the roles and not use them. Safe to run again. Raises psycopg.Error as the server says it.
    """
    async with await psycopg.AsyncConnection.connect(superuser_url) as connection:
        await _make_login(connection, admin, password)
        # The grantee's "IN ROLE ... INHERIT FALSE" came with PostgreSQL 16; before that ADMIN implies use.
        modern = connection.info.server_version // 10000 >= GRANT_OPTIONS_SINCE
        options = "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE" if modern else "WITH ADMIN OPTION"
        for role in (*roles, *(logins if modern else ())):
            statement = sql.SQL("GRANT {} TO {} " + options)
            await connection.execute(statement.format(sql.Identifier(role), sql.Identifier(admin)))
        await connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(admin)))


async def _make_login(connection: Connection, name: str, password: str) -> None:
    found = await (await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])).fetchone()
    # Only the verifier travels, because a failed statement is logged with its text.
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("{} ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
        sql.SQL("ALTER" if found else "CREATE"), sql.Identifier(name), sql.Literal(verifier)
    )
    await connection.execute(statement)
