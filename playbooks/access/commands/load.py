"""Loading the rows that a command decides about."""

from uuid import UUID

from sqlmodel import select

from core.database import Database, Transaction
from core.errors import NotFound
from playbooks.access.models import AccessApproval, AccessGrant, AccessRequest

_GONE = "There is no such request. It may belong to another workspace; open the app's Home to see yours."


async def request_of(database: Database, request_id: UUID) -> AccessRequest:
    """The request as it is now. Raises NotFound."""
    async with database.transaction() as tx:
        return await _found(tx, request_id, lock=False)


async def locked_request(tx: Transaction, request_id: UUID) -> AccessRequest:
    """The request, nobody else changing it until this transaction ends. Raises NotFound."""
    return await _found(tx, request_id, lock=True)


async def grant_of_request(database: Database, request_id: UUID) -> AccessGrant | None:
    async with database.transaction() as tx:
        found = await tx.session.execute(select(AccessGrant).where(AccessGrant.request_id == request_id))
        return found.scalar_one_or_none()


async def grant_of(database: Database, grant_id: UUID) -> AccessGrant:
    """The grant as it is now. Raises NotFound."""
    async with database.transaction() as tx:
        grant = await tx.session.get(AccessGrant, grant_id)
    if grant is None:
        raise NotFound("There is no such grant. Open the app's Home to see yours.")
    return grant


async def approvals_of(tx: Transaction, request_id: UUID) -> list[AccessApproval]:
    """The approvals counted so far, in their order."""
    query = select(AccessApproval).where(AccessApproval.request_id == request_id).order_by("at")
    return list((await tx.session.execute(query)).scalars())


async def _found(tx: Transaction, request_id: UUID, *, lock: bool) -> AccessRequest:
    request = await tx.session.get(AccessRequest, request_id, with_for_update=lock or None)
    if request is None:
        raise NotFound(_GONE)
    return request
