"""Says whether a server lets us do our work, and names each missing right with the statement that gives it."""

from collections.abc import Sequence

from core.errors import Permanent
from integrations.postgres.refusals import admin_grant, require_apart
from integrations.postgres.snapshot import Connection, Snapshot, look


async def report(connection: Connection, roles: Sequence[str]) -> str:
    """One line. Raises Permanent with everything that is missing, and what to run for it."""
    seen = [await look(connection, login="", role=role) for role in roles or ("",)]
    require_apart(seen[0])
    givable = await _givable(connection)
    missing = [
        *_missing_of_ours(seen[0], may_signal=await _may_signal(connection), givable=givable),
        *[line for role, one in zip(roles, seen, strict=False) for line in _missing_of_role(one, role)],
    ]
    if missing:
        raise Permanent(f"PostgreSQL lets {seen[0].me} in, but not do its work. {' '.join(missing)}")
    return f"PostgreSQL {seen[0].major} answers {seen[0].me}, who may give {', '.join(givable)}."


def _missing_of_ours(seen: Snapshot, *, may_signal: bool, givable: Sequence[str]) -> list[str]:
    missing = []
    if not seen.me_createrole:
        missing.append(f"To set a login's end, run: ALTER ROLE {seen.me} CREATEROLE;")
    if not may_signal:
        missing.append(f"To end live sessions, run: GRANT pg_signal_backend TO {seen.me};")
    if not givable:
        missing.append(f"To give a role, run for each: {admin_grant(seen, 'the_role')}")
    return missing


def _missing_of_role(seen: Snapshot, role: str) -> list[str]:
    if seen.role_oid is None:
        return [f"There is no role {role}: create it or mend the catalogue."]
    if seen.dangers:
        return [f"{role} is not safe to give ({', '.join(seen.dangers)}): offer a role with rights on data alone."]
    return [] if seen.role_ours_to_give else [f"To give {role}, run: {admin_grant(seen, role)}"]


async def _givable(connection: Connection) -> list[str]:
    cursor = await connection.execute(
        "SELECT DISTINCT m.roleid::regrole::text FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND m.admin_option "
        "AND NOT r.rolcanlogin ORDER BY 1"
    )
    return [name for (name,) in await cursor.fetchall()]


async def _may_signal(connection: Connection) -> bool:
    cursor = await connection.execute("SELECT pg_has_role(current_user, 'pg_signal_backend', 'USAGE')")
    row = await cursor.fetchone()
    return bool(row and row[0])
