"""Lanes on the sandbox's Slack, over HTTP: limits, lost and late replies, and workers with connections of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from core.clock import ManualClock
from core.database import Database
from core.errors import Transient
from integrations.messages import open_lane
from integrations.slack import Lanes, SlackMessenger
from sandbox.slack.faults import InjectedFault
from sandbox.slack.settings import Settings
from sandbox.slack.testing import RunningSlack, running_slack
from tests.scenarios.lanes.lane_world import Whiteboard


@dataclass
class Clinic:
    running: RunningSlack
    workers: list[Lanes]
    board: Whiteboard
    clock: ManualClock
    waits: list[float] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [message.text for message in self.running.workspace.channels["C01PRIV"].messages]

    async def draw(self, worker: Lanes, subject: str) -> None:
        """As the worker's loop does it, on a clock that jumps to where Slack wants us to wait."""
        async with asyncio.timeout(20):
            while True:
                try:
                    return await worker.draw(subject)
                except Transient as error:
                    self.waits.append(error.retry_after or 0)
                    self.clock.advance(timedelta(seconds=error.retry_after or 0))
                    await asyncio.sleep(0.01)


@pytest.fixture
async def clinic(database_url: str) -> AsyncIterator[Clinic]:
    board, clock = Whiteboard(), ManualClock()
    async with AsyncExitStack() as stack:
        settings = Settings(rate_limits=True, post_burst=3)
        running = await stack.enter_async_context(running_slack(clock=clock, settings=settings))
        database = await stack.enter_async_context(Database(database_url, size=4))
        workers = []
        for _ in range(2):
            messenger = SlackMessenger("xoxb-sandbox", clock=clock, base_url=running.api_url, timeout=0.3)
            await stack.enter_async_context(messenger)
            workers.append(Lanes(database, messenger, clock, {"card": board.draw}))
        async with database.transaction() as transaction:
            for number in range(8):
                await open_lane(
                    transaction.connection, lane=f"card:{number}", subject=f"access:{number}", channel="C01PRIV"
                )
        yield Clinic(running, workers, board, clock)


async def test_more_messages_than_a_channel_takes_a_second_all_arrive_once_with_the_newest_state(
    clinic: Clinic,
) -> None:
    clinic.board.states |= {str(number): f"asked {number}" for number in range(8)}
    first, second = clinic.workers
    async with asyncio.TaskGroup() as drawing:
        for number in range(8):
            drawing.create_task(clinic.draw(first, f"access:{number}"))
            clinic.board.states[str(number)] = f"granted {number}"
            drawing.create_task(clinic.draw(second, f"access:{number}"))
    assert sorted(clinic.texts()) == [f"granted {number}" for number in range(8)]
    assert any(clinic.waits), "the channel's limit was met"


@pytest.mark.parametrize("kind", ["lost_reply", "late_reply", "500"])
async def test_a_reply_that_does_not_come_leaves_one_message(clinic: Clinic, kind: str) -> None:
    clinic.board.states["1"] = "asked"
    clinic.running.engine.faults.add(InjectedFault("chat.postMessage", kind, seconds=0.6))  # type: ignore[arg-type]  # one of its kinds
    await clinic.draw(clinic.workers[0], "access:1")
    clinic.board.states["1"] = "granted"
    await clinic.draw(clinic.workers[1], "access:1")
    assert clinic.texts() == ["granted"]
    assert clinic.running.workspace.complaints == []
