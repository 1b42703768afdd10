"""Several workers draw the same lane: one message, and the newest state on it at the end."""

import asyncio
import random
from collections.abc import Callable
from functools import partial

import pytest

from core.errors import Transient
from integrations.ports import Drawing
from integrations.slack import Lanes
from tests.scenarios.lanes.lane_world import World


async def insist(lanes: Lanes) -> None:
    """Draw as the worker does: again, as often as it takes."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await lanes.draw("access:1")
            except Transient:
                await asyncio.sleep(0)


async def test_the_second_worker_is_sent_away_and_comes_back_for_the_newest_state(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    hold = world.slack.hold_next("post")
    first = asyncio.create_task(world.lanes.draw("access:1"))
    await hold.entered.wait()
    world.board.states["1"] = "granted"
    second = world.another_worker()
    with pytest.raises(Transient) as raised:
        await second.draw("access:1")
    assert raised.value.retry_after == 0.5
    hold.release.set()
    await first
    await second.draw("access:1")
    assert world.shown("card:1") == ["granted"]
    assert world.slack.calls["post"] == 1


async def test_many_workers_and_changes_end_in_one_message_with_the_newest_state(world: World) -> None:
    await world.open("card:1")
    world.slack.lose_next_reply(times=2)
    world.slack.rate_limit_next(retry_after=0, times=2)
    async with asyncio.TaskGroup() as workers:
        for number in range(12):
            world.board.states["1"] = f"state {number}"
            workers.create_task(insist(world.another_worker()))
            await asyncio.sleep(0)
    assert world.shown("card:1") == ["state 11"]


async def test_a_worker_that_overslept_its_lease_makes_everybody_draw_again(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    await world.lanes.draw("access:1")

    world.board.states["1"] = "granted"
    hold = world.slack.hold_next("update")
    sleeper = asyncio.create_task(world.lanes.draw("access:1"))
    await hold.entered.wait()
    await world.change_row("card:1", "claimed_until = now() - interval '1 second'")

    world.board.states["1"] = "ended"
    await world.another_worker().draw("access:1")
    assert world.shown("card:1") == ["ended"]
    hold.release.set()
    with pytest.raises(Transient, match="claim on card:1 was lost"):
        await sleeper
    assert world.shown("card:1") == ["granted"], "the late call spoilt the screen"
    await world.lanes.draw("access:1")
    assert world.shown("card:1") == ["ended"]


async def test_the_oversleeper_also_undoes_what_a_third_worker_is_about_to_record(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    await world.lanes.draw("access:1")

    world.board.states["1"] = "granted"
    late, in_time = world.slack.hold_next("update"), world.slack.hold_next("update")
    sleeper = asyncio.create_task(world.lanes.draw("access:1"))
    await late.entered.wait()
    await world.change_row("card:1", "claimed_until = now() - interval '1 second'")
    world.board.states["1"] = "ended"
    other = asyncio.create_task(world.another_worker().draw("access:1"))
    await in_time.entered.wait()
    late.release.set()
    with pytest.raises(Transient):
        await sleeper
    in_time.release.set()
    with pytest.raises(Transient):
        await other
    await insist(world.lanes)
    assert world.shown("card:1") == ["ended"]
    assert (await world.row("card:1"))["drawn"] is not None


async def test_a_worker_whose_lease_ran_out_before_it_called_slack_does_not_call(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"

    async def slow(key: str) -> Drawing | None:
        await world.change_row("card:1", "claim = gen_random_uuid()")
        return await world.board.draw(key)

    with pytest.raises(Transient, match="claim on card:1 was lost"):
        await world.another_worker(card=slow).draw("access:1")
    assert not world.slack.calls


async def test_a_cancelled_draw_leaves_the_lane_free(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    hold = world.slack.hold_next("post")
    draw = asyncio.create_task(world.lanes.draw("access:1"))
    await hold.entered.wait()
    draw.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draw
    assert (await world.row("card:1"))["claim"] is None
    await world.lanes.draw("access:1")
    assert world.shown("card:1") == ["asked"]


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_goes_wrong_one_message_with_the_newest_state_is_left(world: World, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a repeatable story, not a secret
    await world.open("card:1")
    mishaps: list[Callable[[], None]] = [
        world.slack.lose_next_reply,
        world.slack.break_next,
        partial(world.slack.rate_limit_next, retry_after=0),
        partial(world.slack.delete_lane, "card:1"),
        partial(world.slack.archive, "C1"),
        partial(world.slack.unarchive, "C1"),
        partial(world.slack.leave, "C1"),
        partial(world.slack.join, "C1"),
    ]
    for step in range(30):
        world.board.states["1"] = f"state {dice.randrange(3)}"
        for mishap in dice.choices(mishaps, k=dice.randrange(3)):
            mishap()
        if step % 3 == 0:
            await asyncio.gather(*(insist(world.another_worker()) for _ in range(2)))
        else:
            await insist(world.lanes)
        assert len(world.shown("card:1")) <= 1
    world.slack.unarchive("C1")
    world.slack.join("C1")
    world.board.states["1"] = "the end"
    await insist(world.lanes)
    assert world.shown("card:1") == ["the end"]
