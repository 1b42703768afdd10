"""What the rows say about how the house fares, as metrics and readiness show it; and telling people by a job."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.dispatch import Payload
from bot.metrics import Metrics
from bot.observation import Observer
from bot.readiness import Readiness, checks_for
from bot.slack_front import Teller
from bot.ticks import prune, redraw_stale
from core.database import Database
from core.errors import Transient
from core.ledger import Sequencer
from core.proof.keys import SigningKey
from tests.scenarios.access.access_world import World, build_world
from tests.scenarios.house.house_requests import all_numbered


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with Database(database_url, size=4) as database:
        yield build_world(database)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"chaperone_{name}", labels)


async def readiness(world: World) -> dict[str, str]:
    async def well() -> str:
        return "Answers."

    checks = checks_for(
        world.desk.database, world.clock, slack=well, directory=world.directory, providers=world.desk.providers
    )
    report = await Readiness(checks).report()
    return {each.name: each.says for each in report.findings if not each.ok}


async def test_a_well_house_has_nothing_to_say(world: World) -> None:
    await world.granted()
    assert await readiness(world) == {}


async def test_a_grant_past_its_end_is_told_and_counted(world: World) -> None:
    metrics = Metrics()
    await world.granted()
    world.clock.advance(timedelta(hours=1, minutes=5))
    await Observer(world.desk.database, world.clock, metrics).look()
    assert value(metrics, "overdue_grants") == 1
    assert value(metrics, "overdue_oldest_seconds") == 300
    assert value(metrics, "grants", status="active") == 1
    said = await readiness(world)
    assert said["overdue"].startswith("1 grants are past their end")


async def test_entries_without_a_number_are_told_after_a_minute(world: World) -> None:
    metrics = Metrics()
    await world.ask()
    world.clock.advance(timedelta(minutes=2))
    assert "Is a clock running?" in (await readiness(world))["ledger"]
    await Observer(world.desk.database, world.clock, metrics).look()
    assert value(metrics, "ledger_unsequenced_seconds") == 120


async def test_what_happened_since_is_counted_once(world: World) -> None:
    key, metrics = SigningKey.generate("ledger.test"), Metrics()
    world = world.signing(key.entry_mac_key())
    sequencer = Sequencer(world.desk.database, key=key, origin="ledger.test", clock=world.clock)
    observer = Observer(world.desk.database, world.clock, metrics)
    await world.ask()
    await all_numbered(world.desk.database, sequencer)
    await observer.look()
    assert value(metrics, "transitions_total", event="ACC-001") is None, "what lies before the start is not counted"
    grant = await world.granted()
    await world.end(grant)
    world.clock.advance(timedelta(seconds=7))
    await world.work()
    await all_numbered(world.desk.database, sequencer)
    for _ in range(2):
        await observer.look()
    assert value(metrics, "transitions_total", event="ACC-001") == 1
    assert value(metrics, "transitions_total", event="ACC-035") == 1
    assert value(metrics, "revocation_lag_seconds_count") == 1
    assert value(metrics, "revocation_lag_seconds_sum") == 7


async def test_the_queue_is_shown(world: World) -> None:
    metrics = Metrics()
    await world.ask()
    await Observer(world.desk.database, world.clock, metrics).look()
    assert (value(metrics, "queue_jobs", status="queued") or 0) > 0
    assert value(metrics, "queue_jobs", status="parked") == 0
    assert (value(metrics, "queue_oldest_seconds") or 0) >= 0


async def test_pruning_takes_old_traces_of_work_and_nothing_that_waits(world: World) -> None:
    await world.ask()
    async with world.desk.database.autocommit() as connection:
        before = await (await connection.execute("SELECT count(*) FROM pgqueuer")).fetchone()
        insert = (
            "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint) "
            "VALUES (now() - %s::interval, 1, 'successful', 0, 'x')"
        )
        for age in ("8 days", "6 days"):
            await connection.execute(insert, [age])
        await prune(world.desk.database)
        logged = await (
            await connection.execute("SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'")
        ).fetchone()
        after = await (await connection.execute("SELECT count(*) FROM pgqueuer")).fetchone()
    assert logged == (1,)
    assert after == before


async def test_messages_cut_short_are_drawn_again(world: World) -> None:
    async def stale(limit: int) -> list[str]:
        assert limit > 0
        return ["access:1", "access:2"]

    assert await redraw_stale(world.desk.database, stale) == 2
    async with world.desk.database.autocommit() as connection:
        found = await (
            await connection.execute("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'message.draw'")
        ).fetchone()
    assert found == (2,)


# --- telling ------------------------------------------------------------------------------------------------


def pressed(user: str = "U0ANARUIZ", **body: object) -> Payload:
    return Payload("action", "approve", dict(body), "T0CLINIC", user, "ab" * 16)


async def queued(database: Database) -> list[tuple[bytes]]:
    async with database.autocommit() as connection:
        cursor = await connection.execute("SELECT payload FROM pgqueuer WHERE entrypoint = 'message.tell'")
        return await cursor.fetchall()


async def never(channel: str, user: str, text: str) -> None:
    raise AssertionError("a job was enough")


@pytest.mark.parametrize(
    ("body", "channel"),
    [
        ({"channel": {"id": "C0PRODACC"}}, "C0PRODACC"),
        ({"container": {"channel_id": "C0PRODACC"}}, "C0PRODACC"),
        ({"channel": {"id": None}, "container": {"type": "view"}}, "U0ANARUIZ"),
        ({"channel": "C0PRODACC", "container": 5}, "U0ANARUIZ"),
    ],
)
async def test_what_is_told_survives_us_as_a_job(world: World, body: dict[str, object], channel: str) -> None:
    await Teller(world.desk.database, never)(pressed(**body), "Too late.")
    ((payload,),) = await queued(world.desk.database)
    assert channel.encode() in payload
    assert b"Too late." in payload


async def test_nobody_is_told_nothing(world: World) -> None:
    await Teller(world.desk.database, never)(pressed(user=""), "Too late.")
    assert await queued(world.desk.database) == []


@pytest.mark.parametrize("fails", [False, True])
async def test_while_the_database_is_away_we_say_it_ourselves(fails: bool) -> None:
    said: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()

    async def tell_now(channel: str, user: str, text: str) -> None:
        await said.put((channel, user, text))
        if fails:
            raise Transient("Slack is away, too.")

    async with Database("postgresql://chaperone@127.0.0.1:1/nowhere") as away:
        await Teller(away, tell_now, patience=0.05)(pressed(), "Try again.")
        assert await asyncio.wait_for(said.get(), 5) == ("U0ANARUIZ", "U0ANARUIZ", "Try again.")
