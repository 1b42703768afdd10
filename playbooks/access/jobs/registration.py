"""Which handler does which job, and how each is tried again."""

from datetime import timedelta
from uuid import UUID

from core.jobs import Backoff, JobRun, Registry
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.time import expire_request, remind
from playbooks.access.jobs.grant import give
from playbooks.access.jobs.revoke import expire, take_back, undo
from playbooks.access.jobs.sweep import sweep

_SOON = Backoff(first=timedelta(milliseconds=500), longest=timedelta(seconds=30))


def register(registry: Registry, desk: Desk) -> None:
    """Add the handlers of the access playbook."""

    async def grant_handler(run: JobRun) -> None:
        await give(desk, UUID(run.payload["grant"]))

    async def revoke_handler(run: JobRun) -> None:
        await take_back(desk, UUID(run.payload["grant"]))

    async def expire_handler(run: JobRun) -> None:
        await expire(desk, UUID(run.payload["grant"]))

    async def undo_handler(run: JobRun) -> None:
        await undo(desk, UUID(run.payload["grant"]))

    async def remind_handler(run: JobRun) -> None:
        await remind(desk, UUID(run.payload["grant"]))

    async def expire_request_handler(run: JobRun) -> None:
        await expire_request(desk, UUID(run.payload["request"]))

    async def sweep_handler(_run: JobRun) -> None:
        await sweep(desk)

    registry.add("access.grant", grant_handler, _SOON)
    registry.add("access.revoke", revoke_handler, _SOON)
    registry.add("access.expire", expire_handler, _SOON)
    registry.add("access.undo", undo_handler, _SOON)
    registry.add("access.remind", remind_handler, _SOON)
    registry.add("access.expire_request", expire_request_handler, _SOON)
    registry.add("access.sweep", sweep_handler, _SOON)
