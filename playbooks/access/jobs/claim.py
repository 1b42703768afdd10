"""One worker at a time per grant: a claim with an end, and a token that fences late outcomes."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from core.actors import playbook
from core.errors import Conflict, Transient
from core.jobs import Job
from core.ledger import Move
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.load import grant_of
from playbooks.access.lifecycle import GRANT
from playbooks.access.models import AccessGrant

RELEASED: dict[str, object] = {"claim": None, "claimed_until": None}

_CLAIM = """
    UPDATE access_grant SET claim = %(token)s, claimed_until = %(until)s
    WHERE id = %(id)s AND status = %(status)s AND (claimed_until IS NULL OR claimed_until <= %(now)s) RETURNING *"""

_RELEASE = "UPDATE access_grant SET claim = NULL, claimed_until = NULL WHERE id = %s AND claim = %s"


async def claim(desk: Desk, grant_id: UUID, *, status: str) -> AccessGrant:
    """Take the grant for this worker.

    Raises Conflict when it is no longer in ``status``, Transient when another worker has it (try again when its
    claim ends).
    """
    now = desk.clock.now()
    parameters = {"token": uuid4(), "until": now + desk.timing.claim, "id": grant_id, "status": status, "now": now}
    async with desk.database.autocommit() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CLAIM, parameters)
        row = await cursor.fetchone()
    if row is not None:
        return AccessGrant(**row)
    grant = await grant_of(desk.database, grant_id)
    if grant.status != status or grant.claimed_until is None:
        raise Conflict(f"This grant is {grant.status}, not {status}.")
    wait = (grant.claimed_until - now).total_seconds()
    raise Transient("Another worker has this grant.", retry_after=max(wait, 0.1))


async def release(desk: Desk, grant: AccessGrant) -> None:
    """Give the claim back without an outcome."""
    async with desk.database.autocommit() as connection:
        await connection.execute(_RELEASE, [grant.id, grant.claim])


async def record(
    desk: Desk,
    grant: AccessGrant,
    command: str,
    *,
    changes: Mapping[str, object],
    data: Mapping[str, object],
    jobs: Sequence[Job] = (),
) -> AccessGrant:
    """Advance a grant that this worker holds. Raises Conflict when the claim was lost to another."""
    fence = {"claim": grant.claim}
    declared = Move(GRANT, command, grant.id, grant.status, changes=changes, where=fence, data=data, jobs=jobs)
    async with desk.database.autocommit() as connection:
        return AccessGrant(**await desk.ledger.advance(connection, declared, actor=playbook("access")))


_OTHERS = """
    SELECT id, status, standing FROM access_grant
    WHERE vendor = %(vendor)s AND account = %(account)s AND entitlement = %(entitlement)s
        AND status = ANY (%(states)s) AND id <> %(id)s"""


async def others(desk: Desk, grant: AccessGrant, states: Iterable[str]) -> list[dict[str, object]]:
    """Other grants of the same entitlement to the same account that are in one of these states."""
    parameters = grant.model_dump(include={"vendor", "account", "entitlement", "id"}) | {"states": list(states)}
    async with desk.database.autocommit() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_OTHERS, parameters)
        return await cursor.fetchall()
