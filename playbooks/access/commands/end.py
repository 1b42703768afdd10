"""Ending before time: a request is withdrawn, a grant is given back."""

from dataclasses import dataclass
from uuid import UUID

from core.actors import person as person_actor
from core.errors import Conflict, Refused
from core.ledger import Move
from core.privacy import refuse_if_private
from integrations.ports import Person
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import BEING_TAKEN, revoke_job
from playbooks.access.commands.load import grant_of, request_of
from playbooks.access.commands.messages import redraw
from playbooks.access.lifecycle import ACTIVE, GRANT, GRANTING, PENDING, REQUEST, REVOKING
from playbooks.access.models import AccessGrant, AccessRequest


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The requester thinks better of it."""

    request: UUID
    requester: Person


@dataclass(frozen=True, slots=True)
class EndEarly:
    """“I'm done.” Only the holder may say so."""

    grant: UUID
    holder: Person
    reason: str = "no longer needed"


async def withdraw(desk: Desk, command: Withdraw) -> AccessRequest:
    """Take an open request back. Raises Refused for anybody but the requester, Conflict when it was decided."""
    request = await request_of(desk.database, command.request)
    if request.requester != command.requester.subject:
        raise Refused(f"Only {request.requester_name} can withdraw this request. An approver can deny it.")
    if request.status != PENDING:
        raise Conflict(f"Too late: this request is {request.status}. Nothing was changed.")
    move = Move(
        REQUEST, "withdraw", request.id, PENDING, changes={"decided_at": desk.clock.now()}, jobs=[redraw(request.id)]
    )
    async with desk.database.transaction() as tx:
        row = await desk.ledger.advance(tx.connection, move, actor=person_actor(command.requester.subject))
    return AccessRequest(**row)


async def end_early(desk: Desk, command: EndEarly) -> AccessGrant:
    """Begin to take the grant back now. Raises Refused for anybody but the holder, Conflict when it has ended."""
    refuse_if_private(command.reason, "reason")
    try:
        return await _end(desk, command, await _held(desk, command))
    except Conflict:  # perhaps it became active in this very moment, which is no reason to keep it
        return await _end(desk, command, await _held(desk, command))


async def _held(desk: Desk, command: EndEarly) -> AccessGrant:
    grant = await grant_of(desk.database, command.grant)
    if grant.subject != command.holder.subject:
        raise Refused("Only the person who holds this access can end it here.")
    if grant.status not in {GRANTING, ACTIVE}:
        already = "is being taken back already" if grant.status == REVOKING else f"has ended ({grant.status})"
        raise Conflict(f"This access {already}. Nothing more to do.")
    return grant


async def _end(desk: Desk, command: EndEarly, grant: AccessGrant) -> AccessGrant:
    move = Move(
        GRANT,
        "end",
        grant.id,
        grant.status,
        changes={
            **BEING_TAKEN,
            "ended_at": desk.clock.now(),
            "ended_by": command.holder.subject,
            "end_reason": command.reason,
        },
        data={"reason": command.reason},
        jobs=[revoke_job(grant.id), redraw(grant.request_id)],
    )
    async with desk.database.transaction() as tx:
        row = await desk.ledger.advance(tx.connection, move, actor=person_actor(command.holder.subject))
    return AccessGrant(**row)
