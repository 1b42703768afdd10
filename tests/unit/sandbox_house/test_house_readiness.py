"""Waiting for a process of Chaperone, and looking at one that runs."""

import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.clock import TravellingClock
from sandbox.house import PartFailed, Place, Record, look
from sandbox.house.environment import free_ports
from sandbox.house.parts import Part, Warden
from sandbox.house.readiness import await_ready, readiness
from sandbox.slack.testing import serving

WAITS = {"status": "not ready", "checks": {"database": {"ok": False, "says": "No answer."}, "slack": {"ok": True}}}


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Part]:
    with Warden() as keeper:
        made = Part("web-1", [sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path / "log", keeper)
        made.start()
        yield made
        made.stop(patience=0.5)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Somebody whose third answer is that all is well."""
    asked = []

    async def readyz(_: Request) -> Response:
        asked.append(1)
        return JSONResponse(
            {"status": "ready", "checks": {}} if len(asked) > 2 else WAITS, 200 if len(asked) > 2 else 503
        )

    async with serving(Starlette(routes=[Route("/readyz", readyz)])) as address:
        yield int(address.rpartition(":")[2])


async def test_it_is_asked_until_it_is_ready(part: Part, port: int) -> None:
    await await_ready(part, port, within=10)
    said = await readiness(port)
    assert said is not None
    assert said["status"] == "ready"


async def test_what_it_waits_for_is_named(part: Part, port: int) -> None:
    with pytest.raises(PartFailed, match=r"web-1 was not ready within 0 seconds \(database: No answer\.\)"):
        await await_ready(part, port, within=0)


async def test_one_that_does_not_listen_is_told_as_such(part: Part) -> None:
    with pytest.raises(PartFailed, match="it does not listen yet"):
        await await_ready(part, free_ports(1)[0], within=0)


async def test_one_that_has_ended_is_not_waited_for(part: Part) -> None:
    part.kill()
    with pytest.raises(PartFailed, match="was ended by signal 9"):
        await await_ready(part, free_ports(1)[0])


async def test_a_look_at_a_sandbox_tells_of_every_part(tmp_path: Path, port: int, superuser_url: str) -> None:
    place, closed = Place(tmp_path), free_ports(1)[0]
    TravellingClock(place.clock).travel(timedelta(hours=2))
    ports = {"web-1": port, "slack": port, "aws": closed, "clock-1": closed}
    found = await look(place, Record(1, "http://127.0.0.1:1", {}, superuser_url, {}, ports))
    gone = "does not answer"
    assert found.parts == {"database": "ready", "web-1": "not ready", "slack": "listens", "aws": gone, "clock-1": gone}
    assert (found.well, found.ahead) == (False, timedelta(hours=2))
    unreachable = "postgresql://nobody@127.0.0.1:1/none"
    assert (await look(place, Record(1, "", {}, unreachable, {}, {}))).parts == {"database": gone}
