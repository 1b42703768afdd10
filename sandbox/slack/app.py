"""The whole simulated Slack as one ASGI application."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, WebSocketRoute

from core.clock import Clock
from sandbox.slack.actions import Actions
from sandbox.slack.api import api_routes
from sandbox.slack.control import control_routes
from sandbox.slack.engine import Engine
from sandbox.slack.guarding import LoopbackOnly
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Workspace

PageRoutes = Callable[[Workspace, Actions], Sequence[BaseRoute]]


def create_app(
    workspace: Workspace,
    *,
    settings: Settings,
    clock: Clock | None = None,
    page_routes: PageRoutes | Sequence[BaseRoute] = (),
) -> Starlette:
    """The application. ``app.state.engine`` and ``app.state.actions`` are its parts.

    ``clock`` replaces the workspace's own. ``page_routes`` are routes, or a function that makes them from the
    workspace and its actions (``sandbox.slack.page.routes``); they come last.
    """
    workspace.clock = clock or workspace.clock
    engine = Engine(workspace, settings)
    actions = Actions(engine)
    page = page_routes(workspace, actions) if callable(page_routes) else page_routes

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.aclose()

    link = WebSocketRoute("/link/", engine.delivery.socket.serve)
    routes = [*api_routes(engine), *control_routes(engine, actions), link, *page]
    app = Starlette(routes=routes, middleware=[Middleware(LoopbackOnly)], lifespan=lifespan)
    app.state.engine, app.state.actions = engine, actions
    return app
