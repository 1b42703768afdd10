"""The jobs of messages: enqueued by playbooks, run by the worker, told to people."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.errors import ChaperoneError, NotFound, Permanent, Transient
from core.jobs import JobRun, Registry, Worker, enqueue
from integrations.messages import draw_job, home_job, open_lane, sweep_job, tell_job
from integrations.slack import register
from tests.scenarios.lanes.lane_world import World


@pytest.fixture
def registry(world: World) -> Registry:
    registry = Registry()
    register(registry, world.lanes)
    return registry


@pytest.fixture
async def worker(world: World, registry: Registry) -> AsyncIterator[Worker]:
    worker = Worker(world.database, registry)
    running = asyncio.create_task(worker.run())
    yield worker
    worker.stop()
    await running


async def until(world: World, lane: str, text: str) -> None:
    async with asyncio.timeout(20):
        while world.shown(lane) != [text]:
            await asyncio.sleep(0.02)


async def test_a_card_opened_in_a_transaction_appears_and_follows_its_rows(world: World, worker: Worker) -> None:
    world.board.states["1"] = "asked"
    async with world.database.transaction() as transaction:
        await open_lane(transaction.connection, lane="card:1", subject="access:1", channel="C1")
        await enqueue(transaction.connection, [draw_job("access:1")])
    await until(world, "card:1", "asked")
    world.slack.lose_next_reply()
    world.board.states["1"] = "granted"
    async with world.database.transaction() as transaction:
        await enqueue(transaction.connection, [draw_job("access:1")])
    await until(world, "card:1", "granted")
    assert world.slack.calls["post"] == 1


async def test_each_job_reaches_its_handler(world: World, registry: Registry) -> None:
    world.board.states |= {"1": "asked", "U7": "home"}
    await world.open("card:1")
    for job in (draw_job("access:1"), home_job("U7"), tell_job("C1", "U7", "not you")):
        handler, _ = registry.handlers[job.name]
        await handler(JobRun(job.name, job.payload, 1))
    assert world.shown("card:1") == ["asked"]
    assert "U7" in world.slack.homes
    assert [(one.channel, one.user, one.drawing.text) for one in world.slack.whispers] == [("C1", "U7", "not you")]


def test_drawing_is_tried_for_ever_and_telling_is_not(registry: Registry) -> None:
    passing = Transient("no answer")
    drawing, telling = registry.handlers["message.draw"][1], registry.handlers["message.tell"][1]
    assert drawing.decide(1, passing).after == timedelta(seconds=0.5)
    assert drawing.decide(10_000, passing).after == timedelta(minutes=1)
    assert telling.decide(5, passing).after is not None
    assert telling.decide(6, passing).after is None


async def test_sweeps_pile_up_no_jobs_while_changes_always_get_theirs(world: World) -> None:
    jobs = [sweep_job("access:1"), draw_job("access:1"), sweep_job("access:2")]
    for _ in range(3):
        async with world.database.transaction() as transaction:
            await enqueue(transaction.connection, jobs)
    async with world.database.autocommit() as connection:
        cursor = await connection.execute("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'message.draw'")
        assert await cursor.fetchone() == (5,)


def test_no_draw_job_is_dropped_because_another_one_runs() -> None:
    assert draw_job("access:1").once is None


@pytest.mark.parametrize("error", [NotFound("no such channel"), Permanent("not in the channel")])
async def test_who_cannot_be_told_in_the_channel_is_told_directly(world: World, error: ChaperoneError) -> None:
    world.slack.fail_next(error, operation="ephemeral")
    await world.lanes.tell("C1", "U7", "not you")
    assert [message.drawing.text for message in world.slack.in_channel("U7")] == ["not you"]


async def test_who_cannot_be_told_at_all_is_an_error(world: World) -> None:
    world.slack.fail_next(Permanent("Slack refuses the bot token."), times=2)
    with pytest.raises(Permanent):
        await world.lanes.tell("C1", "U7", "not you")
