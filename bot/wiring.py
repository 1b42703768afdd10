"""Where the parts are put together: the only importer of vendors."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot import about, configuration
from bot.configuration import Configuration, state_folder
from bot.dispatch import Dispatch
from bot.house_file import DirectoryChoice
from bot.listeners import access as access_listeners
from bot.manifest import SCOPES
from bot.metered import MeteredProvider
from bot.metrics import Metrics
from bot.settings import Need, Settings
from bot.slack_front import SlackFront, Teller
from core.clock import Clock, SystemClock, TravellingClock
from core.database import Database
from core.database.embedded import Cluster
from core.database.embedded import start as start_embedded
from core.jobs import Registry
from core.ledger import Ledger, Sequencer
from core.proof.keys import SigningKey
from integrations import slack
from integrations.aws import IdentityCenter
from integrations.aws_api import AwsApi
from integrations.directory import IdentityStoreDirectory, YamlDirectory
from integrations.directory.bindings import load_bindings
from integrations.ports import AccessProvider, Directory
from integrations.postgres import PostgresProvider
from integrations.slack import Lanes, SlackMessenger
from playbooks.access.commands import Desk
from playbooks.access.jobs import drawers, followers
from playbooks.access.jobs import register as register_access

log = structlog.get_logger()

_VENDOR_TIMEOUT = 10
"""Seconds: shorter than a worker's claim on a grant, so that a slow call ends before the next worker begins."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that a process works with. ``providers`` is empty where the process calls no vendor."""

    configuration: Configuration
    clock: Clock
    database: Database
    key: SigningKey
    ledger: Ledger
    sequencer: Sequencer
    directory: Directory
    providers: Mapping[str, AccessProvider]
    messenger: SlackMessenger
    desk: Desk
    lanes: Lanes
    registry: Registry
    dispatch: Dispatch
    front: SlackFront
    metrics: Metrics


def load_configuration(*needs: Need) -> Configuration:
    """All that must be right before the start. Raises ConfigurationFault with every fault."""
    return configuration.load(*needs, check_people=_check_people)


@asynccontextmanager
async def wire(configured: Configuration, *, vendors: bool) -> AsyncIterator[House]:
    """The house, open while the block runs. Nothing outside is called: who is away shows in readiness.

    ``vendors`` also wires those who give access: only processes that carry out jobs need their credentials. Raises
    ConfigurationFault without a signing key.
    """
    async with AsyncExitStack() as stack:
        key = configured.signing_key()
        metrics = Metrics()
        database = await stack.enter_async_context(Database(await _database_url(configured, stack)))
        desk = _desk(configured, database, key, metrics, stack, vendors=vendors)
        messenger = await stack.enter_async_context(_messenger(configured.settings))
        yield _house(configured, desk, key, messenger, metrics)


@asynccontextmanager
async def directory_alone(configured: Configuration) -> AsyncIterator[Directory]:
    """The directory without the rest of the house, for questions about policy."""
    async with AsyncExitStack() as stack:
        yield _directory(configured, stack)


def embedded_cluster(configured: Configuration) -> Cluster:
    """Start or join the embedded server that belongs to this configuration. The caller stops it."""
    return start_embedded(state_folder(configured.folder) / "postgres")


def clock_of(settings: Settings) -> Clock:
    return TravellingClock(settings.chaperone_clock_file) if settings.chaperone_clock_file else SystemClock()


# --- the parts ----------------------------------------------------------------------------------------------


async def _database_url(configured: Configuration, stack: AsyncExitStack) -> str:
    if configured.settings.database_url:
        return configured.settings.database_url.get_secret_value()
    cluster = await asyncio.to_thread(embedded_cluster, configured)
    stack.callback(cluster.stop)
    return cluster.app_url


def _desk(
    configured: Configuration,
    database: Database,
    key: SigningKey,
    metrics: Metrics,
    stack: AsyncExitStack,
    *,
    vendors: bool,
) -> Desk:
    clock, place = clock_of(configured.settings), configured.file.slack
    return Desk(
        database=database,
        ledger=Ledger(key.entry_mac_key(), clock),
        clock=clock,
        directory=_directory(configured, stack),
        providers=_providers(configured, clock, metrics, stack) if vendors else {},
        policies=configured.policies,
        catalogue=configured.catalogue,
        team=place.team,
        channel=place.channel,
        alerts_channel=place.alerts_channel,
        timing=configured.timing,
        reached=_fail_point(configured.settings.chaperone_fail_point),
    )


def _house(
    configured: Configuration, desk: Desk, key: SigningKey, messenger: SlackMessenger, metrics: Metrics
) -> House:
    lanes = Lanes(desk.database, messenger, desk.clock, drawers(desk), followers={"access": followers(desk)})
    dispatch, registry = Dispatch(), Registry()
    access_listeners.register(dispatch, desk, messenger)
    about.register(dispatch, desk.database, desk.clock)
    register_access(registry, desk)
    slack.register(registry, lanes)
    return House(
        configuration=configured,
        clock=desk.clock,
        database=desk.database,
        key=key,
        ledger=desk.ledger,
        sequencer=Sequencer(desk.database, key=key, origin=configured.file.ledger.origin, clock=desk.clock),
        directory=desk.directory,
        providers=desk.providers,
        messenger=messenger,
        desk=desk,
        lanes=lanes,
        registry=registry,
        dispatch=dispatch,
        front=SlackFront(dispatch, team=desk.team, tell=Teller(desk.database, lanes.tell), metrics=metrics),
        metrics=metrics,
    )


def _messenger(settings: Settings) -> SlackMessenger:
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    # Slack's own clock says when it takes calls again, so this one never travels.
    return SlackMessenger(token, clock=SystemClock(), base_url=settings.slack_api_url, scopes=SCOPES)


def _directory(configured: Configuration, stack: AsyncExitStack) -> Directory:
    chosen = configured.file.directory
    if chosen.kind == "yaml":
        return YamlDirectory(configured.folder / (chosen.file or Path()))
    bindings = configured.folder / chosen.file if chosen.file else None
    return IdentityStoreDirectory(_aws(configured, stack), bindings=bindings, instance_arn=chosen.instance_arn)


def _providers(
    configured: Configuration, clock: Clock, metrics: Metrics, stack: AsyncExitStack
) -> Mapping[str, AccessProvider]:
    chosen = configured.file.providers
    found: dict[str, AccessProvider] = {}
    if chosen.postgres:
        url = configured.variable(chosen.postgres.url_env)
        found["postgres"] = PostgresProvider(url, roles=configured.roles, timeout=_VENDOR_TIMEOUT)
    if chosen.aws:
        api = _aws(configured, stack)
        found["aws"] = IdentityCenter(api, clock=clock, instance_arn=chosen.aws.instance_arn)
    return {vendor: MeteredProvider(provider, vendor, metrics) for vendor, provider in found.items()}


def _aws(configured: Configuration, stack: AsyncExitStack) -> AwsApi:
    chosen = configured.file.providers.aws
    api = AwsApi(endpoint=configured.settings.aws_endpoint_url, region=chosen.region if chosen else None)
    stack.callback(api.close)
    return api


def _check_people(chosen: DirectoryChoice, folder: Path) -> None:
    if chosen.file and chosen.kind == "yaml":
        YamlDirectory(folder / chosen.file)
    elif chosen.file:
        load_bindings(folder / chosen.file)


def _fail_point(name: str | None) -> Callable[[str], None]:
    """For the sandbox's kill tests: the process dies the moment the named step is reached."""

    def reached(step: str) -> None:
        if step == name:
            log.warning("fail_point.reached", step=step)
            os.kill(os.getpid(), signal.SIGKILL)

    return reached
