"""What time itself commands: requests and grants run out, people are reminded."""

from uuid import UUID

from core.actors import schedule
from core.errors import Conflict
from core.ledger import Move
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import BEING_TAKEN
from playbooks.access.commands.load import grant_of, request_of
from playbooks.access.commands.messages import open_reminder, redraw
from playbooks.access.lifecycle import ACTIVE, GRANT, GRANTING, PENDING, REQUEST
from playbooks.access.models import AccessGrant, AccessRequest


async def expire_request(desk: Desk, request_id: UUID) -> AccessRequest:
    """Close a request that nobody decided in time. Raises Conflict when it was decided or is not due yet."""
    now = desk.clock.now()
    move = Move(
        REQUEST,
        "expire",
        request_id,
        PENDING,
        changes={"decided_at": now},
        reached={"expires_at": now},
        jobs=[redraw(request_id)],
    )
    async with desk.database.autocommit() as connection:
        return AccessRequest(**await desk.ledger.advance(connection, move, actor=schedule("request-expiry")))


async def expire_grant(desk: Desk, grant_id: UUID, *, claim: UUID) -> AccessGrant:
    """Begin to take back a grant that has run out, and claim it for the caller in the same statement.

    One that is still being given stays with the worker that gives it: then the row answered bears another claim.
    Raises Conflict when it is not due yet or already being taken back: then somebody else sees to it.
    """
    try:
        return await _expire(desk, grant_id, ACTIVE, claim)
    except Conflict:
        return await _expire(desk, grant_id, GRANTING, claim)


async def _expire(desk: Desk, grant_id: UUID, source: str, token: UUID) -> AccessGrant:
    now = desk.clock.now()
    claim = {"claim": token, "claimed_until": now + desk.timing.claim} if source == ACTIVE else {}
    move = Move(
        GRANT,
        "expire",
        grant_id,
        source,
        changes={**BEING_TAKEN, "ended_by": "schedule", "end_reason": "time is up", **claim},
        reached={"due_at": now},
    )
    async with desk.database.autocommit() as connection:
        return AccessGrant(**await desk.ledger.advance(connection, move, actor=schedule("grant-expiry")))


async def remind(desk: Desk, grant_id: UUID) -> AccessGrant:
    """Tell the holder, once, that the end is near. Raises Conflict when it is too early or already told."""
    now = desk.clock.now()
    grant = await grant_of(desk.database, grant_id)
    if grant.status != ACTIVE or grant.remind_at is None or grant.remind_at > now:
        raise Conflict("This grant needs no reminder now.")
    request = await request_of(desk.database, grant.request_id)
    move = Move(
        GRANT,
        "remind",
        grant_id,
        ACTIVE,
        changes={"remind_at": None},
        where={"remind_at": grant.remind_at},
        data={"due_at": grant.due_at},
        jobs=[redraw(grant.request_id)],
    )
    async with desk.database.transaction() as tx:
        reminded = AccessGrant(**await desk.ledger.advance(tx.connection, move, actor=schedule("reminder")))
        await open_reminder(tx.connection, grant.request_id, requester_slack=request.requester_slack)
    return reminded
