"""A sandbox that somebody plays with: who dies is told of and started again once; a tour that fails ends with 1."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from rich.console import Console

from sandbox import playing
from sandbox.house import Options, PartFailed, Place, SandboxFault
from sandbox.tour import play


@dataclass
class Slack:
    """Somebody to narrate about."""

    async def state(self) -> dict[str, Any]:
        return {"users": [{"id": "U1", "real_name": "Ana"}]}


@dataclass
class House:
    """A sandbox in memory. ``dead`` parts have died; ``stubborn`` ones do not come up again."""

    place: Place
    tell: Callable[[str], None] = print
    dead: list[str] = field(default_factory=list)
    stubborn: set[str] = field(default_factory=set)
    started: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    page_url: str = "http://127.0.0.1:8400"
    slack: Slack = field(default_factory=Slack)
    ended: bool = False

    async def __aenter__(self) -> Self:
        self.tell("Starting PostgreSQL")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.ended = True

    def died(self) -> list[str]:
        return list(self.dead)

    def how_it_ended(self, name: str) -> str:
        return f"{name} was ended by signal 9"

    def restartable(self, name: str) -> bool:
        return name != "slack"

    def give_up(self, name: str) -> None:
        self.given_up.append(name)
        self.dead.remove(name)

    async def start(self, name: str) -> None:
        self.started.append(name)
        if name in self.stubborn:
            raise PartFailed(name, "ended with exit code 2")
        self.dead.remove(name)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(Place(tmp_path))


def session(house: House, **changes: Any) -> playing.Session:
    def made(_folder: Path, _options: Options, *, tell: Callable[[str], None]) -> House:
        house.tell = tell
        return house

    out = Console(file=io.StringIO(), width=200)
    wish = {"tour": False, "named": False, "watched": False, "make": made, "look_every": 0.01} | changes
    return playing.Session(house.place, Options(), out, **wish)


def said(told: playing.Session) -> str:
    assert isinstance(told.out.file, io.StringIO)
    return told.out.file.getvalue()


async def stays(told: playing.Session, holds: Callable[[], bool]) -> None:
    running = asyncio.create_task(told.run())
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_it_stays_and_says_where_to_look(house: House) -> None:
    told = session(house)
    await stays(told, lambda: "Ctrl-C" in said(told))
    assert "Starting PostgreSQL" in said(told)
    assert (house.ended, told.code) == (True, 0)


async def test_a_part_that_dies_is_started_again_once(house: House) -> None:
    told = session(house)
    house.dead.append("worker-1")
    await stays(told, lambda: "worker-1 was started again" in said(told))
    house.dead.append("worker-1")
    await stays(told, lambda: "worker-1 stays down" in said(told))
    assert (house.started, house.given_up) == (["worker-1"], ["worker-1"])


async def test_slack_is_not_started_again_since_its_messages_are_gone(house: House) -> None:
    told = session(house)
    house.dead.append("slack")
    await stays(told, lambda: house.given_up == ["slack"])
    assert house.started == []


async def test_a_part_that_does_not_come_up_is_told_with_its_reason(house: House) -> None:
    told = session(house)
    house.dead.append("web-1")
    house.stubborn.add("web-1")
    await stays(told, lambda: house.given_up == ["web-1"])
    assert "ended with exit code 2" in said(told)


Scene = Callable[[Any], Awaitable[None]]


async def holds(stage: Any) -> None:
    stage.check("it holds", held=True)


async def does_not_come(_stage: Any) -> None:
    raise SandboxFault("The card did not come")


async def breaks(_stage: Any) -> None:
    raise KeyError("after")


@pytest.mark.parametrize(
    ("scenes", "dead", "fault", "failed"),
    [
        ((holds,), [], None, 0),
        ((holds, does_not_come), [], "The card did not come", 1),
        ((holds, breaks), [], "The tour could not go on: KeyError", 1),
        ((holds,), ["worker-1"], None, 1),
    ],
)
async def test_a_tour_proves_something_or_says_what_failed(
    house: House, scenes: tuple[Scene, ...], dead: list[str], fault: str | None, failed: int
) -> None:
    house.dead += dead
    out = Console(file=io.StringIO(), width=200)
    made: Any = house
    proof = await play(made, out, scenes=scenes)
    shown = out.file.getvalue() if isinstance(out.file, io.StringIO) else ""
    assert proof.holds is (failed == 0)
    assert (fault or "") in (proof.fault or "")
    assert ("✗ Not proven" in shown) is (failed == 1)
    assert json.loads((house.place.folder / "proof.json").read_text())["proven"] is proof.holds


async def test_without_anybody_watching_a_tour_ends_by_itself_and_with_one_where_it_proved_nothing(
    house: House,
) -> None:
    told = session(house, tour=True)  # this house has no database to tour
    assert await told.run() == 1
    assert house.ended
    assert "✗ Not proven" in said(told)
    assert "Ctrl-C" not in said(told)
