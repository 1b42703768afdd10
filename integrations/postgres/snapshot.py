"""What the server knows of one login and one role, read in a single statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

Connection = psycopg.AsyncConnection[Any]

GRANT_OPTIONS_SINCE = 16
"""From this version on each grantor's membership is a row of its own, with options, and ADMIN on a login is needed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``ours`` and the like mean: granted by the login that we are connected as, ``me``.

    ``dangers`` says what membership in the role would hand out beside its own rights. ``valid_until`` is None for
    a login without an end. ``now`` is the server's clock, which is what it measures ``valid_until`` against.
    """

    major: int
    now: datetime
    me: str
    me_superuser: bool
    me_createrole: bool
    login_oid: int | None
    login_can_log_in: bool
    login_superuser: bool
    login_is_me: bool
    login_ours_to_alter: bool
    valid_until: datetime | None
    role_oid: int | None
    role_ours_to_give: bool
    held_from_us: bool
    held_from_others: bool
    more_from_us: int
    more_from_others: int
    dangers: list[str]

    @property
    def present(self) -> bool:
        return self.held_from_us or self.held_from_others

    @property
    def managed(self) -> bool:
        """Whether the login's end is ours to move: it has one, we may alter it, and nobody else gave it anything."""
        others = self.held_from_others or self.more_from_others > 0
        return self.valid_until is not None and self.login_ours_to_alter and not others


async def look(connection: Connection, *, login: str, role: str) -> Snapshot:
    """Read the present state. Names that do not exist come back with their oid None.

    Raises psycopg.Error also when our own login was dropped meanwhile: never an empty answer.
    """
    async with connection.cursor(row_factory=class_row(Snapshot)) as cursor:
        await cursor.execute(
            _LOOK, {"login": login, "role": role, "options_since": GRANT_OPTIONS_SINCE, "harmless": list(_HARMLESS)}
        )
        (seen,) = await cursor.fetchall()
    return seen


_HARMLESS = ("pg_read_all_data", "pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables")
"""Predefined roles that only read (PostgreSQL manual, chapter Predefined Roles). The others write, run or signal."""

# A finite date beyond Python's calendar is no end at all, and -infinity is one long past.
_LOOK = """
WITH RECURSIVE
me AS (SELECT * FROM pg_roles WHERE rolname = current_user),
login AS (SELECT * FROM pg_roles WHERE rolname = %(login)s),
role AS (SELECT * FROM pg_roles WHERE rolname = %(role)s),
given AS (
    SELECT m.roleid = role.oid AS wanted, m.grantor = me.oid AS by_us
    FROM pg_auth_members m JOIN login ON m.member = login.oid CROSS JOIN me LEFT JOIN role ON true
),
reach (oid) AS (
    SELECT oid FROM role
    UNION SELECT m.roleid FROM pg_auth_members m JOIN reach ON m.member = reach.oid
),
dangers AS (
    SELECT r.rolname || ' is a superuser' AS why FROM pg_roles r JOIN reach USING (oid) WHERE r.rolsuper
    UNION ALL
    SELECT r.rolname || ' may create roles' FROM pg_roles r JOIN reach USING (oid) WHERE r.rolcreaterole
    UNION ALL
    SELECT r.rolname || ' may replicate' FROM pg_roles r JOIN reach USING (oid) WHERE r.rolreplication
    UNION ALL
    SELECT r.rolname || ' is predefined and does more than read' FROM pg_roles r JOIN reach USING (oid)
    WHERE r.rolname LIKE 'pg\\_%%' AND r.rolname <> ALL (%(harmless)s::text[])
    UNION ALL
    SELECT r.rolname || ' may give ' || m.roleid::regrole FROM pg_auth_members m
    JOIN reach ON m.member = reach.oid JOIN pg_roles r ON r.oid = m.member WHERE m.admin_option
)
SELECT
    current_setting('server_version_num')::int / 10000 AS major,
    now() AS now,
    me.rolname::text AS me,
    me.rolsuper AS me_superuser,
    me.rolcreaterole AS me_createrole,
    login.oid::bigint AS login_oid,
    coalesce(login.rolcanlogin, false) AS login_can_log_in,
    coalesce(login.rolsuper, false) AS login_superuser,
    coalesce(login.oid = me.oid, false) AS login_is_me,
    me.rolcreaterole AND (
        current_setting('server_version_num')::int / 10000 < %(options_since)s
        OR EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = login.oid AND m.member = me.oid AND m.admin_option)
    ) AS login_ours_to_alter,
    CASE WHEN login.rolvaliduntil < '9999-01-01' THEN greatest(login.rolvaliduntil, '1970-01-01') END AS valid_until,
    role.oid::bigint AS role_oid,
    EXISTS (
        SELECT FROM pg_auth_members m WHERE m.roleid = role.oid AND m.member = me.oid AND m.admin_option
    ) AS role_ours_to_give,
    EXISTS (SELECT FROM given WHERE wanted AND by_us) AS held_from_us,
    EXISTS (SELECT FROM given WHERE wanted AND NOT by_us) AS held_from_others,
    (SELECT count(*) FROM given WHERE by_us AND wanted IS NOT TRUE) AS more_from_us,
    (SELECT count(*) FROM given WHERE NOT by_us AND wanted IS NOT TRUE) AS more_from_others,
    ARRAY(SELECT why FROM dangers ORDER BY why) AS dangers
FROM me LEFT JOIN login ON true LEFT JOIN role ON true
"""
