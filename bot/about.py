"""`/chaperone`: what this bot does, and how it fares."""

from bot.dispatch import Answer, Dispatch, Payload
from core.clock import Clock
from core.database import Database

_ABOUT = (
    "*Chaperone* gives production access for a while, decided by policy and your colleagues, and takes it back by "
    "itself. Everything is on a signed ledger.\n"
    "*`/access`* asks for access, *`/access list`* shows what you hold.\n"
    "*`/chaperone status`* tells how it fares. The Home tab of this app shows what waits for you."
)

_STATUS = """
    SELECT
        (SELECT count(*) FROM access_grant WHERE status = 'active'),
        (SELECT count(*) FROM access_grant WHERE status IN ('granting', 'active', 'revoking') AND due_at < %(now)s),
        (SELECT count(*) FROM access_request WHERE status = 'pending'),
        (SELECT max(size) FROM ledger_checkpoint)"""


def register(dispatch: Dispatch, database: Database, clock: Clock) -> None:
    """Tell the dispatch that `/chaperone` is answered here."""

    async def command(payload: Payload) -> Answer:
        if str(payload.body.get("text") or "").strip() != "status":
            return Answer(text=_ABOUT)
        async with database.autocommit() as connection:
            row = await (await connection.execute(_STATUS, {"now": clock.now()})).fetchone()
        active, overdue, pending, size = row or (0, 0, 0, 0)
        return Answer(
            text=f"*{active}* grants live, *{overdue}* past their end, *{pending}* requests waiting. "
            f"The ledger's last signed checkpoint covers *{size or 0}* entries."
        )

    dispatch.commands["/chaperone"] = command
