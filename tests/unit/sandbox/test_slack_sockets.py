"""Socket Mode when a connection breaks at the worst moment."""

import asyncio
from typing import Any, cast

from starlette.websockets import WebSocket

from core.clock import ManualClock
from sandbox.slack.delivery import Parcel, SocketTransport
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Workspace


class Brittle:
    """A connection that takes the hello and breaks at the next message, before anybody hears of its end."""

    def __init__(self, ticket: str) -> None:
        self.query_params = {"ticket": ticket}
        self.sent: list[dict[str, Any]] = []

    async def accept(self) -> None:
        return

    async def send_json(self, message: dict[str, Any]) -> None:
        if self.sent:
            raise RuntimeError("the connection is closed")
        self.sent.append(message)

    async def receive_text(self) -> str:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_connection_that_breaks_while_sending_is_unreachable_and_can_be_let_go() -> None:
    transport = SocketTransport(Workspace(clock=ManualClock()), Settings())
    connection = Brittle(transport.ticket())
    serving = asyncio.create_task(transport.serve(cast("WebSocket", connection)))
    await asyncio.sleep(0)
    assert connection.sent[0]["type"] == "hello"
    ack = await transport.send(Parcel("slash_commands", "commands", {}), 1.0)
    assert ack.outcome == "unreachable"
    await transport.aclose()
    assert transport.connections == 0
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
