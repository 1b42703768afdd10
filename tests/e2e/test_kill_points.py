"""kill -9 between any two steps of giving and taking back: exactly one grant or none, revoked on time, proven."""

import asyncio
import random
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from sandbox.house import Options, Sandbox, until
from tests.e2e.stories import STAGING_AWS, STAGING_DB, Story, later

OPTIONS = Options(web=1, worker=2, clock=1, fresh=True, durable=False)
JOBS = Path(__file__).parents[2] / "playbooks" / "access" / "jobs"
POINTS = sorted(
    {name for file in JOBS.glob("*.py") for name in re.findall(r'desk\.reached\("([\w.]+)"\)', file.read_text())}
)
"""Every step that a worker names, as the source names it: a new one is killed at from the day it is born."""

pytestmark = [pytest.mark.chaos]

BYSTANDER, VICTIM = "worker-1", "worker-2"
CLAIM_SECONDS = 13
ON_TIME_SECONDS = 30 + CLAIM_SECONDS


@dataclass(frozen=True)
class Scene(Story):
    """``proven`` requests are looked at once more in the end; ``left`` are jobs that a victim died over."""

    proven: list[UUID] = field(default_factory=list)
    left: set[int] = field(default_factory=set)


@pytest.fixture(scope="module")
async def story(house: Sandbox) -> AsyncIterator[Scene]:
    """In the end every request has one card, which tells the truth, and the ledger verifies."""
    told = Scene(house)
    yield told
    for request in told.proven:
        await told.card_says(request, "Ended")
        assert len(await told.cards(request)) == 1
    await told.verified()


@pytest.fixture(autouse=True)
async def everybody_lives(house: Sandbox) -> AsyncIterator[None]:
    """What a test killed is started again: only that. The victim stays dead until somebody needs one."""
    yield
    if house.alive(BYSTANDER):
        await house.kill(BYSTANDER, signal.SIGCONT)
    for name in ("database", "web-1", BYSTANDER, "clock-1"):
        if not house.alive(name):
            await house.start(name)


def test_the_named_steps_cover_giving_and_taking_back() -> None:
    assert {"grant.intended", "grant.called", "grant.activated", "revoke.recorded", "revoke.called"} <= set(POINTS)


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_killed_at_a_step_gives_once_and_takes_back_once(
    story: Scene, house: Sandbox, point: str
) -> None:
    """The victim dies where it is told to; the other worker, asleep until then, finds what it left."""
    request = await _already_given(story, point)
    await _victim_alone(story, house, point)
    if request is None:
        request = await story.ask("lena", _entitlement(point))
    else:
        await _end(story, request, point)
    await _dies(story, house, point)
    # The dead worker's claim runs out in the sandbox's time, so that the test need not wait for it.
    await house.travel(timedelta(seconds=CLAIM_SECONDS))
    if point.startswith("grant."):
        await story.comes_to(request, "active")
        await _end(story, request, point)
    await _proven(story, request)


async def test_a_worker_that_vanished_is_replaced_within_thirty_seconds(story: Scene, house: Sandbox) -> None:
    await _victim_alone(story, house, "grant.called")
    request = await story.ask("lena", STAGING_DB)
    await _dies(story, house, "grant.called")
    await story.comes_to(request, "active", within=30)
    await story.runs_out(request)
    await _proven(story, request)


@pytest.mark.parametrize("part", ["web-1", VICTIM, "clock-1", "database"])
async def test_a_part_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    story: Scene, house: Sandbox, part: str
) -> None:
    """People press again when nothing happens, and what they pressed twice is done once."""

    await house.start(part)

    async def strikes() -> None:
        await house.kill(part)
        await house.start(part)

    moment = random.uniform(0.0, 1.2)  # noqa: S311  no secret hangs on it
    striking = asyncio.create_task(later(moment, strikes))
    request = await story.ask("ana", "ehr-db/read")
    await story.approve("ben", request)
    await story.comes_to(request, "active")
    await striking
    striking = asyncio.create_task(later(random.uniform(0.0, 0.5), strikes))  # noqa: S311  as above
    await story.done("ana", request)
    await story.comes_to(request, "revoked")
    await striking
    await _proven(story, request)
    assert (await story.events(request)).count("ACC-003") == 1


# --- what they share ----------------------------------------------------------------------------------------


def _entitlement(point: str) -> str:
    """Waiting for the vendor happens at AWS alone."""
    return STAGING_AWS if point.endswith("awaited") else STAGING_DB


async def _already_given(story: Scene, point: str) -> UUID | None:
    """For a step of taking back: something to take back."""
    if point.startswith("grant."):
        return None
    request = await story.ask("lena", _entitlement(point))
    await story.comes_to(request, "active")
    return request


async def _victim_alone(story: Scene, house: Sandbox, point: str) -> None:
    """One worker that will die, and one that sleeps."""
    await house.kill(VICTIM)
    await house.start(VICTIM, CHAPERONE_FAIL_POINT=point)
    await story.idle(apart_from=story.left)
    await house.kill(BYSTANDER, signal.SIGSTOP)


async def _end(story: Scene, request: UUID, point: str) -> None:
    """By time where the step belongs to running out, by hand where it belongs to being claimed."""
    if point == "revoke.claimed":
        await story.done("lena", request)
    else:
        await story.runs_out(request)


async def _proven(story: Scene, request: UUID) -> None:
    grant = await story.comes_to(request, "revoked")
    assert grant["lag_seconds"] < ON_TIME_SECONDS
    assert grant["after"]["present"] is False
    events = await story.events(request)
    once = ("ACC-001", "ACC-020", "ACC-024", "ACC-035")
    assert {event: events.count(event) for event in once} == dict.fromkeys(once, 1), events
    assert len(await story.grants(request)) == 1
    await _target_is_bare(story, grant["vendor"], grant["account"])
    story.proven.append(request)


async def _target_is_bare(story: Scene, vendor: str, account: str) -> None:
    if vendor == "aws":
        assert not await story.aws.holds(account, "444455556666", "ReadOnly")
    else:
        assert await story.database(account).refusal()


async def _dies(story: Scene, house: Sandbox, point: str) -> None:
    """The victim dies, and the other worker wakes up."""

    async def dead() -> bool:
        return not house.alive(VICTIM)

    await until(dead, f"the victim dies at {point}")
    house.give_up(VICTIM)
    story.left.update(await story.at_work())
    await house.kill(BYSTANDER, signal.SIGCONT)
