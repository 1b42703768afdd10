"""Requests to move about, without a playbook around them."""

from datetime import timedelta
from uuid import UUID, uuid4

from core.actors import person
from core.clock import Clock
from core.database import Database
from core.jobs import Job
from core.ledger import Ledger, Move
from core.lifecycle import NEW
from playbooks.access.lifecycle import REQUEST

ANA = person("ana")


def asking(clock: Clock, request: UUID, *, jobs: tuple[Job, ...] = (), **changes: object) -> Move:
    columns = {
        "requester": "ana",
        "requester_name": "Ana",
        "target": "ehr-db",
        "entitlement": "ehr-db/read",
        "duration_seconds": 3600,
        "reason": "an incident",
        "policy_hash": "0" * 64,
        "decided_by_policies": ["path"],
        "path": "path",
        "asked": ["dora"],
        "asked_slack": ["U1"],
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(hours=8),
    }
    return Move(REQUEST, "ask", request, NEW, changes=columns | changes, data={"why": "test"}, jobs=jobs)


async def ask_many(database: Database, ledger: Ledger, count: int) -> list[UUID]:
    """``count`` requests, each in a transaction of its own."""
    requests = [uuid4() for _ in range(count)]
    async with database.autocommit() as connection:
        for request in requests:
            await ledger.advance(connection, asking(ledger.clock, request), actor=ANA)
    return requests
