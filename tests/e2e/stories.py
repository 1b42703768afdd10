"""People of the clinic at work in a running sandbox: they ask, approve and end, as patiently as people are."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from sandbox.house import CannotAct, Sandbox, SandboxFault, until, words
from sandbox.house.slack_control import Message, View
from sandbox.tour.hands import Aws, Database
from sandbox.tour.rows import Row, Rows

READ, PROD = "ehr-db/read", "aws-prod/read-only"
STAGING_DB, STAGING_AWS = "scheduling-db-staging/read", "aws-staging/read-only"
"""What engineers take for themselves: no approval, so that a story is short."""

CHANNEL = "prod-access"
WISHES: dict[str, dict[str, str]] = {
    READ: {"purpose": "incident", "minimum_necessary": "Only ehr.replica, no charts"},
}

_REQUEST = "SELECT * FROM access_request WHERE submission = %s"
_GRANT = "SELECT * FROM access_grant WHERE request_id = %s"
_EVENTS = """
    SELECT event FROM ledger_entry WHERE subject = %(request)s
        OR subject IN (SELECT id FROM access_grant WHERE request_id = %(request)s) ORDER BY xid, id"""
_AT_WORK = "SELECT id FROM pgqueuer WHERE status = 'picked'"

Found = TypeVar("Found")

PATIENCE = 90.0
"""Seconds: how long a loaded machine may take to come to what a story waits for. Not a promise to users."""

CURES = ("Try again", "look before you try again")
"""What a form says when a part was away for a moment. Sending the same form again is one request."""


@dataclass(frozen=True)
class Story:
    """One sandbox, and what its people do in it."""

    sandbox: Sandbox

    @property
    def rows(self) -> Rows:
        return Rows(self.sandbox.database_url)

    # --- people act -----------------------------------------------------------------------------------------

    async def ask(self, who: str, entitlement: str, *, minutes: int = 60) -> UUID:
        """Ask through the form, pressing Submit until it is taken: a form that failed is still open."""
        view = await self._form(who)
        wish = {"entitlement": entitlement, "duration": str(minutes), "reason": "INC-4711: replication lags behind"}
        return await self.submit(who, view, wish | WISHES.get(entitlement, {}))

    async def submit(self, who: str, view: View, wish: dict[str, str]) -> UUID:
        acting = self.sandbox.slack.person(who)
        if len(wish) > 3:
            view = await self._chosen(who, view, wish["entitlement"])

        async def sent() -> bool:
            if await acting.modal() is None:
                return True
            outcome = await acting.submit(view, wish)
            unforeseen = [text for text in outcome["errors"].values() if not any(cure in text for cure in CURES)]
            assert not unforeseen, unforeseen
            return bool(outcome["closed"])

        await until(sent, f"{who}'s form is taken", within=PATIENCE)
        request = await self.looked_up(lambda: self._one(_REQUEST, f"T0CLINIC:{view['id']}"), "the request is recorded")
        return UUID(str(request["id"]))

    async def approve(self, who: str, request: UUID) -> None:
        """Press Approve until the request is decided."""

        async def decided() -> bool:
            card = await self.card(request)
            if card and "access.approve" in str(card["blocks"]):
                await self.pressed(who, card, "access.approve")
            return (await self.request(request))["status"] != "pending"

        await self.looked_up(decided, f"{who}'s approval is taken")

    async def done(self, who: str, request: UUID) -> None:
        """Press I'm done in the bot's direct message until the grant is ending."""

        async def ending() -> bool:
            grant = await self.grant(request)
            for message in await self.sandbox.slack.person(who).direct():
                if grant and "access.done" in str(message.get("blocks")) and str(grant["id"]) in str(message):
                    await self.pressed(who, message, "access.done")
                    break
            return bool(grant) and grant["status"] in {"revoking", "revoked"}

        await self.looked_up(ending, f"{who}'s end is taken")

    async def pressed(self, who: str, message: Message, action: str) -> dict[str, Any]:
        """Press it; a button that is gone under the finger was pressed by somebody else."""
        try:
            return await self.sandbox.slack.person(who).press(message, action)
        except CannotAct:
            return {"failed": "gone"}

    async def runs_out(self, request: UUID) -> None:
        """Time moves to the grant's end."""
        grant = await self.grant(request)
        assert grant is not None
        await self.sandbox.travel_to(grant["due_at"])

    # --- what stands ----------------------------------------------------------------------------------------

    async def request(self, request: UUID) -> Row:
        return (await self.rows.all("SELECT * FROM access_request WHERE id = %s", [request]))[0]

    async def grants(self, request: UUID) -> list[Row]:
        return list(await self.rows.all(_GRANT, [request]))

    async def grant(self, request: UUID) -> Row | None:
        found = await self.grants(request)
        assert len(found) <= 1, found
        return found[0] if found else None

    async def comes_to(self, request: UUID, status: str, *, within: float = PATIENCE) -> Row:
        """The grant, once it is in this state."""

        async def look() -> Row | None:
            grant = await self.grant(request)
            return grant if grant and grant["status"] == status else None

        return await self.looked_up(look, f"the grant is {status}", within=within)

    async def events(self, request: UUID) -> list[str]:
        return [each["event"] for each in await self.rows.all(_EVENTS, {"request": request})]

    async def cards(self, request: UUID) -> list[Message]:
        """Every message in the channel about the request: one, if all is well."""
        seen = await self.sandbox.slack.person("tom").messages(CHANNEL)
        return [each for each in seen if f"`{str(request)[:8]}`" in words(each)]

    async def card(self, request: UUID) -> Message | None:
        return next(iter(await self.cards(request)), None)

    async def card_says(self, request: UUID, said: str, *, within: float = PATIENCE) -> Message:
        async def look() -> Message | None:
            card = await self.card(request)
            return card if card and said in words(card) else None

        return await self.looked_up(look, f"the card says “{said}”", within=within)

    def database(self, login: str) -> Database:
        return Database(self.sandbox.login_url(login))

    @property
    def aws(self) -> Aws:
        return Aws(self.sandbox.moto_url, self.sandbox.options.clinic)

    async def at_work(self) -> set[int]:
        """The jobs that somebody is at work on, or has died over."""
        return {each["id"] for each in await self.rows.all(_AT_WORK)}

    async def idle(self, *, apart_from: AbstractSet[int] = frozenset()) -> None:
        """Nobody is at work on any other job."""

        async def look() -> bool:
            return await self.at_work() <= apart_from

        await self.looked_up(look, "every worker is idle")

    async def verified(self) -> dict[str, Any]:
        """What `chaperone ledger verify --json` says once every entry has its number; it must hold."""
        await self.looked_up(self.rows.sequenced, "every entry has its number")
        done = await self.sandbox.chaperone("ledger", "verify", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(done.stdout))

    async def looked_up(
        self, look: Callable[[], Awaitable[Found | None]], what: str, *, within: float = PATIENCE
    ) -> Found:
        """Poll, through a database or a Slack that is away for a moment."""

        async def patiently() -> Found | None:
            try:
                return await look()
            except psycopg.OperationalError:
                return None

        try:
            found: Found = await until(patiently, what, within=within)
        except SandboxFault as fault:
            ended = [self.sandbox.how_it_ended(name) for name in self.sandbox.died()]
            raise AssertionError("\n".join([str(fault), *ended])) from None
        return found

    # --- the form -------------------------------------------------------------------------------------------

    async def _form(self, who: str) -> View:
        """An open form, asked for until it opens: the app may be away for a moment."""
        acting = self.sandbox.slack.person(who)

        async def opened() -> View | None:
            view = await acting.modal()
            if view is None and not (await acting.slash("/access", CHANNEL))["failed"]:
                view = await acting.modal()
            return view

        found: View = await until(opened, f"{who}'s form opens")
        return found

    async def _chosen(self, who: str, view: View, entitlement: str) -> View:
        """The form with the target chosen: it asks for more then. Pressed until it does."""
        acting = self.sandbox.slack.person(who)

        async def learned() -> View | None:
            now = await acting.choose(view, "entitlement", "access.pick", entitlement)
            return now if "minimum_necessary" in {block.get("block_id") for block in now["blocks"]} else None

        found: View = await until(learned, "the form asks for purpose and least need")
        return found

    async def _one(self, query: Any, *parameters: object) -> Row | None:
        found = await self.rows.all(query, parameters)
        return found[0] if found else None


async def later(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do it in a while."""
    await asyncio.sleep(seconds)
    await work()


__all__ = ["PROD", "READ", "STAGING_AWS", "STAGING_DB", "SandboxFault", "Story", "later"]
