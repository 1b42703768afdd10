"""A running cluster as its users see it: URLs, databases, and leaving it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from core.database.embedded.postmaster import recorded_pid

SUPERUSER = "postgres"
OWNER = "chaperone_owner"
APPLICATION = "chaperone"
DATABASE = "chaperone"
LOGINS = (SUPERUSER, OWNER, APPLICATION)
_APPLICATION_ROLE = "chaperone_app"  # also in core.database.connections, which imports too much to be asked here


@dataclass(frozen=True)
class Cluster:
    """``port`` names the socket's file, and the port on 127.0.0.1 where the cluster was started with ``tcp``."""

    data: Path
    socket_folder: Path
    port: int
    passwords: dict[str, str] = field(repr=False)
    leave: Callable[[], None] = field(repr=False)

    @property
    def admin_url(self) -> str:
        """As the superuser, in the maintenance database."""
        return self.url(SUPERUSER, SUPERUSER)

    @property
    def owner_url(self) -> str:
        """As the owner of the database, for migrations."""
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        """As the application, with its least rights."""
        return self.url(APPLICATION)

    @property
    def pid(self) -> int:
        """The server's process id as it says itself. 0 when it is not running."""
        return recorded_pid(self.data) or 0

    def url(self, login: str, database: str = DATABASE) -> str:
        """A ``postgresql://`` URL over the socket, for one of the three logins."""
        place = urlencode({"host": str(self.socket_folder), "port": self.port}, quote_via=quote, safe="")
        return (
            f"postgresql://{quote(login)}:{quote(self.passwords[login], safe='')}@/{quote(database, safe='')}?{place}"
        )

    def create_database(self, name: str, owner: str = OWNER, *, template: str = "template0") -> None:
        """Make a database of ``owner`` that only its owner and the application role may enter."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            create_database(connection, name, owner, template)

    def drop_database(self, name: str) -> None:
        """Drop a database with everyone in it, if it exists."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Leave the cluster. The last one who leaves shuts the server down. Leaving twice is leaving once."""
        self.leave()


def create_database(connection: psycopg.Connection, name: str, owner: str, template: str) -> None:
    database = sql.Identifier(name)
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            database, sql.Identifier(owner), sql.Identifier(template)
        )
    )
    _close_to_the_public(connection, database)


def _close_to_the_public(connection: psycopg.Connection, database: sql.Identifier) -> None:
    with connection.transaction():
        role = sql.Identifier(_APPLICATION_ROLE)
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
        connection.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))


def furnish(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    """Make our roles and database where they are missing: an earlier starter may have been killed halfway."""
    found = connection.execute(
        "SELECT has_database_privilege('public', oid, 'CONNECT') FROM pg_database WHERE datname = %s", [DATABASE]
    ).fetchone()
    if found is None:
        with connection.transaction():
            _make_roles(connection, passwords)
        create_database(connection, DATABASE, OWNER, "template0")
    elif found[0]:
        _close_to_the_public(connection, sql.Identifier(DATABASE))


def _make_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    rows = connection.execute("SELECT rolname FROM pg_roles").fetchall()
    if _APPLICATION_ROLE in {name for (name,) in rows}:
        return
    connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(_APPLICATION_ROLE)))
    for login, grant in ((OWNER, "GRANT {} TO {} WITH ADMIN OPTION"), (APPLICATION, "GRANT {} TO {}")):
        # Only the verifier travels: a failed statement would put a password into the server's log.
        verifier = connection.pgconn.encrypt_password(
            passwords[login].encode(), login.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(login), sql.Literal(verifier))
        )
        connection.execute(sql.SQL(grant).format(sql.Identifier(_APPLICATION_ROLE), sql.Identifier(login)))
