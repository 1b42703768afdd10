"""Slack says 429 or 500, loses replies, forgets channels; people delete messages. Messages end up right, once."""

import asyncio
from datetime import timedelta

import pytest
import structlog.testing

from core.errors import NotFound, Transient
from tests.scenarios.lanes.lane_world import World


@pytest.fixture
async def asked(world: World) -> World:
    """A world with one lane, ready to be drawn."""
    await world.open("card:1")
    world.board.states["1"] = "asked"
    return world


@pytest.fixture
async def standing(asked: World) -> World:
    """A world whose one message stands in Slack already."""
    await asked.lanes.draw("access:1")
    return asked


async def failing(world: World) -> Transient:
    with pytest.raises(Transient) as raised:
        await world.lanes.draw("access:1")
    assert (await world.row("card:1"))["claim"] is None, "a failed attempt leaves the lane free"
    return raised.value


async def test_a_lost_reply_never_posts_twice(asked: World) -> None:
    asked.slack.lose_next_reply()
    assert (await failing(asked)).outcome_unknown
    asked.board.states["1"] = "granted"
    await asked.lanes.draw("access:1")
    assert asked.shown("card:1") == ["granted"]
    assert asked.slack.calls["post"] == 1


async def test_a_reply_lost_in_a_thread_is_found_in_the_thread(asked: World) -> None:
    await asked.open("card:note", subject="access:note")
    asked.board.states["note"] = "a note"
    asked.board.threads["note"] = "card:1"
    await asked.lanes.draw("access:1")
    asked.slack.lose_next_reply()
    with pytest.raises(Transient):
        await asked.lanes.draw("access:note")
    await asked.lanes.draw("access:note")
    assert asked.shown("card:note") == ["a note"]


async def test_a_500_that_had_no_effect_is_posted_after_a_look(asked: World) -> None:
    asked.slack.break_next()
    await failing(asked)
    await asked.lanes.draw("access:1")
    assert asked.shown("card:1") == ["asked"]
    assert asked.slack.calls == {"post": 2, "find": 1}


async def test_several_lost_replies_in_a_row_still_make_one_message(asked: World) -> None:
    asked.slack.lose_next_reply(times=3)
    for _ in range(3):
        await failing(asked)
    await asked.lanes.draw("access:1")
    assert asked.shown("card:1") == ["asked"]


async def test_a_429_is_obeyed_and_the_latest_state_wins(asked: World) -> None:
    asked.slack.rate_limit_next(retry_after=30)
    error = await failing(asked)
    assert (error.retry_after, error.outcome_unknown) == (30, False)
    asked.board.states["1"] = "granted"
    await asked.lanes.draw("access:1")
    assert asked.shown("card:1") == ["granted"]
    assert asked.slack.calls == {"post": 2}, "a refused call had no effect, so nothing is looked for"


async def test_a_429_on_an_update_is_drawn_again_even_if_the_state_went_back(standing: World) -> None:
    standing.board.states["1"] = "granted"
    standing.slack.rate_limit_next(operation="update")
    await failing(standing)
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["granted"]


async def test_a_lost_update_is_drawn_again_even_if_the_state_went_back(standing: World) -> None:
    standing.board.states["1"] = "granted"
    standing.slack.lose_next_reply()
    await failing(standing)
    assert standing.shown("card:1") == ["granted"]
    assert await standing.lanes.stale(10) == ["access:1"]
    standing.board.states["1"] = "asked"
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["asked"]


async def test_a_deleted_message_is_posted_again_once(standing: World) -> None:
    standing.slack.delete(standing.slack.messages[0].posted)
    standing.board.states["1"] = "granted"
    await standing.lanes.draw("access:1")
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["granted"]
    assert standing.slack.calls["post"] == 2
    standing.board.states["1"] = "ended"
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["ended"]


async def test_a_deleted_message_whose_new_posting_lost_its_reply_stands_once(standing: World) -> None:
    standing.slack.delete(standing.slack.messages[0].posted)
    standing.board.states["1"] = "granted"
    standing.slack.lose_next_reply(operation="post")
    await failing(standing)
    standing.board.states["1"] = "ended"
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["ended"]
    assert standing.slack.calls["post"] == 2


async def test_a_message_that_is_not_ours_to_change_any_more_is_not_taken_for_the_new_one(standing: World) -> None:
    gone = NotFound("The message is not ours to change any more.")
    standing.board.states["1"] = "granted"
    standing.slack.fail_next(gone, operation="update", times=2)
    standing.slack.break_next(operation="post")
    await failing(standing)
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["asked", "granted"]
    assert standing.slack.calls["find"] == 1


async def test_an_archived_channel_is_recorded_logged_once_and_mended_later(asked: World) -> None:
    asked.slack.archive("C1")
    with structlog.testing.capture_logs() as logs:
        await asked.lanes.draw("access:1")
        await asked.lanes.draw("access:1")
    assert [line["event"] for line in logs] == ["message.fault"]
    assert "Unarchive it" in (await asked.row("card:1"))["fault"]
    assert await asked.lanes.stale(10) == ["access:1"]
    asked.slack.unarchive("C1")
    await asked.lanes.draw("access:1")
    assert asked.shown("card:1") == ["asked"]
    assert (await asked.row("card:1"))["fault"] is None
    assert await asked.lanes.stale(10) == []


async def test_a_channel_archived_under_a_standing_message_keeps_the_message(standing: World) -> None:
    standing.slack.archive("C1")
    standing.board.states["1"] = "granted"
    await standing.lanes.draw("access:1")
    assert "archived" in (await standing.row("card:1"))["fault"]
    standing.slack.unarchive("C1")
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["granted"]
    assert standing.slack.calls["post"] == 1


async def test_a_bot_put_out_of_a_channel_and_let_in_again_goes_on_with_the_same_message(standing: World) -> None:
    standing.slack.leave("C1")
    standing.board.states["1"] = "granted"
    await standing.lanes.draw("access:1")
    assert "Invite @chaperone" in (await standing.row("card:1"))["fault"]
    standing.slack.join("C1")
    await standing.lanes.draw("access:1")
    assert standing.shown("card:1") == ["granted"]


async def test_a_home_whose_reply_was_lost_is_stale_until_published_again(world: World) -> None:
    world.board.states["U7"] = "two grants"
    world.slack.lose_next_reply()
    with pytest.raises(Transient):
        await world.lanes.draw_home("U7")
    assert await world.lanes.stale(10) == ["home:U7"]
    await world.lanes.draw("home:U7")
    assert await world.lanes.stale(10) == []


async def test_a_slack_that_never_answers_is_given_up_within_the_lease(asked: World) -> None:
    asked.slack.hold_next("post")
    impatient = asked.another_worker(patience=timedelta(milliseconds=20))
    with pytest.raises(Transient) as raised:
        await impatient.draw("access:1")
    assert raised.value.outcome_unknown
    assert (await asked.row("card:1"))["intent_at"] == asked.clock.now()


async def test_a_worker_that_died_after_posting_leaves_one_message(asked: World) -> None:
    drawing = await asked.board.draw("1")
    assert drawing is not None
    posted = await asked.slack.post("C1", drawing, lane="card:1")
    dead = "claim = gen_random_uuid(), claimed_until = now() - interval '1 second', intent_at = now()"
    await asked.change_row("card:1", dead)
    assert await asked.lanes.stale(10) == ["access:1"]
    await asked.lanes.draw("access:1")
    assert [message.posted for message in asked.slack.of_lane("card:1")] == [posted]


async def test_what_is_being_drawn_is_not_stale(asked: World) -> None:
    hold = asked.slack.hold_next("post")
    drawing = asyncio.create_task(asked.lanes.draw("access:1"))
    await hold.entered.wait()
    assert await asked.lanes.stale(10) == []
    hold.release.set()
    await drawing


async def test_unknown_outcomes_come_before_faults_in_the_sweep(world: World) -> None:
    for number in range(5):
        await world.open(f"card:{number}", subject=f"access:{number}", channel=f"C{number}")
        await world.change_row(f"card:{number}", "fault = 'archived'")
    await world.open("card:lost", subject="access:lost")
    await world.change_row("card:lost", "intent_at = now()")
    for _ in range(6):
        assert await world.lanes.stale(1) == ["access:lost"]
