"""How the worker talks to PgQueuer's tables: one connection to ask on, another to listen on."""

import asyncio
from typing import Self

import orjson
from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.ports.driver import NotifyCallback

from core.database.connections import Connection

_CHANGED = {
    "channel": "ch_pgqueuer",
    "operation": "delete",
    "table": "pgqueuer",
    "type": "table_changed_event",
    "sent_at": "2000-01-01T00:00:00Z",  # PgQueuer measures a latency with it, and uses it for nothing else
}


class SplitDriver(PsycopgDriver):
    """PgQueuer's psycopg driver, which holds its connection while it waits for a notification: up to a second.

    On one connection every query would wait that long whenever nothing is notified.
    """

    def __init__(self, asking: Connection, listening: Connection) -> None:
        super().__init__(asking)
        self._ears = PsycopgDriver(listening)
        self._callbacks: list[NotifyCallback] = []
        self._hears = asyncio.Event()

    def wake(self) -> None:
        """Have the queue looked at now, as if the table had told us of a change."""
        event = orjson.dumps(_CHANGED).decode()
        for callback in self._callbacks:
            callback(event)

    async def notify(self, channel: str, payload: str) -> None:
        """Waits until we listen: PgQueuer probes its own ears at the start, and dies of a probe that it missed."""
        await self._hears.wait()
        await super().notify(channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        self._callbacks.append(callback)
        await self._ears.add_listener(channel, callback)
        self._hears.set()

    async def remove_listener(self, channel: str, callback: NotifyCallback) -> None:
        self._callbacks.remove(callback)
        await self._ears.remove_listener(channel, callback)

    async def __aenter__(self) -> Self:
        await self._ears.__aenter__()
        return await super().__aenter__()

    async def __aexit__(self, *exc: object) -> None:
        await super().__aexit__(*exc)
        await self._ears.__aexit__(*exc)
