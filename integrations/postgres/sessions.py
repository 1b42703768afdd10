"""Counts and ends the live sessions of a login."""

from psycopg import errors

from core.errors import Permanent, Transient
from integrations.postgres.snapshot import Connection, Snapshot

_WAIT_MS = 2000
_OF_LOGIN = "FROM pg_stat_activity WHERE usesysid = %(login)s AND backend_type IS DISTINCT FROM 'parallel worker'"


async def count_sessions(connection: Connection, login_oid: int) -> int | None:
    """How many sessions the login has, None where we may not look."""
    try:
        cursor = await connection.execute(f"SELECT count(*) {_OF_LOGIN}", {"login": login_oid})
    except errors.InsufficientPrivilege:
        return None
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def end_sessions(connection: Connection, seen: Snapshot) -> int:
    """End every session that the login has now, and answer how many. Call it after the REVOKE has committed.

    A session that did SET ROLE keeps the role after the REVOKE; one that begins later never gets it. Sessions are
    therefore listed once: a standing login whose pool reconnects is not chased. Raises Transient when one lives on,
    Permanent when we may not end it.
    """
    try:
        cursor = await connection.execute(
            f"SELECT pid, pg_terminate_backend(pid) {_OF_LOGIN}", {"login": seen.login_oid}
        )
        ended = [pid for pid, _ in await cursor.fetchall()]
        await connection.execute(
            f"SELECT pg_terminate_backend(pid, {_WAIT_MS}) {_OF_LOGIN} AND pid = ANY (%(pids)s)",
            {"login": seen.login_oid, "pids": ended},
        )
    except errors.InsufficientPrivilege as error:
        raise Permanent(
            f"The membership is taken, but {seen.me} may not end the login's live sessions. "
            f"End them by hand now, and as a superuser run: GRANT pg_signal_backend TO {seen.me};"
        ) from error
    await _require_gone(connection, seen, ended)
    return len(ended)


async def _require_gone(connection: Connection, seen: Snapshot, pids: list[int]) -> None:
    cursor = await connection.execute(
        f"SELECT count(*) {_OF_LOGIN} AND pid = ANY (%(pids)s)", {"login": seen.login_oid, "pids": pids}
    )
    row = await cursor.fetchone()
    if row and row[0]:
        raise Transient(
            f"{row[0]} of the login's sessions did not end in time. Trying again; look for a hung backend.",
            outcome_unknown=True,
        )
