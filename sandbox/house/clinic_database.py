"""The clinic's own database: its roles to give, everybody's login, the login that Chaperone works with, some rows."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import yaml
from psycopg import sql

from core.database.embedded import Cluster

DATABASE = "clinic"
GRANTER = "chaperone_granter"
_OWNER = "clinic_owner"
_TABLES = Path(__file__).with_name("clinic.sql")
_OPTIONS_SINCE = 16
"""Since this version of PostgreSQL a grant has options, and altering a login needs ADMIN on it."""

_RIGHTS = {"read": "SELECT", "write": "SELECT, INSERT, UPDATE, DELETE"}
_ELAPSED = "2000-01-01 00:00:00+00"
"""A login that has this end is closed until somebody with the right to it moves the end."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the catalogue. Its schema is what stands before the first underscore."""

    name: str
    level: str

    @property
    def schema(self) -> str:
        return self.name.partition("_")[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the clinic's files say should be there."""

    roles: tuple[Role, ...]
    logins: tuple[str, ...]


def read(clinic: Path) -> Wanted:
    """The roles of ``catalogue.yaml`` and the logins of ``people.yaml``."""
    catalogue = yaml.safe_load((clinic / "catalogue.yaml").read_text(encoding="utf-8"))
    people = yaml.safe_load((clinic / "people.yaml").read_text(encoding="utf-8"))["people"]
    logins = [each["accounts"]["postgres"] for each in people if "postgres" in (each.get("accounts") or {})]
    return Wanted(tuple(dict.fromkeys(_roles(catalogue))), tuple(logins))


def invent(wanted: Wanted) -> dict[str, str]:
    """A password for the granter and for everybody's login."""
    return {name: secrets.token_urlsafe(18) for name in (GRANTER, *wanted.logins)}


def seed(cluster: Cluster, wanted: Wanted, passwords: Mapping[str, str]) -> None:
    """Bring the database in; twice is once. What Chaperone gave meanwhile stays as it is."""
    with psycopg.connect(cluster.admin_url, autocommit=True) as connection:
        _make_groups(connection, wanted.roles)
        _make_logins(connection, wanted.logins, passwords)
        _make_granter(connection, wanted, passwords[GRANTER])
        if _missing_database(connection):
            cluster.create_database(DATABASE, _OWNER)
        _open_to(connection, wanted.roles)
    with psycopg.connect(cluster.url("postgres", DATABASE)) as connection:
        connection.execute(_TABLES.read_bytes())
        for role in wanted.roles:
            _give_rights(connection, role)


def url(cluster: Cluster, login: str, password: str) -> str:
    """The clinic's database, over the cluster's socket, as this login."""
    place = urlencode({"host": str(cluster.socket_folder), "port": cluster.port}, quote_via=quote, safe="")
    return f"postgresql://{quote(login)}:{quote(password, safe='')}@/{DATABASE}?{place}"


def _roles(catalogue: Mapping[str, Any]) -> Iterator[Role]:
    for target in catalogue["targets"]:
        if target["vendor"] == "postgres":
            for entitlement in target["entitlements"]:
                yield Role(entitlement["parameters"]["role"], entitlement.get("level", "read"))


def _existing(connection: psycopg.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}


def _make_groups(connection: psycopg.Connection, roles: Iterable[Role]) -> None:
    found = _existing(connection)
    for name in (_OWNER, *(role.name for role in roles)):
        if name not in found:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))


def _make_logins(connection: psycopg.Connection, logins: Iterable[str], passwords: Mapping[str, str]) -> None:
    """Logins whose end has passed: they open for a grant, and close again with it."""
    found = _existing(connection)
    for login in logins:
        if login not in found:
            _with_password(connection, "CREATE ROLE {} LOGIN PASSWORD {}", login, passwords[login])
            until = sql.SQL("ALTER ROLE {} VALID UNTIL {}")
            connection.execute(until.format(sql.Identifier(login), sql.Literal(_ELAPSED)))


def _make_granter(connection: psycopg.Connection, wanted: Wanted, password: str) -> None:
    """What an administrator runs once for Chaperone: it may give the roles and move the ends, and use neither."""
    verb = "ALTER" if GRANTER in _existing(connection) else "CREATE"
    _with_password(connection, verb + " ROLE {} LOGIN CREATEROLE PASSWORD {}", GRANTER, password)
    modern = connection.info.server_version // 10000 >= _OPTIONS_SINCE
    options = "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE" if modern else "WITH ADMIN OPTION"
    for name in (*(role.name for role in wanted.roles), *(wanted.logins if modern else ())):
        grant = sql.SQL("GRANT {} TO {} " + options)
        connection.execute(grant.format(sql.Identifier(name), sql.Identifier(GRANTER)))
    connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(GRANTER)))


def _with_password(connection: psycopg.Connection, statement: str, name: str, password: str) -> None:
    # Only the verifier travels: a failed statement would put a password into the server's log.
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(verifier)))


def _missing_database(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None


def _open_to(connection: psycopg.Connection, roles: Iterable[Role]) -> None:
    """Whoever holds a role may enter the clinic's database, and an open login alone enters nothing at all."""
    clinic = sql.Identifier(DATABASE)
    for database in ("postgres", "template1"):
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    for name in (GRANTER, *(role.name for role in roles)):
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(clinic, sql.Identifier(name)))


def _give_rights(connection: psycopg.Connection, role: Role) -> None:
    schema, name = sql.Identifier(role.schema), sql.Identifier(role.name)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, name))
    rights = sql.SQL(_RIGHTS.get(role.level, _RIGHTS["read"]))
    connection.execute(sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(rights, schema, name))
