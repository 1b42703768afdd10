"""A lane's message shows what its rows say: posted once, redrawn when they change, left alone when they do not."""

import pytest
import structlog.testing

from core.errors import Conflict, Transient
from integrations.ports import Drawing
from tests.scenarios.lanes.lane_world import World


async def test_a_message_is_posted_once_and_redrawn_when_the_state_changes(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    await world.lanes.draw("access:1")
    world.board.states["1"] = "granted"
    await world.lanes.draw("access:1")
    assert world.shown("card:1") == ["granted"]
    assert world.slack.calls == {"post": 1, "update": 1}


async def test_the_same_state_makes_no_second_call(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    for _ in range(3):
        await world.lanes.draw("access:1")
    assert world.slack.calls == {"post": 1}


async def test_nothing_is_posted_while_there_is_nothing_to_show(world: World) -> None:
    await world.open("card:1")
    await world.lanes.draw("access:1")
    assert not world.slack.calls


async def test_a_subject_without_lanes_needs_nothing(world: World) -> None:
    await world.lanes.draw("access:nobody")
    assert not world.slack.calls


async def test_opening_a_lane_twice_keeps_the_message_that_stands(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    await world.lanes.draw("access:1")
    await world.open("card:1", channel="C2")
    await world.lanes.draw("access:1")
    assert world.slack.calls == {"post": 1}


async def test_every_lane_of_the_subject_is_drawn_and_no_other(world: World) -> None:
    await world.open("card:1")
    await world.open("card:2", channel="U7")
    await world.open("card:3", subject="access:3")
    world.board.states |= {"1": "one", "2": "two", "3": "three"}
    await world.lanes.draw("access:1")
    assert [message.drawing.text for message in world.slack.in_channel("C1")] == ["one"]
    assert [message.drawing.text for message in world.slack.in_channel("U7")] == ["two"]


async def test_a_thread_waits_for_the_message_above_it(world: World) -> None:
    await world.open("card:above", subject="access:above")
    await world.open("card:1")
    world.board.states |= {"above": "incident", "1": "a note"}
    world.board.threads["1"] = "card:above"
    with pytest.raises(Transient, match="card:above is not posted yet"):
        await world.lanes.draw("access:1")
    await world.lanes.draw("access:above")
    await world.lanes.draw("access:1")
    above, note = world.slack.in_channel("C1")
    assert note.thread_ts == above.posted.ts


async def test_a_thread_waits_for_a_lane_that_is_not_even_open(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "a note"
    world.board.threads["1"] = "card:nowhere"
    with pytest.raises(Transient, match="card:nowhere is not posted yet"):
        await world.lanes.draw("access:1")


async def test_a_thread_whose_first_message_cannot_be_posted_waits_for_a_person_too(world: World) -> None:
    world.slack.archive("C1")
    await world.open("card:above", subject="access:above")
    await world.open("card:1")
    world.board.states |= {"above": "incident", "1": "a note"}
    world.board.threads["1"] = "card:above"
    await world.lanes.draw("access:above")
    await world.lanes.draw("access:1")
    assert "The message above it cannot be posted. The channel C1 is archived." in (await world.row("card:1"))["fault"]
    assert set(await world.lanes.stale(10)) == {"access:above", "access:1"}


async def test_a_home_is_published_and_published_again_only_when_it_changes(world: World) -> None:
    world.board.states["U7"] = "two grants"
    await world.lanes.draw_home("U7")
    await world.lanes.draw_home("U7")
    assert world.slack.calls == {"publish_home": 1}
    world.board.states["U7"] = "no grants"
    await world.lanes.draw_home("U7")
    assert world.slack.homes["U7"][0]["text"]["text"] == "no grants"
    assert world.slack.calls == {"publish_home": 2}


async def test_a_lane_that_this_release_cannot_draw_waits_for_one_that_can(world: World) -> None:
    await world.open("novelty:1")
    await world.lanes.draw("access:1")
    assert "Nobody here draws novelty messages" in (await world.row("novelty:1"))["fault"]
    assert await world.lanes.stale(10) == ["access:1"]


async def test_a_drawer_that_fails_holds_up_no_other_lane_and_leaves_no_claim(world: World) -> None:
    async def broken(_: str) -> Drawing | None:
        raise ZeroDivisionError

    lanes = world.another_worker(bad=broken)
    await world.open("bad:1")
    await world.open("card:1")
    world.board.states["1"] = "asked"
    with pytest.raises(ZeroDivisionError):
        await lanes.draw("access:1")
    assert world.shown("card:1") == ["asked"]
    assert (await world.row("bad:1"))["claim"] is None


async def test_trouble_that_passes_is_raised_before_trouble_that_does_not_and_both_are_known(world: World) -> None:
    async def broken(_: str) -> Drawing | None:
        raise ZeroDivisionError

    lanes = world.another_worker(bad=broken)
    await world.open("bad:1")
    await world.open("card:1")
    world.board.states["1"] = "asked"
    world.slack.rate_limit_next(retry_after=7)
    with structlog.testing.capture_logs() as logs, pytest.raises(Transient) as raised:
        await lanes.draw("access:1")
    assert raised.value.retry_after == 7
    assert [(line["event"], line["error"]) for line in logs] == [("message.draw_failed", "ZeroDivisionError")]


async def test_the_soonest_of_several_pauses_counts(world: World) -> None:
    for key in "123":
        await world.open(f"card:{key}")
        world.board.states[key] = key
    for seconds in (30, 2, 9):
        world.slack.rate_limit_next(retry_after=seconds)
    with pytest.raises(Transient) as raised:
        await world.lanes.draw("access:1")
    assert raised.value.retry_after == 2


async def test_an_error_of_a_drawer_becomes_a_fault_and_never_drops_the_work(world: World) -> None:
    await world.open("card:1")
    world.board.states["1"] = "asked"
    await world.lanes.draw("access:1")
    world.board.fault = Conflict("The row is being moved. Look again.")
    await world.lanes.draw("access:1")
    assert (await world.row("card:1"))["fault"] == "The row is being moved. Look again."
    world.board.fault = None
    await world.lanes.draw("access:1")
    assert (await world.row("card:1"))["fault"] is None
    assert world.slack.calls == {"post": 1}
