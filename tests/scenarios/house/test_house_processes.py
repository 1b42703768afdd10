"""The processes as they run, in this process: on a real database, with the sandbox's Slack on the other side."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bot import processes
from bot.configuration import Configuration
from bot.processes import Process
from bot.wiring import load_configuration, wire
from core.database import Database
from core.database.embedded import Cluster
from core.errors import ConfigurationFault
from core.jobs import Job, enqueue
from core.trace import traced
from integrations.messages import tell_job
from sandbox.slack.testing import RunningSlack, poll
from tests.scenarios.house.house_requests import ask_as_ana

ANA, CHANNEL = "U0ANARUIZ", "C0PRODACC"


@pytest.fixture
def port(house_environment: pytest.MonkeyPatch) -> int:
    """A port that nobody has: named in PORT."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        found = int(free.getsockname()[1])
    house_environment.setenv("PORT", str(found))
    return found


@asynccontextmanager
async def running(process: Process, configured: Configuration, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """The process until the block ends, then told to stop; it must end by itself."""
    stop = asyncio.Event()
    task = asyncio.create_task(process(configured, stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await until(lambda: _answers(client), task)
        try:
            yield client
        finally:
            stop.set()
            await asyncio.wait_for(task, 15)


async def until(holds: Callable[[], Any], *tasks: asyncio.Task[None]) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.02)


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).is_success
    except httpx.TransportError:
        return False


async def answer(slack: RunningSlack, command: str) -> str:
    """What Ana alone sees after she sent the command."""
    await slack.actions.slash(ANA, CHANNEL, command)
    message = slack.workspace.channels[CHANNEL].messages[-1]
    assert message.ephemeral_for == ANA
    return message.text


async def test_slack_reaches_web_over_http(port: int, configured: Configuration, slack: RunningSlack) -> None:
    slack.settings.request_urls = (f"http://127.0.0.1:{port}/slack/events",)
    async with running(processes.web, load_configuration("slack_front"), port) as client:
        assert "signed ledger" in await answer(slack, "/chaperone")
        assert "*0* grants live" in await answer(slack, "/chaperone status")
        ready = (await client.get("/readyz")).json()
        assert ready["status"] == "ready"
        assert "socket mode" not in ready["checks"]


async def test_slack_reaches_web_over_socket_mode(
    port: int,
    configured: Configuration,
    slack: RunningSlack,
    house_environment: pytest.MonkeyPatch,
) -> None:
    house_environment.setenv("SLACK_APP_TOKEN", "xapp-sandbox")
    house_environment.delenv("SLACK_SIGNING_SECRET")
    slack.settings.socket_mode = True
    async with running(processes.web, load_configuration("slack_front"), port) as client:

        async def connected() -> bool:
            return bool((await client.get("/readyz")).json()["checks"]["socket mode"]["ok"])

        await until(connected)
        assert "/access list" in await answer(slack, "/access help")
        assert (await client.post("/slack/events")).status_code == 404


async def test_a_worker_does_what_was_committed(port: int, configured: Configuration, slack: RunningSlack) -> None:
    channel = slack.workspace.channels[CHANNEL]
    channel.members.add(slack.workspace.app.bot_user)
    async with (
        running(processes.worker, load_configuration("slack_api", "vendors"), port) as client,
        Database(configured.settings.database_url.get_secret_value()) as database,  # type: ignore[union-attr]
    ):
        with traced("ab" * 16):
            async with database.autocommit() as connection:
                await enqueue(connection, [tell_job(CHANNEL, ANA, "You have already approved."), Job("no.such.job")])
        await poll(lambda: any("already approved" in message.text for message in channel.messages))
        assert 'chaperone_jobs_total{job="message.tell",outcome="done"} 1.0' in (await client.get("/metrics")).text
        checks = (await client.get("/readyz")).json()["checks"]
        assert {"vendor aws", "vendor postgres"} <= set(checks)


async def test_a_clock_numbers_the_ledger_and_keeps_the_figures(
    port: int, configured: Configuration, slack: RunningSlack
) -> None:
    async with running(processes.clock, load_configuration("slack_api"), port) as client:
        async with wire(configured, vendors=False) as house:
            await ask_as_ana(house)

            async def numbered() -> bool:
                async with house.database.autocommit() as connection:
                    row = await (await connection.execute("SELECT count(*) FROM ledger_leaf")).fetchone()
                return bool(row and row[0])

            await until(numbered)
        assert "chaperone_overdue_grants 0.0" in (await client.get("/metrics")).text
        ready = (await client.get("/readyz")).json()
        assert ready["checks"]["slack"]["needed"] is False


@pytest.mark.parametrize("process", [processes.worker, processes.clock])
async def test_a_process_waits_for_the_release_and_ends_while_it_waits(
    port: int,
    configured: Configuration,
    house_environment: pytest.MonkeyPatch,
    cluster: Cluster,
    process: Process,
) -> None:
    name = f"test_unreleased_{process.__name__}"
    cluster.create_database(name)
    house_environment.setenv("DATABASE_URL", cluster.url("chaperone", name))
    try:
        async with running(process, load_configuration("slack_api", "vendors"), port) as client:
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert "Run `chaperone release`" in ready.json()["checks"]["migrations"]["says"]
    finally:
        cluster.drop_database(name)


async def test_a_database_that_is_away_does_not_stop_the_start(
    port: int, configured: Configuration, house_environment: pytest.MonkeyPatch
) -> None:
    house_environment.setenv("DATABASE_URL", "postgresql://chaperone@127.0.0.1:1/nowhere")
    async with running(processes.worker, load_configuration("slack_api", "vendors"), port) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"]["ok"] is False


async def test_a_port_that_is_taken_ends_the_process_with_its_cure(
    port: int, configured: Configuration, slack: RunningSlack
) -> None:
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ConfigurationFault, match="PORT"):
        await processes.web(load_configuration("slack_front"), asyncio.Event())


async def test_without_a_key_nothing_is_wired(configured: Configuration) -> None:
    configured.key_file.unlink()
    with pytest.raises(ConfigurationFault, match="chaperone release"):
        async with wire(configured, vendors=False):
            raise AssertionError("it was wired")
