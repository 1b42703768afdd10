"""The simulated Slack as a process of its own: ``python -m sandbox.slack --help``."""

import asyncio
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.clock import Clock, SystemClock, TravellingClock
from sandbox.slack import page
from sandbox.slack.app import create_app
from sandbox.slack.seeding import read_people, workspace_of
from sandbox.slack.serving import SlackServer, address, listening
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Installation


def _arguments(given: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser("python -m sandbox.slack", description="A strict simulator of Slack, on 127.0.0.1 only.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="where to write the port once it listens")
    parser.add_argument("--clinic", type=Path, required=True, help="folder with people.yaml")
    parser.add_argument("--request-url", action="append", default=[], help="the app's URL; several are served in turn")
    parser.add_argument("--socket-mode", action="store_true", help="deliver over Socket Mode instead")
    parser.add_argument("--signing-secret", default=Settings.signing_secret)
    parser.add_argument("--manifest", type=Path, help="the app's manifest (JSON): scopes, commands, shortcuts, events")
    parser.add_argument("--scopes", help="bot scopes, separated by commas, instead of the manifest's")
    parser.add_argument("--clock-offset-file", type=Path, help="the sandbox's travelling clock")
    parser.add_argument("--sign-with-travelled-time", action="store_true", help="date signatures by that clock too")
    parser.add_argument("--retry-scale", type=float, default=1.0, help="1: retries after 0, 60 and 300 seconds")
    parser.add_argument("--rate-limits", action="store_true", help="answer 429 by Slack's tiers")
    return parser.parse_args(given)


def _installation(arguments: Namespace) -> Installation:
    app = Installation()
    if arguments.manifest:
        app = Installation.from_manifest(json.loads(arguments.manifest.read_text()))
    if arguments.scopes:
        app = replace(app, scopes=frozenset(arguments.scopes.split(",")))
    return app


def _settings(arguments: Namespace, clock: Clock) -> Settings:
    return Settings(
        request_urls=tuple(arguments.request_url),
        signing_secret=arguments.signing_secret,
        socket_mode=arguments.socket_mode,
        retry_scale=arguments.retry_scale,
        rate_limits=arguments.rate_limits,
        signing_clock=clock if arguments.sign_with_travelled_time else SystemClock(),
    )


async def _serve(arguments: Namespace) -> None:
    offset: Path | None = arguments.clock_offset_file
    clock: Clock = TravellingClock(offset) if offset else SystemClock()
    workspace = workspace_of(read_people(arguments.clinic), clock=clock, app=_installation(arguments))
    app = create_app(workspace, settings=_settings(arguments, clock), page_routes=page.routes)
    listener = listening(arguments.port)
    workspace.base_url = address(listener)
    server = SlackServer(app)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn tells it by a flag only
        await asyncio.sleep(0.01)
    if arguments.port_file:
        fresh = arguments.port_file.with_suffix(".new")
        fresh.write_text(str(listener.getsockname()[1]))
        fresh.replace(arguments.port_file)
    await serving


def main(given: Sequence[str] | None = None) -> None:
    """Run until SIGINT or SIGTERM."""
    asyncio.run(_serve(_arguments(given)))
