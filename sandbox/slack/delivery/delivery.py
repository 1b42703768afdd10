"""Each payload once, and each event until it is taken."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from sandbox.slack.delivery.ack import Ack, Parcel, Transport
from sandbox.slack.delivery.http import REASONS, HttpTransport
from sandbox.slack.delivery.socket import SocketTransport
from sandbox.slack.faults import Faults, InjectedFault
from sandbox.slack.journal import Delivered, Journal
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Workspace


class Delivery:
    """Takes payloads to the app. Commands and interactivity are never retried; events are, three times."""

    def __init__(self, workspace: Workspace, settings: Settings, faults: Faults, journal: Journal) -> None:
        self._workspace = workspace
        self._settings = settings
        self._faults = faults
        self._journal = journal
        self.socket = SocketTransport(workspace, settings)
        self._http = HttpTransport(settings)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def _transport(self) -> Transport:
        return self.socket if self._settings.socket_mode else self._http

    async def command(self, payload: dict[str, Any]) -> Ack:
        return await self._deliver(Parcel("slash_commands", "commands", payload))

    async def interaction(self, payload: dict[str, Any]) -> Ack:
        target = "options" if payload["type"] == "block_suggestion" else "interactivity"
        return await self._deliver(Parcel("interactive", f"{target}:{payload['type']}", payload))

    def notify(self, payload: dict[str, Any]) -> None:
        """Send an interactive payload whose answer nobody waits for (view_closed)."""
        self._in_background(self._only(Parcel("interactive", f"interactivity:{payload['type']}", payload)))

    def event(self, payload: dict[str, Any]) -> None:
        """Deliver an event in the background, with retries."""
        self._in_background(self._until_taken(Parcel("events_api", f"events:{payload['event']['type']}", payload)))

    async def verified(self) -> bool:
        """Whether the request URL answers Slack's challenge, as it must when it is configured."""
        challenge = self._workspace.new_id("challenge-")
        payload = {"token": self._settings.verification_token, "challenge": challenge, "type": "url_verification"}
        ack = await self._deliver(Parcel("events_api", "url_verification", payload))
        return ack.ok and challenge in (
            ack.body if isinstance(ack.body, str) else str((ack.body or {}).get("challenge"))
        )

    async def idle(self) -> None:
        """Wait until no delivery is on its way, retries included."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def aclose(self) -> None:
        """Drop what is on its way and close the connections."""
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.socket.aclose()
        await self._http.aclose()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _only(self, parcel: Parcel) -> None:
        await self._deliver(parcel)

    async def _until_taken(self, parcel: Parcel) -> None:
        ack = await self._deliver(parcel)
        for number, delay in enumerate(self._settings.retry_delays, start=1):
            if ack.ok or ack.no_retry:
                return
            await asyncio.sleep(delay * self._settings.retry_scale)
            ack = await self._deliver(replace(parcel, retry=number, reason=REASONS[ack.outcome]))

    async def _deliver(self, parcel: Parcel) -> Ack:
        fault = self._faults.take(parcel.kind, parcel.kind.partition(":")[0])
        ack = await (self._faulty(parcel, fault) if fault else self._once(parcel))
        outcome = f"status {ack.status}" if ack.outcome == "status" else ack.outcome
        self._journal.deliveries.append(Delivered(self._workspace.clock.now(), parcel.kind, parcel.retry, outcome))
        return ack

    async def _once(self, parcel: Parcel) -> Ack:
        return await self._transport.send(parcel, self._settings.ack_timeout)

    async def _faulty(self, parcel: Parcel, fault: InjectedFault) -> Ack:
        match fault.kind:
            case "duplicate_delivery":
                first, _second = await asyncio.gather(self._once(parcel), self._once(parcel))
                return first
            case "lost_reply":
                await self._once(parcel)
                return Ack("timeout")
            case "late_reply":
                ack = await self._once(parcel)
                await asyncio.sleep(min(fault.seconds, self._settings.ack_timeout))
                return ack if fault.seconds < self._settings.ack_timeout else Ack("timeout")
            case _:
                return Ack("unreachable")
