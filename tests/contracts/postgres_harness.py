"""A target PostgreSQL with one person and two roles, seen past the provider by its superuser."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from core.database.embedded import Cluster
from integrations.ports import Access
from integrations.postgres import PostgresProvider, prepare_target

PASSWORD = "a-password-of-the-tests"


@dataclass
class PostgresSession:
    """A session of a person that works in the granted role."""

    connection: psycopg.AsyncConnection

    async def alive(self) -> bool:
        try:
            await self.connection.execute("SELECT count(*) FROM patient")
        except psycopg.OperationalError:
            return False
        return True


class PostgresHarness:
    """A login ``alice`` whose end is ours to move, and two roles, under names of this test alone."""

    def __init__(self, admin_url: str, database: str) -> None:
        stamp = uuid.uuid4().hex[:8]
        self.superuser_url = make_conninfo(admin_url, dbname=database)
        self.admin = f"admin_{stamp}"
        self.alice = f"alice_{stamp}"
        self.read = f"read_{stamp}"
        self.write = f"write_{stamp}"
        self.access = Access("clinic-db", "read", self.alice, {"role": self.read})
        self.other_access = Access("clinic-db", "write", self.alice, {"role": self.write})
        self.unknown_account = replace(self.access, account=f"ghost_{stamp}")
        self.unknown_entitlement = replace(self.access, parameters={"role": f"ghost_{stamp}"})
        self.admin_url = make_conninfo(self.superuser_url, user=self.admin, password=PASSWORD)
        self.provider = PostgresProvider(self.admin_url)
        self.unreachable = PostgresProvider(make_conninfo(self.admin_url, host="/nonexistent"))
        self._sessions: list[psycopg.AsyncConnection] = []

    async def prepare(self) -> None:
        await self.superuser("CREATE TABLE IF NOT EXISTS patient (id int)")
        for role, right in ((self.read, "SELECT"), (self.write, "INSERT, SELECT")):
            await self.superuser(f"CREATE ROLE {role} NOLOGIN")
            await self.superuser(f"GRANT {right} ON patient TO {role}")
        await self.superuser(f"CREATE ROLE {self.alice} LOGIN PASSWORD '{PASSWORD}' VALID UNTIL '2020-01-01'")
        await prepare_target(
            self.superuser_url, admin=self.admin, password=PASSWORD, roles=[self.read, self.write], logins=[self.alice]
        )

    async def close(self) -> None:
        for session in self._sessions:
            await session.close()

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def superuser(self, statement: str, **names: str) -> list[tuple[object, ...]]:
        identifiers = {key: sql.Identifier(name) for key, name in names.items()}
        async with await psycopg.AsyncConnection.connect(self.superuser_url, autocommit=True) as connection:
            cursor = await connection.execute(sql.SQL(statement).format(**identifiers))
            return await cursor.fetchall() if cursor.description else []

    async def connect(self, login: str | None = None) -> psycopg.AsyncConnection:
        """A session of a person. Raises OperationalError where the server does not let them in."""
        url = make_conninfo(self.superuser_url, user=login or self.alice, password=PASSWORD)
        session = await psycopg.AsyncConnection.connect(url, autocommit=True)
        self._sessions.append(session)
        return session

    async def give_standing(self, access: Access) -> bool:
        await self.superuser("GRANT {role} TO {login}", role=access.parameters["role"], login=access.account)
        return True

    async def can_use(self, access: Access) -> bool | None:
        try:
            async with await self.connect() as session:
                await session.execute("SELECT count(*) FROM patient")
        except (psycopg.OperationalError, errors.InsufficientPrivilege):
            return False
        return True

    async def open_session(self) -> PostgresSession:
        session = await self.connect()
        await session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self.read)))
        return PostgresSession(session)


def make_target_database(cluster: Cluster) -> str:
    """A database that every login may enter, as a company's own would be."""
    name = f"clinic_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(cluster.admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return name


@asynccontextmanager
async def harness_on(cluster: Cluster, database: str) -> AsyncIterator[PostgresHarness]:
    made = PostgresHarness(cluster.admin_url, database)
    await made.prepare()
    try:
        yield made
    finally:
        await made.close()
