"""What every scene stands on: the running sandbox, the people, their targets, the proof."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox.house import Acting, Sandbox, until, words
from sandbox.house.slack_control import Message
from sandbox.tour.hands import Aws, Database, Session
from sandbox.tour.narrator import Narrator
from sandbox.tour.proof import Proof
from sandbox.tour.rows import Row, Rows

CHANNEL = "prod-access"
EHR, PROD = "ehr-db/read", "aws-prod/read-only"
ANA, ANAS_LOGIN, ANAS_AWS = "p-ana", "ana_ruiz", "ana.ruiz"
ROLE, ACCOUNT, PERMISSION_SET = "ehr_reader", "111122223333", "ReadOnly"

Found = TypeVar("Found")


@dataclass(slots=True)
class Stage:
    """``session`` is the connection that Ana keeps open while her access lasts."""

    sandbox: Sandbox
    narrator: Narrator
    proof: Proof
    session: Session | None = field(default=None)

    # --- people ---------------------------------------------------------------------------------------------

    @property
    def ana(self) -> Acting:
        return self.sandbox.slack.person("ana")

    @property
    def ben(self) -> Acting:
        return self.sandbox.slack.person("ben")

    @property
    def marcus(self) -> Acting:
        return self.sandbox.slack.person("marcus")

    # --- places ---------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Rows:
        return Rows(self.sandbox.database_url)

    @property
    def clinic(self) -> Database:
        """The clinic's database as Ana's own login."""
        return Database(self.sandbox.login_url(ANAS_LOGIN))

    @property
    def aws(self) -> Aws:
        return Aws(self.sandbox.moto_url, self.sandbox.options.clinic)

    def page(self, user: str, channel: str = "") -> str:
        """The address of the sandbox's Slack as this person."""
        return f"{self.sandbox.page_url}/as/{user}/" + (f"c/{channel}" if channel else "home")

    # --- looking --------------------------------------------------------------------------------------------

    async def card(self, who: Acting, about: str) -> Message | None:
        """The newest card in the channel that speaks of this entitlement."""
        cards = [each for each in await who.messages(CHANNEL) if about in words(each) and each.get("bot_id")]
        cards = [each for each in cards if each["ephemeral_for"] is None]
        return cards[-1] if cards else None

    async def card_saying(self, who: Acting, about: str, said: str, *, within: float = 30) -> Message:
        """The card, once it says so. Raises SandboxFault."""

        async def look() -> Message | None:
            card = await self.card(who, about)
            return card if card and said in words(card) else None

        return await self.awaited(look, f"the card about {about} says “{said}”", within=within)

    async def grant(self, entitlement: str, status: str, *, within: float = 30) -> Row:
        """Ana's newest grant of it, once it is in this state. Raises SandboxFault."""

        async def look() -> Row | None:
            row = await self.rows.request(ANA, entitlement)
            return row if row and row["status"] == status else None

        return await self.awaited(look, f"the grant of {entitlement} is {status}", within=within)

    async def awaited(self, look: Callable[[], Awaitable[Found | None]], what: str, *, within: float = 30) -> Found:
        with self.narrator.waiting(what):
            found: Found = await until(look, what, within=within)
        return found

    def check(self, what: str, held: bool, seen: str = "") -> None:
        """Put it on the proof, and say it."""
        self.narrator.checked(self.proof.check(what, held, seen))

    async def settle(self) -> None:
        """Give messages under way the time to arrive."""
        await asyncio.sleep(0.3)


def state_of(message: Message) -> str:
    """The line of a card that tells its state: the third block."""
    return words(message["blocks"][2]) if len(message.get("blocks") or []) > 2 else words(message)  # noqa: PLR2004
