"""The boto3 clients, with their limits, and the threads in which they are called."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from core.errors import ConfigurationFault, Transient
from integrations.aws_api.faults import explain

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_sso_admin import SSOAdminClient

Result = TypeVar("Result")

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 3
READ_SECONDS = 10


def _limits(attempts: int) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


class AwsApi:
    """One region's clients and the few threads that call them.

    ``endpoint`` None leaves it to boto3 (``AWS_ENDPOINT_URL``, else AWS itself); ``region`` None likewise
    (``AWS_DEFAULT_REGION``, profile). Raises ConfigurationFault without a region.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        session: boto3.Session | None = None,
        threads: int = 8,
    ) -> None:
        session = session or boto3.Session()
        reads, writes = _limits(2), _limits(1)  # a change is never repeated below us: it would be made twice
        try:
            self.sso: SSOAdminClient = session.client(
                "sso-admin", region_name=region, endpoint_url=endpoint, config=reads
            )
            self.sso_changes: SSOAdminClient = session.client(
                "sso-admin", region_name=region, endpoint_url=endpoint, config=writes
            )
            self.store: IdentityStoreClient = session.client(
                "identitystore", region_name=region, endpoint_url=endpoint, config=reads
            )
        except NoRegionError:
            raise ConfigurationFault(["AWS_DEFAULT_REGION: not set. Name the region of IAM Identity Center."]) from None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="aws")

    async def read(self, operation: str, call: Callable[[], Result]) -> Result:
        """The reply of a call that changes nothing. Raises Transient and Permanent as faults.py explains."""
        return await self._run(operation, call, changes=False)

    async def change(self, operation: str, call: Callable[[], Result]) -> Result:
        """The reply of a call that changes something. Raises like ``read``."""
        return await self._run(operation, call, changes=True)

    def close(self) -> None:
        """Let the threads end. Calls under way are waited for: an abandoned change would be an unknown one."""
        self._threads.shutdown()
        for client in (self.sso, self.sso_changes, self.store):
            client.close()

    async def _run(self, operation: str, call: Callable[[], Result], *, changes: bool) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, call)
        except (BotoCoreError, ClientError, NotImplementedError) as fault:
            error = explain(fault, operation=operation, changes=changes)
            log.warning("aws.failed", operation=operation, error=type(error).__name__, cause=type(fault).__name__)
            raise error from fault
        except KeyError as field:  # a 200 cut short parses as an empty reply, which must not read as "nothing there"
            raise Transient(
                f"{operation} answered without {field}. It is read back, then tried again.", outcome_unknown=changes
            ) from field
