"""A grant begins: its row, its end and its jobs are committed before anything is given."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid4

from core.actors import Actor
from core.database.connections import Connection
from core.jobs import Job
from core.ledger import Move
from core.ledger.advance import Row
from core.lifecycle import NEW
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.messages import redraw
from playbooks.access.lifecycle import GRANT
from playbooks.access.models import AccessRequest
from playbooks.access.policy import Entitlement


async def begin_grant(
    desk: Desk,
    connection: Connection,
    request: AccessRequest,
    entitlement: Entitlement,
    account: str,
    *,
    actor: Actor,
) -> Row:
    """Schedule the grant inside the transaction that approves it. Its end is already due."""
    grant_id, now = uuid4(), desk.clock.now()
    due_at = now + request.duration
    move = Move(
        GRANT,
        "begin",
        grant_id,
        NEW,
        changes={
            "request_id": request.id,
            "subject": request.requester,
            "account": account,
            "vendor": entitlement.target.vendor,
            "target": entitlement.target.id,
            "entitlement": entitlement.key,
            "parameters": dict(entitlement.parameters),
            "duration_seconds": request.duration_seconds,
            "began_at": now,
            "due_at": due_at,
        },
        data={"request": str(request.id), "entitlement": entitlement.key, "account": account, "due_at": due_at},
        jobs=[grant_job(grant_id), expire_job(grant_id, due_at, now=now), redraw(request.id)],
    )
    return await desk.ledger.advance(connection, move, actor=actor)


BEING_TAKEN: Mapping[str, object] = MappingProxyType(
    {"ticket": None, "failures": 0, "last_error": None, "retry_at": None}
)
"""What a row forgets when it begins to be taken back: the ticket and the failures were about giving."""


def grant_job(grant_id: UUID) -> Job:
    return Job("access.grant", {"grant": str(grant_id)}, priority=5)


def revoke_job(grant_id: UUID) -> Job:
    """Taking back goes before giving."""
    return Job("access.revoke", {"grant": str(grant_id)}, priority=10)


def undo_job(grant_id: UUID) -> Job:
    return Job("access.undo", {"grant": str(grant_id)}, priority=10)


def expire_job(grant_id: UUID, due_at: datetime, *, now: datetime) -> Job:
    return Job("access.expire", {"grant": str(grant_id)}, after=due_at - now, priority=10)
