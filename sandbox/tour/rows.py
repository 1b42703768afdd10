"""What Chaperone's own database says about the story: the rows and the ledger, read as the application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg.rows import dict_row

from core.database import Database

_GRANT = """
    SELECT g.*, r.status AS request_status, r.decided_at, r.decided_by_name, r.requester_name
    FROM access_request r LEFT JOIN access_grant g ON g.request_id = r.id
    WHERE r.requester = %s AND r.entitlement = %s AND r.status <> 'refused' ORDER BY r.created_at DESC LIMIT 1"""
_EVENTS = """
    SELECT e.event, e.at, e.actor, e.data, e.id FROM ledger_entry e
    WHERE e.subject IN (SELECT id FROM access_request WHERE entitlement = %(entitlement)s AND requester = %(subject)s
        UNION SELECT id FROM access_grant WHERE entitlement = %(entitlement)s AND subject = %(subject)s)
    ORDER BY e.xid, e.id"""
_SEQUENCED = "SELECT (SELECT count(*) FROM ledger_entry) = coalesce((SELECT max(size) FROM ledger_checkpoint), 0)"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Looks; never writes."""

    url: str = field(repr=False)

    async def all(self, query: LiteralString, parameters: Any = ()) -> Sequence[Row]:
        connection = await Database(self.url).connect()
        try:
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(query, parameters)
                return await cursor.fetchall()
        finally:
            await connection.close()

    async def request(self, subject: str, entitlement: str) -> Row | None:
        """The person's last request for it that policy let stand, and its grant (nulls while there is none)."""
        found = await self.all(_GRANT, [subject, entitlement])
        return found[0] if found else None

    async def events(self, subject: str, entitlement: str) -> Sequence[Row]:
        """The ledger's entries about it, in their order."""
        return await self.all(_EVENTS, {"subject": subject, "entitlement": entitlement})

    async def sequenced(self) -> bool:
        """Whether every entry is numbered and under a signed checkpoint."""
        return bool(next(iter((await self.all(_SEQUENCED))[0].values())))
