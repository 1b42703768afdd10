"""The GET side of the page, and the table of all its routes."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.slack.actions import Actions
from sandbox.slack.page import live, orders
from sandbox.slack.page.deeds import Deeds
from sandbox.slack.page.parts import Parts
from sandbox.slack.page.place import Nowhere, actor, place
from sandbox.slack.page.web import HEADERS, html
from sandbox.slack.workspace import Workspace

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(workspace: Workspace, actions: Actions) -> list[BaseRoute]:
    """The page, to be mounted at ``/``: the chooser, ``/as/{user}/...`` and ``/page-static``."""
    parts = Parts(workspace)
    look, deeds = Look(parts), Deeds(parts, actions)
    posts: dict[str, Endpoint] = {
        "say": deeds.endpoint(orders.Say, deeds.say),
        "press": deeds.endpoint(orders.Press, deeds.press),
        "submit": deeds.endpoint(orders.Submit, deeds.submit),
        "close": deeds.endpoint(orders.Close, deeds.close),
        "shortcut": deeds.endpoint(orders.Shortcut, deeds.shortcut),
        "options": deeds.endpoint(orders.Options, deeds.options),
        "enter": deeds.endpoint(orders.Enter, deeds.enter),
        "meet": deeds.endpoint(orders.Meet, deeds.meet),
        "join": deeds.endpoint(orders.Join, deeds.join),
        "upload": deeds.upload,
    }
    return [
        Route("/", look.chooser),
        Route("/as/{user}", look.front),
        Route("/as/{user}/home", look.page),
        Route("/as/{user}/c/{channel}", look.page),
        Route("/as/{user}/part/{part}", look.part),
        Route("/as/{user}/events", look.events),
        Route("/as/{user}/files/{file}", look.file),
        *(Route(f"/as/{{user}}/{name}", deed, methods=["POST"]) for name, deed in posts.items()),
        Mount("/page-static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]


class Look:
    """What can be looked at."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._workspace = parts, parts.workspace

    async def chooser(self, _request: Request) -> Response:
        return html(self._parts.chooser())

    async def front(self, request: Request) -> Response:
        return RedirectResponse(f"/as/{quote(request.path_params['user'], safe='')}/home", 303, headers=HEADERS)

    async def page(self, request: Request) -> Response:
        channel, thread = request.path_params.get("channel"), request.query_params.get("thread")
        try:
            found = place(actor(request, self._workspace), channel, thread, self._workspace)
        except Nowhere as nowhere:
            return html(self._parts.nowhere(str(nowhere)), nowhere.status)
        return html(self._parts.page(found))

    async def part(self, request: Request) -> Response:
        """One part of the page as a fragment, for the place that the query names."""
        asked = request.query_params
        try:
            found = place(actor(request, self._workspace), asked.get("channel"), asked.get("thread"), self._workspace)
            return html(self._parts.part(request.path_params["part"], found))
        except Nowhere as nowhere:
            return html(self._parts.nowhere(str(nowhere)), nowhere.status)
        except KeyError:
            return html(self._parts.nowhere("The page has no such part."), 404)

    async def events(self, request: Request) -> Response:
        try:
            return live.stream(actor(request, self._workspace), self._workspace)
        except Nowhere as nowhere:
            return html(self._parts.nowhere(str(nowhere)), nowhere.status)

    async def file(self, request: Request) -> Response:
        """An uploaded file, for whoever is in a channel where it was shared."""
        try:
            user = actor(request, self._workspace)
        except Nowhere as nowhere:
            return html(self._parts.nowhere(str(nowhere)), nowhere.status)
        found = self._workspace.files.get(request.path_params["file"])
        shared = (
            [self._workspace.channels[one] for one in found.channels if one in self._workspace.channels]
            if found
            else []
        )
        if found is None or found.content is None or not any(self._workspace.may_see(user.id, one) for one in shared):
            return html(self._parts.nowhere("There is no such file, or it was not shared with you."), 404)
        saved_as = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"}
        return Response(found.content, media_type="application/octet-stream", headers=HEADERS | saved_as)
