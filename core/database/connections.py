"""Connections and transactions: SQLAlchemy for reading, the driver's own connection for hot writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from core.database.wake import NOTIFY, Waker

Connection = psycopg.AsyncConnection[Any]
Part = TypeVar("Part")

APPLICATION_ROLE = "chaperone_app"
"""The role every process works as: it may add to the ledger and read it, and nothing else to it."""

_PARAMETERS: dict[str, Any] = {
    "application_name": "chaperone",
    "connect_timeout": 5,
    # A dead peer must not hold a job for the kernel's two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": f"-c role={APPLICATION_ROLE} -c timezone=UTC -c idle_in_transaction_session_timeout=60s",
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction, seen through the ORM (``session``) and through the driver (``connection``)."""

    session: AsyncSession
    connection: Connection


class Database:
    """The pools of one process. Open it with ``async with``; nothing connects before that."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self.url = url
        self._size = size
        self._engine: AsyncEngine | None = None
        self._hot: AsyncConnectionPool[Connection] | None = None
        self._waker = Waker(self._wake_workers)

    async def __aenter__(self) -> Self:
        sqlalchemy_url = make_url(self.url).set(drivername="postgresql+psycopg")
        self._engine = create_async_engine(
            sqlalchemy_url,
            connect_args=_PARAMETERS,
            pool_size=self._size,
            max_overflow=0,
            pool_pre_ping=True,
        )
        self._hot = AsyncConnectionPool(
            self.url, kwargs=_PARAMETERS | {"autocommit": True}, min_size=1, max_size=self._size, open=False
        )
        await self._hot.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._waker.close()
        await self._opened(self._hot).close()
        await self.engine.dispose()

    @property
    def engine(self) -> AsyncEngine:
        return self._opened(self._engine)

    def _opened(self, part: Part | None) -> Part:
        if part is None:
            raise RuntimeError("Open the database with `async with` first.")
        return part

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit when the block ends, roll back when it raises."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            raw = await (await session.connection()).get_raw_connection()
            connection = self._opened(raw.driver_connection)
            yield Transaction(session, connection)
        self._waker.ended(connection)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Connection]:
        """A driver connection on which each statement is a transaction of its own: one round trip."""
        async with self._opened(self._hot).connection() as connection:
            yield connection
            self._waker.ended(connection)

    async def _wake_workers(self) -> None:
        async with self.autocommit() as connection:
            await connection.execute(NOTIFY)

    async def connect(self) -> Connection:
        """A connection of the caller's own, outside the pools (listeners, elections). The caller closes it."""
        return await psycopg.AsyncConnection.connect(self.url, autocommit=True, **_PARAMETERS)
