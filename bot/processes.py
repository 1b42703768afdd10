"""The processes: web, worker and clock. Each starts whoever is away, says so in readiness, and ends in seconds."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog
import uvloop
from starlette.routing import Route

from bot import logs
from bot.configuration import Configuration
from bot.errors_to_slack import DATABASE_LOST
from bot.readiness import Check, Readiness, checks_for
from bot.server import serving
from bot.slack_front import Signature
from bot.socket_mode import socket_mode
from bot.ticks import Ticks, furnish
from bot.web import application, health_routes, web_routes
from bot.wiring import House, wire
from core.clock import SystemClock
from core.database import Database, pending_migrations
from core.jobs import Worker

log = structlog.get_logger()

WEB_PORT, WORKER_PORT, CLOCK_PORT = 3000, 3001, 3002
"""Where each listens when PORT is not set."""

ENDS_WITHIN = timedelta(seconds=8)
"""How long work under way is given at the end, before it is left to another process."""

_LOOKS_FOR_RELEASE = timedelta(seconds=2)

Process = Callable[[Configuration, asyncio.Event], Awaitable[None]]


def run(process: Process, configured: Configuration, *, name: str) -> None:
    """Run until SIGTERM or SIGINT. Raises what ends the process before that."""
    logs.configure(configured.settings.level, process=name)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_signalled(process, configured, name))


async def web(configured: Configuration, stop: asyncio.Event) -> None:
    """Slack's way in, over HTTP, and over Socket Mode where SLACK_APP_TOKEN is set."""
    settings = configured.settings
    async with wire(configured, vendors=False) as house, AsyncExitStack() as stack:
        more = [await stack.enter_async_context(socket_mode(settings, house.front))] if settings.socket_mode else []
        secret = settings.slack_signing_secret
        # The machine's clock: Slack dates its requests by it, wherever the sandbox has travelled.
        signature = Signature(secret.get_secret_value().encode(), SystemClock()) if secret else None
        routes = [*web_routes(house.front, signature, house.metrics), *_health(house, *more)]
        await stack.enter_async_context(serving(application(routes), settings, default_port=WEB_PORT))
        gc.freeze()  # what was imported stays for good: the collector need not walk it between two clicks
        await stop.wait()


async def worker(configured: Configuration, stop: asyncio.Event) -> None:
    """Carries out jobs: calls vendors, reads back, draws messages."""
    async with wire(configured, vendors=True) as house, _watched(house, WORKER_PORT, needs_slack=True):
        await _released(house.database, stop)
        work = Worker(house.database, house.registry, metrics=house.metrics)
        if not stop.is_set():
            await _until(stop, work.run, end=work.stop)


async def clock(configured: Configuration, stop: asyncio.Event) -> None:
    """Numbers and signs the ledger, sweeps what is due, keeps the figures."""
    async with wire(configured, vendors=False) as house, _watched(house, CLOCK_PORT, needs_slack=False):
        await _released(house.database, stop)
        ticks = Ticks(house.metrics)
        furnish(ticks, house.desk, house.lanes.stale, house.metrics)
        if not stop.is_set():
            ticks.start()
            try:
                await _until(stop, house.sequencer.run, end=house.sequencer.stop)
            finally:
                ticks.stop()


# --- what they share ----------------------------------------------------------------------------------------


async def _until_signalled(process: Process, configured: Configuration, name: str) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    log.info("process.started", organisation=configured.file.organisation, policies=configured.policies.hash[:12])
    await process(configured, stop)
    log.info("process.ended", name=name)


async def _until(stop: asyncio.Event, run_on: Callable[[], Awaitable[None]], *, end: Callable[[], None]) -> None:
    """Run until told to stop; what does not end in time is cancelled. Raises what ended the run before that."""
    running = asyncio.ensure_future(run_on())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if running.done():
        return running.result()
    end()
    done, _ = await asyncio.wait({running}, timeout=ENDS_WITHIN.total_seconds())
    if not done:
        log.warning("process.cut_short")
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return None


@contextlib.asynccontextmanager
async def _watched(house: House, port: int, *, needs_slack: bool) -> AsyncIterator[None]:
    """Health, readiness and metrics of a process that serves nobody else."""
    app = application(_health(house, needs_slack=needs_slack))
    async with serving(app, house.configuration.settings, default_port=port):
        yield


def _health(house: House, *more: Check, needs_slack: bool = True) -> list[Route]:
    checks = checks_for(
        house.database,
        house.clock,
        slack=house.messenger.check,
        directory=house.directory,
        providers=house.providers,
        needs_slack=needs_slack,
    )
    return health_routes(Readiness([*checks, *more]), house.metrics)


async def _released(database: Database, stop: asyncio.Event) -> None:
    """Wait for the schema: a release may still be under way, the database may still be coming up."""
    while not stop.is_set():
        try:
            pending = await asyncio.to_thread(pending_migrations, database.url)
        except DATABASE_LOST as error:
            log.warning("process.waits_for_database", error=type(error).__name__)
        else:
            if not pending:
                return
            log.warning("process.waits_for_release", pending=pending)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOKS_FOR_RELEASE.total_seconds())
