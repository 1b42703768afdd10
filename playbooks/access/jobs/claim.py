"""One worker at a time per grant: a claim with an end, and a token that fences late outcomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from core.actors import playbook
from core.errors import Conflict, Transient
from core.jobs import Job
from core.ledger import Move
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.load import grant_of
from playbooks.access.lifecycle import ACTIVE, GRANT, GRANTING
from playbooks.access.models import AccessGrant


class NotYet(Transient):
    """Nothing failed: the work cannot go on at this moment. The job is tried again, and nothing is recorded."""


RELEASED: dict[str, object] = {"claim": None, "claimed_until": None}

_CLAIM = """
    UPDATE access_grant SET claim = %(token)s, claimed_until = %(until)s
    WHERE id = %(id)s AND status = %(status)s AND (claimed_until IS NULL OR claimed_until <= %(now)s) RETURNING *"""

_RELEASE = "UPDATE access_grant SET claim = NULL, claimed_until = NULL WHERE id = %s AND claim = %s"


async def claim(desk: Desk, grant_id: UUID, *, status: str) -> AccessGrant:
    """Take the grant for this worker.

    Raises Conflict when it is no longer in ``status``, NotYet when another worker has it (try again when its claim
    ends).
    """
    now = desk.clock.now()
    parameters = {"token": uuid4(), "until": now + desk.timing.claim, "id": grant_id, "status": status, "now": now}
    async with desk.database.autocommit() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CLAIM, parameters)
        row = await cursor.fetchone()
    if row is not None:
        return AccessGrant(**row)
    grant = await grant_of(desk.database, grant_id)
    if grant.status != status:
        raise Conflict(f"This grant is {grant.status}, not {status}.")
    wait = (grant.claimed_until - now).total_seconds() if grant.claimed_until else 0
    raise NotYet("Another worker has this grant.", retry_after=max(wait, 0.1))


async def release(desk: Desk, grant: AccessGrant) -> bool:
    """Give the claim back without an outcome. False when another worker has taken it over meanwhile."""
    async with desk.database.autocommit() as connection:
        return (await connection.execute(_RELEASE, [grant.id, grant.claim])).rowcount > 0


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


@dataclass(frozen=True, slots=True)
class Other:
    """Another grant of the same thing. ``attempted``: the vendor may have been asked for it already."""

    standing: bool
    due_at: datetime
    attempted: bool


_OTHERS = """
    SELECT standing, due_at, before IS NOT NULL AS attempted FROM access_grant
    WHERE vendor = %(vendor)s AND account = %(account)s AND parameters = %(parameters)s
        AND status = ANY (%(states)s) AND id <> %(id)s"""


async def others(desk: Desk, grant: AccessGrant, states: Iterable[str]) -> list[Other]:
    """Other grants in one of these states that mean the same at the vendor, whatever the catalogue calls them now."""
    parameters = grant.model_dump(include={"vendor", "account", "id"})
    parameters |= {"parameters": Jsonb(grant.parameters), "states": list(states)}
    async with desk.database.autocommit() as connection, connection.cursor(row_factory=class_row(Other)) as cursor:
        await cursor.execute(_OTHERS, parameters)
        return await cursor.fetchall()


async def live_others(desk: Desk, grant: AccessGrant) -> list[Other]:
    """Those that hold the entitlement as well, or are just being given it at the vendor."""
    return [each for each in await others(desk, grant, [GRANTING, ACTIVE]) if each.attempted]
