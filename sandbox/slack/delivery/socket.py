"""Socket Mode: up to ten connections, each envelope to one of them, acknowledged by its id.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.slack.delivery.ack import Ack, Parcel
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Workspace


class SocketTransport:
    """The open connections and the envelopes that wait for their acknowledgement."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self._workspace = workspace
        self._settings = settings
        self._tickets: set[str] = set()
        self._connections: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    @property
    def connections(self) -> int:
        return len(self._connections)

    def ticket(self) -> str:
        """A fresh, single-use ticket for one connection."""
        ticket = self._workspace.new_id("ticket-")
        self._tickets.add(ticket)
        return ticket

    async def serve(self, connection: WebSocket) -> None:
        """Hold one connection until either side ends it."""
        ticket = connection.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await connection.close(4001)
            return
        self._tickets.discard(ticket)
        await connection.accept()
        if len(self._connections) >= self._settings.max_connections:
            await connection.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await connection.close()
            return
        self._connections.append(connection)
        try:
            await connection.send_json(self._hello())
            while True:
                self._acknowledge(await connection.receive_text())
        except WebSocketDisconnect:
            return
        finally:
            if connection in self._connections:
                self._connections.remove(connection)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "connection_info": {"app_id": self._workspace.app.app_id},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
        }

    def _acknowledge(self, text: str) -> None:
        try:
            message = json.loads(text)
            waiting = self._waiting.pop(message["envelope_id"], None)
        except (ValueError, TypeError, KeyError):
            self._workspace.complaints.append("Socket Mode: an acknowledgement without an envelope_id")
            return
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    async def send(self, parcel: Parcel, timeout: float) -> Ack:  # noqa: ASYNC109  see Transport
        if not self._connections:
            return Ack("unreachable")
        self._connections.append(connection := self._connections.pop(0))
        envelope_id = self._workspace.new_id("envelope-")
        self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await connection.send_json(_envelope(envelope_id, parcel))
                return Ack("ok", await self._waiting[envelope_id] or None)
        except TimeoutError:
            return Ack("timeout")
        except (WebSocketDisconnect, RuntimeError):
            return Ack("unreachable")
        finally:
            self._waiting.pop(envelope_id, None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to come back on a new URL, as Slack does every few hours."""
        for connection in list(self._connections):
            self._connections.remove(connection)
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it may have gone by itself
                await connection.send_json({"type": "disconnect", "reason": reason})
                await connection.close()

    async def aclose(self) -> None:
        await self.refresh("link_disabled")


def _envelope(envelope_id: str, parcel: Parcel) -> dict[str, Any]:
    envelope = {
        "envelope_id": envelope_id,
        "type": parcel.envelope,
        "payload": parcel.payload,
        "accepts_response_payload": parcel.envelope != "events_api",
    }
    if parcel.envelope == "events_api":
        envelope |= {"retry_attempt": parcel.retry, "retry_reason": parcel.reason.removeprefix("http_")}
    return envelope
