"""Listeners of the access playbook: `/access`, its forms, its buttons and the Home tab."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.dispatch import NOTHING, Answer, Dispatch, Payload
from core.errors import Conflict, NotFound, Refused
from core.jobs import enqueue
from core.privacy import refuse_if_private
from integrations.messages import home_job
from integrations.ports import Messenger, Person
from playbooks.access import commands
from playbooks.access.blocks import Action, Form, deny_form, id_from, read_denial, read_request, request_form
from playbooks.access.blocks.forms import DURATION, ENTITLEMENT, MINIMUM, REASON, Wish
from playbooks.access.blocks.parts import plain
from playbooks.access.commands import Desk
from playbooks.access.commands.decide import require_pending
from playbooks.access.commands.load import grant_of, request_of
from playbooks.access.commands.messages import redraw
from playbooks.access.jobs.drawing import load_home
from playbooks.access.policy import Offer, offers

_HELP = (
    "*`/access`* opens the form to request production access.\n"
    "*`/access TARGET`* opens it with a target chosen, for example `/access {example}`.\n"
    "*`/access list`* shows what you hold and what you have asked for.\n"
    "*`/access help`* shows this.\n"
    "Approve, deny and end access with the buttons on the cards, or in the Home tab of this app."
)

_MOST_LISTED = 10


def register(dispatch: Dispatch, desk: Desk, messenger: Messenger) -> None:
    """Tell the dispatch which names belong to access."""
    listeners = _Listeners(desk, messenger)
    dispatch.commands["/access"] = listeners.command
    dispatch.shortcuts["request_access"] = listeners.open_form
    dispatch.actions[Action.open_form] = listeners.open_form
    dispatch.actions[Action.pick] = listeners.pick
    dispatch.actions[Action.approve] = listeners.approve
    dispatch.actions[Action.deny] = listeners.ask_why_denied
    dispatch.actions[Action.withdraw] = listeners.withdraw
    dispatch.actions[Action.done] = listeners.done
    dispatch.views[Form.request] = listeners.request
    dispatch.views[Form.deny] = listeners.deny
    dispatch.events["app_home_opened"] = listeners.home_opened


@dataclass(frozen=True, slots=True)
class _Listeners:
    desk: Desk
    messenger: Messenger

    async def command(self, payload: Payload) -> Answer:
        word = str(payload.body.get("text") or "").strip()
        refuse_if_private(word, "/access")  # it is quoted below, and errors are logged
        if word == "help":
            return Answer(text=self._help())
        if word == "list":
            return Answer(text=await self._list(await self._person(payload)))
        return await self._open(payload, chosen=word or None)

    async def open_form(self, payload: Payload) -> Answer:
        return await self._open(payload, chosen=None)

    async def pick(self, payload: Payload) -> Answer:
        """An entitlement was chosen in the open form: show what it takes."""
        view: dict[str, Any] = payload.body.get("view") or {}
        option = payload.action.get("selected_option")
        chosen = option.get("value") if isinstance(option, dict) else None
        form = request_form(await self._offers(await self._person(payload)), chosen)
        await self.messenger.update_view(str(view.get("id")), str(view.get("hash")), form)
        return NOTHING

    async def request(self, payload: Payload) -> Answer:
        view: dict[str, Any] = payload.body.get("view") or {}
        wish = read_request(_values(view))
        person = await self._person(payload)
        offer = next((each for each in await self._offers(person) if each.entitlement.key == wish.entitlement), None)
        if offer is not None and (missing := _missing(offer, wish)) and not _asks(view, missing):
            # The form was sent before it had learned what the chosen target takes.
            return Answer(view=request_form(await self._offers(person), wish.entitlement))
        return await _at_field(self._ask(payload, person, wish, submission=str(view.get("id") or "") or None))

    async def approve(self, payload: Payload) -> Answer:
        request = _row(payload)
        approver = await self._decider(payload, request, "approve")
        async with self._redrawn_if_stale(request):
            await commands.approve(self.desk, commands.Approve(request, approver))
        return NOTHING

    async def ask_why_denied(self, payload: Payload) -> Answer:
        request = await request_of(self.desk.database, _row(payload))
        await self._decider(payload, request.id, "deny")
        async with self._redrawn_if_stale(request.id):
            require_pending(request)
        about = f"the request of {request.requester_name} for `{request.entitlement}`"
        await self._show(payload, deny_form(request.id, about))
        return NOTHING

    async def deny(self, payload: Payload) -> Answer:
        view: dict[str, Any] = payload.body.get("view") or {}
        request, reason = read_denial(str(view.get("private_metadata") or ""), _values(view))
        try:
            async with self._redrawn_if_stale(request):
                denier = await self._decider(payload, request, "deny")
                await commands.deny(self.desk, commands.Deny(request, denier, reason))
        except Refused as error:
            return Answer(errors={REASON: str(error)})
        return Answer(clear=True)

    async def withdraw(self, payload: Payload) -> Answer:
        request, requester = _row(payload), await self._person(payload)
        async with self._redrawn_if_stale(request):
            await commands.withdraw(self.desk, commands.Withdraw(request, requester))
        return NOTHING

    async def done(self, payload: Payload) -> Answer:
        holder = await self._person(payload)
        grant = await grant_of(self.desk.database, _row(payload))
        async with self._redrawn_if_stale(grant.request_id):
            await commands.end_early(self.desk, commands.EndEarly(grant.id, holder))
        return NOTHING

    async def home_opened(self, payload: Payload) -> Answer:
        if payload.body.get("event", payload.body).get("tab", "home") == "home":
            async with self.desk.database.autocommit() as connection:
                await enqueue(connection, [home_job(payload.user)])
        return NOTHING

    @asynccontextmanager
    async def _redrawn_if_stale(self, request: UUID) -> AsyncIterator[None]:
        """A press that came too late was made on a card that shows something else: draw it again."""
        try:
            yield
        except Conflict:
            async with self.desk.database.autocommit() as connection:
                await enqueue(connection, [redraw(request)])
            raise

    async def _ask(self, payload: Payload, person: Person, wish: Wish, *, submission: str | None) -> Answer:
        asked = commands.Ask(
            requester=person,
            entitlement=wish.entitlement,
            duration=wish.duration,
            reason=wish.reason,
            purpose=wish.purpose,
            minimum_necessary=wish.minimum_necessary,
            submission=submission and f"{payload.team}:{submission}",
        )
        await commands.ask(self.desk, asked)
        return Answer(clear=True)

    async def _open(self, payload: Payload, *, chosen: str | None) -> Answer:
        person = await self._person(payload)
        offered = await self._offers(person)
        matching = [each for each in offered if chosen and each.entitlement.key.startswith(chosen)]
        if chosen and not matching:
            known = ", ".join(f"`{each.entitlement.key}`" for each in offered[:_MOST_LISTED]) or "nothing at present"
            raise NotFound(f"“{chosen}” is nothing that you may ask for. You may ask for: {known}.")
        await self._show(payload, request_form(offered, matching[0].entitlement.key if matching else None))
        return NOTHING

    async def _show(self, payload: Payload, form: dict[str, Any]) -> None:
        if not payload.trigger_id:
            raise Refused("Slack sent no trigger to open a form with. Use `/access` instead.")
        await self.messenger.open_view(payload.trigger_id, form)

    async def _person(self, payload: Payload) -> Person:
        """Whoever acts, as the directory knows them now. Raises NotFound for guests, bots and strangers."""
        return await self.desk.directory.by_slack(payload.team, payload.user)

    async def _decider(self, payload: Payload, request: UUID, wanted: str) -> Person:
        """As ``_person``; an attempt by somebody unknown is put on the record of the request."""
        try:
            return await self._person(payload)
        except NotFound:
            who = {"team": payload.team, "slack_user": payload.user}
            await commands.turn_away(self.desk, request, **who, wanted=wanted)
            raise

    async def _offers(self, person: Person) -> list[Offer]:
        return offers(self.desk.policies, self.desk.catalogue, person, self.desk.clock.now())

    async def _list(self, person: Person) -> str:
        view = await load_home(self.desk, person)
        lines = [
            *(f"• You hold {sheet.asked_for}" for sheet in view.holding),
            *(f"• You asked for {sheet.asked_for}: {sheet.request.status}" for sheet in view.recent[:_MOST_LISTED]),
            *(f"• Waiting for you: {plain(sheet.request.requester_name)}, {sheet.asked_for}" for sheet in view.waiting),
        ]
        return "\n".join(lines) or "You hold nothing, asked for nothing, and nothing waits for you."

    def _help(self) -> str:
        return _HELP.format(example=next(iter(self.desk.catalogue.entitlements), "target/entitlement"))


def _row(payload: Payload) -> UUID:
    return id_from(str(payload.action.get("value") or ""))


def _values(view: dict[str, Any]) -> object:
    state = view.get("state")
    return state.get("values") if isinstance(state, dict) else None


def _missing(offer: Offer, wish: Wish) -> list[str]:
    given = {"purpose": wish.purpose, "minimum_necessary": wish.minimum_necessary}
    return [block for block, value in given.items() if block in offer.requires and not value]


def _asks(view: dict[str, Any], blocks: list[str]) -> bool:
    shown = {str(block.get("block_id")) for block in view.get("blocks") or [] if isinstance(block, dict)}
    return set(blocks) <= shown


async def _at_field(asking: Awaitable[Answer]) -> Answer:
    """A refusal stands at the field that can mend it."""
    try:
        return await asking
    except Refused as error:
        return Answer(errors={_BLOCKS.get(error.field or "", ENTITLEMENT): str(error)})
    except NotFound as error:
        return Answer(errors={ENTITLEMENT: str(error)})


_BLOCKS = {"reason": REASON, "minimum necessary": MINIMUM, "duration": DURATION}
