"""Every call to a vendor counted, timed and logged with the trace that led to it."""

import time
from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

import structlog

from bot.metrics import Metrics
from core.errors import ChaperoneError, described
from integrations.ports import Access, AccessProvider, Observed, Receipt

Result = TypeVar("Result")

log = structlog.get_logger()


class MeteredProvider(AccessProvider):
    """An access provider as it is, watched."""

    def __init__(self, provider: AccessProvider, vendor: str, metrics: Metrics) -> None:
        self.native_expiry = provider.native_expiry
        self._provider = provider
        self._vendor = vendor
        self._metrics = metrics

    async def observe(self, access: Access) -> Observed:
        return await self._watched("observe", self._provider.observe(access), access)

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:
        return await self._watched("grant", self._provider.grant(access, until=until, key=key), access)

    async def revoke(self, access: Access, *, key: str) -> Receipt:
        return await self._watched("revoke", self._provider.revoke(access, key=key), access)

    async def poll(self, ticket: str) -> Receipt:
        return await self._watched("poll", self._provider.poll(ticket))

    async def check(self) -> str:
        return await self._watched("check", self._provider.check())

    async def _watched(self, operation: str, call: Awaitable[Result], access: Access | None = None) -> Result:
        began = time.perf_counter()
        outcome, details = "done", dict[str, str]()
        try:
            return await call
        except ChaperoneError as error:
            outcome, details = type(error).__name__.lower(), described(error)
            raise
        except Exception as error:
            outcome, details = "unforeseen", described(error)
            raise
        finally:
            seconds = time.perf_counter() - began
            self._metrics.vendor_calls.labels(self._vendor, operation, outcome).inc()
            self._metrics.vendor_seconds.labels(self._vendor, operation).observe(seconds)
            log.info(
                "vendor.called",
                vendor=self._vendor,
                operation=operation,
                outcome=outcome,
                milliseconds=round(seconds * 1000, 2),
                **({"target": access.target, "entitlement": access.entitlement} if access else {}),
                **details,
            )
