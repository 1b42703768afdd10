"""The vendor in memory whose next call can be held: taken, and neither carried out nor answered until it is let go."""

from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from integrations.fake_messenger import Hold
from integrations.fakes import FakeProvider, Operation
from integrations.ports import Access, Observed, Receipt


class SlowVendor(FakeProvider):
    """``hold_next`` makes one call wait, before it takes effect or (``acted``) after."""

    _waiting: defaultdict[tuple[str, bool], deque[Hold]]

    def hold_next(self, operation: Operation, *, acted: bool = False) -> Hold:
        hold = Hold()
        self._holds()[operation, acted].append(hold)
        return hold

    async def observe(self, access: Access) -> Observed:
        async with self._slowly("observe"):
            return await super().observe(access)

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:
        async with self._slowly("grant"):
            return await super().grant(access, until=until, key=key)

    async def revoke(self, access: Access, *, key: str) -> Receipt:
        async with self._slowly("revoke"):
            return await super().revoke(access, key=key)

    async def poll(self, ticket: str) -> Receipt:
        async with self._slowly("poll"):
            return await super().poll(ticket)

    @asynccontextmanager
    async def _slowly(self, operation: Operation) -> AsyncIterator[None]:
        await self._wait(operation, acted=False)
        yield
        await self._wait(operation, acted=True)

    async def _wait(self, operation: Operation, *, acted: bool) -> None:
        if holds := self._holds()[operation, acted]:
            hold = holds.popleft()
            hold.entered.set()
            await hold.release.wait()

    def _holds(self) -> defaultdict[tuple[str, bool], deque[Hold]]:
        if not hasattr(self, "_waiting"):
            self._waiting = defaultdict(deque)
        return self._waiting
