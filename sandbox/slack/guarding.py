"""Only this machine, and only under its own name: no page on the web may reach in through a rebound name."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def is_own(address: str) -> bool:
    """Whether ``host`` or ``host:port`` names this machine."""
    try:
        return urlsplit(f"//{address}").hostname in OWN_NAMES
    except ValueError:
        return False


class LoopbackOnly:
    """Refuses a Host or Origin header that does not name the loopback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and not self._allowed(Headers(scope=scope)):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4003})
            else:
                answer = PlainTextResponse("This sandbox answers to 127.0.0.1 and localhost only.", 421)
                await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allowed(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return is_own(headers.get("host", "")) and (origin is None or is_own(urlsplit(origin).netloc))
