"""Waking the workers after a commit, not inside it.

NOTIFY takes a lock on the whole database at commit and holds it while the log is flushed, so every transaction that
enqueued a job would wait for every other one's flush. We notify from a statement of its own, which writes nothing and
flushes nothing. It may be lost with its process: the workers look by themselves once a second.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg import OperationalError
from psycopg_pool import PoolClosed, PoolTimeout

_TOGETHER = 0.005
"""Seconds within which several commits share one notification."""

NOTIFY = """
    SELECT pg_notify('ch_pgqueuer', json_build_object('channel', 'ch_pgqueuer', 'operation', 'insert',
        'sent_at', now(), 'table', 'pgqueuer', 'type', 'table_changed_event')::text)"""
"""What PgQueuer's own trigger would send (its 1.6 schema, ``fn_pgqueuer_changed``)."""

_with_news: WeakSet[psycopg.AsyncConnection[Any]] = WeakSet()


def has_news(connection: psycopg.AsyncConnection[Any]) -> None:
    """Jobs were enqueued on this connection: the workers are woken once its transaction has ended."""
    _with_news.add(connection)


class Waker:
    """Sends at most one notification per moment, and none where nothing was enqueued."""

    def __init__(self, send: Callable[[], Awaitable[None]]) -> None:
        self._send = send
        self._task: asyncio.Task[None] | None = None

    def ended(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """The transaction on this connection is over."""
        if connection not in _with_news:
            return
        _with_news.discard(connection)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._soon())

    async def close(self) -> None:
        """Send what is waiting."""
        if self._task:
            await self._task

    async def _soon(self) -> None:
        await asyncio.sleep(_TOGETHER)
        self._task = None
        try:
            await self._send()
        except (OperationalError, PoolClosed, PoolTimeout):
            return  # the workers look by themselves
