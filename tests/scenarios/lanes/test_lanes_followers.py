"""A Home that shows a subject is drawn when the subject is, if its person has ever opened it."""

from core.clock import ManualClock
from integrations.slack import Lanes
from tests.scenarios.lanes.lane_world import World


async def test_a_home_that_shows_the_subject_is_drawn_with_it_and_one_never_opened_is_not(world: World):
    async def showing(key: str) -> list[str]:
        assert key == "1"
        return ["home:U1", "home:U2"]

    drawers = {"card": world.board.draw, "home": world.board.draw}
    lanes = Lanes(world.database, world.slack, ManualClock(), drawers, followers={"access": showing})
    world.board.states |= {"a": "card", "U1": "one request", "U2": "never opened"}
    await world.open("card:a")
    await lanes.draw_home("U1")
    world.board.states["U1"] = "two requests"
    await lanes.draw("access:1")
    assert str(world.slack.homes["U1"]).count("two requests") == 1
    assert "U2" not in world.slack.homes
    assert world.slack.of_lane("card:a")
