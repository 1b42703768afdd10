"""Something for the ledger: requests made in a wired house."""

import asyncio
from datetime import timedelta

from bot.configuration import Configuration
from bot.wiring import House, wire
from core.database import Database
from core.ledger import Sequencer
from playbooks.access.commands import Ask, ask


async def ask_as_ana(house: House, reason: str = "INC-4711") -> None:
    """One request, recorded and not yet numbered."""
    wish = Ask(
        requester=await house.directory.person("p-ana"),
        entitlement="ehr-db/read",
        duration=timedelta(hours=1),
        reason=reason,
        purpose="incident",
        minimum_necessary="Only pg_stat views and the lag table",
    )
    await ask(house.desk, wish)


async def asked(configured: Configuration, times: int = 1) -> None:
    """Requests on the ledger, numbered and signed."""
    async with wire(configured, vendors=False) as house:
        for number in range(times):
            await ask_as_ana(house, f"INC-471{number}")
        await all_numbered(house.database, house.sequencer)


async def all_numbered(database: Database, sequencer: Sequencer) -> None:
    """Sequence until nothing waits: a transaction of another test on the same server may hold the horizon a moment."""
    waiting = "SELECT count(*) FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_leaf WHERE entry = e.id)"
    async with asyncio.timeout(20), database.autocommit() as connection:
        while (await (await connection.execute(waiting)).fetchone()) != (0,):
            await sequencer.sequence()
