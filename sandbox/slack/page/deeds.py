"""What a person does on the page, handed to the simulator's hands."""

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from sandbox.slack.actions import Actions, CannotDo, Outcome
from sandbox.slack.page import orders
from sandbox.slack.page.option_list import option_list
from sandbox.slack.page.outgoing import outgoing
from sandbox.slack.page.parts import Parts
from sandbox.slack.page.people import zone_of
from sandbox.slack.page.place import Nowhere, actor
from sandbox.slack.page.web import foreign, told
from sandbox.slack.workspace import User

Told = dict[str, Any]
Given = TypeVar("Given", bound=orders.Order)


class Deeds:
    """The POST side of the page. Every answer is JSON; ``failed`` is what Slack would say went wrong."""

    def __init__(self, parts: Parts, actions: Actions) -> None:
        self._workspace, self._memory, self._actions = parts.workspace, parts.memory, actions

    def endpoint(
        self, shape: type[Given], deed: Callable[[User, Given], Awaitable[Told]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """An HTTP endpoint around a deed: 403 for other sites, 400 for what the script never sends, 409 for cannot."""

        async def answer(request: Request) -> Response:
            if foreign(request):
                return told({"failed": "Only the sandbox's own page may do this."}, 403)
            try:
                user = actor(request, self._workspace)
                return told(await deed(user, shape.model_validate_json(await request.body())))
            except Nowhere as nowhere:
                return told({"failed": str(nowhere)}, nowhere.status)
            except ValidationError:
                return told({"failed": "The page sent something unexpected. Reload it."}, 400)
            except CannotDo as cannot:
                return told({"failed": str(cannot)}, 409)

        return answer

    async def say(self, user: User, order: orders.Say) -> Told:
        if order.text.startswith("/") and not order.text.startswith("//"):
            return _seen(await self._actions.slash(user.id, order.channel, order.text.strip()))
        text = outgoing(order.text.strip(), user.id, self._workspace)
        return _seen(await self._actions.say(user.id, order.channel, text, order.thread))

    async def press(self, user: User, order: orders.Press) -> Told:
        zone = zone_of(user)
        value, values = _instant(order.value, zone), _instants(order.values, zone)
        spot = order.spot.container()
        return _seen(await self._actions.press(user.id, spot, order.block_id, order.action_id, value, values=values))

    async def submit(self, user: User, order: orders.Submit) -> Told:
        view = self._workspace.view(order.view_id)
        self._memory.forget_errors(order.view_id)
        outcome = await self._actions.submit_view(user.id, order.view_id, _instants(order.values, zone_of(user)))
        if view is not None and outcome.errors:
            self._memory.keep_errors(view, outcome.errors)
        return _seen(outcome)

    async def close(self, user: User, order: orders.Close) -> Told:
        return _seen(await self._actions.close_view(user.id, order.view_id, clear=order.clear))

    async def shortcut(self, user: User, order: orders.Shortcut) -> Told:
        if order.channel and order.ts:
            done = await self._actions.message_shortcut(user.id, order.channel, order.ts, order.callback_id)
        else:
            done = await self._actions.global_shortcut(user.id, order.callback_id)
        return _seen(done)

    async def options(self, user: User, order: orders.Options) -> Told:
        spot = order.spot.container()
        outcome = await self._actions.options(user.id, spot, order.block_id, order.action_id, order.query)
        return _seen(outcome) | {"html": option_list(outcome.options, user, self._workspace, order)}

    async def enter(self, user: User, order: orders.Enter) -> Told:
        return _seen(await self._actions.open_home(user.id, order.tab))

    async def meet(self, user: User, order: orders.Meet) -> Told:
        return _seen(await self._actions.open_dm(user.id, order.other))

    async def join(self, user: User, order: orders.Join) -> Told:
        return _seen(await self._actions.join(user.id, order.channel))

    async def upload(self, request: Request) -> Response:
        """The bytes are the body, the name is in the address. Answers the file's id."""
        if foreign(request):
            return told({"failed": "Only the sandbox's own page may do this."}, 403)
        try:
            user = actor(request, self._workspace)
        except Nowhere as nowhere:
            return told({"failed": str(nowhere)}, nowhere.status)
        name = request.query_params.get("name", "file")[:255]
        return told({"failed": None, "file": await self._actions.upload(user.id, name, await request.body())})


def _seen(outcome: Outcome) -> Told:
    return {
        "failed": outcome.failed,
        "errors": outcome.errors,
        "channel": outcome.channel,
        "ts": outcome.ts,
    }


def _instants(values: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    return {block: _instant(value, zone) for block, value in values.items()}


def _instant(value: Any, zone: tzinfo) -> Any:
    """Wall time in the person's zone as Unix seconds; everything else as it came."""
    if not (isinstance(value, dict) and set(value) == {"wall"}):
        return value
    try:
        return int(datetime.fromisoformat(str(value["wall"])).replace(tzinfo=zone).timestamp())
    except ValueError:
        return None
