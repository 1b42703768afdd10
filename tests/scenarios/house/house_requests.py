"""Something for the ledger: requests made in a wired house."""

from datetime import timedelta

from bot.configuration import Configuration
from bot.wiring import House, wire
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
        assert await house.sequencer.sequence() > 0
