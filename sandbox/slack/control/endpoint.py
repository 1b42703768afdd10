"""The HTTP side of the control API. JSON in, JSON out; 400 with ``error`` for what cannot be done."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.slack.actions import Actions, CannotDo
from sandbox.slack.control.acting import Actor
from sandbox.slack.control.administering import administer
from sandbox.slack.control.looking import state
from sandbox.slack.engine import Engine
from sandbox.slack.faults import InjectedFault

Work = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


async def _order(request: Request) -> dict[str, Any]:
    """The JSON body. Only with its proper content type, so that no web page can forge one without asking."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise CannotDo("send JSON with the content type application/json")
    try:
        order = json.loads(await request.body() or b"{}")
    except ValueError:
        raise CannotDo("the body is not JSON") from None
    if not isinstance(order, dict):
        raise CannotDo("the body must be a JSON object")
    return order


def _posted(work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await work(await _order(request)))
        except CannotDo as refusal:
            return JSONResponse({"ok": False, "error": str(refusal)}, 400)

    return endpoint


class Control:
    """Looks at, breaks and resets one engine."""

    def __init__(self, engine: Engine, actions: Actions) -> None:
        self._engine = engine
        self._actor = Actor(engine.workspace, actions)

    async def state(self, _request: Request) -> Response:
        return JSONResponse(state(self._engine))

    async def faults(self, _request: Request) -> Response:
        return JSONResponse({"ok": True, "faults": self._engine.faults.listed()})

    async def clear_faults(self, _request: Request) -> Response:
        self._engine.faults.clear()
        return JSONResponse({"ok": True})

    async def calls(self, request: Request) -> Response:
        """Calls and deliveries; ``?method=`` narrows the calls."""
        listed = self._engine.journal.listed()
        if method := request.query_params.get("method"):
            listed["calls"] = [call for call in listed["calls"] if call["method"] == method]
        return JSONResponse({"ok": True, **listed})

    async def clear_calls(self, _request: Request) -> Response:
        self._engine.journal.clear()
        return JSONResponse({"ok": True})

    async def idle(self, _request: Request) -> Response:
        """Answers once no delivery is on its way."""
        await self._engine.delivery.idle()
        return JSONResponse({"ok": True})

    async def inject(self, order: dict[str, Any]) -> dict[str, Any]:
        """``target`` may also be spelled ``method`` or ``path``."""
        named = dict(order)
        for spelling in ("method", "path"):
            if spelling in named:
                named["target"] = named.pop(spelling)
        try:
            self._engine.faults.add(InjectedFault(**named))
        except (TypeError, ValueError) as error:
            raise CannotDo(str(error)) from None
        return {"ok": True}

    async def act(self, order: dict[str, Any]) -> dict[str, Any]:
        return await self._actor.act(order)

    async def administer(self, order: dict[str, Any]) -> dict[str, Any]:
        return await administer(self._engine, order)

    async def reset(self, _order: dict[str, Any]) -> dict[str, Any]:
        self._engine.reset()
        return {"ok": True}


def control_routes(engine: Engine, actions: Actions) -> list[Route]:
    """The routes of the control API."""
    control = Control(engine, actions)
    return [
        Route("/sandbox/state", control.state, methods=["GET"]),
        Route("/sandbox/faults", control.faults, methods=["GET"]),
        Route("/sandbox/faults", control.clear_faults, methods=["DELETE"]),
        Route("/sandbox/faults", _posted(control.inject), methods=["POST"]),
        Route("/sandbox/calls", control.calls, methods=["GET"]),
        Route("/sandbox/calls", control.clear_calls, methods=["DELETE"]),
        Route("/sandbox/idle", control.idle, methods=["GET"]),
        Route("/sandbox/act", _posted(control.act), methods=["POST"]),
        Route("/sandbox/admin", _posted(control.administer), methods=["POST"]),
        Route("/sandbox/reset", _posted(control.reset), methods=["POST"]),
    ]
