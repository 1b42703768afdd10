"""`chaperone sandbox`: the whole outside world on this machine, a tour through it, and travelling in its time."""

import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sandbox.house.faults import SandboxFault

PAGE_PORT = 8400
_REFUSED, _MISUSED = 1, 2

app = typer.Typer(
    name="sandbox",
    help="The whole outside world on this machine: Slack, AWS, PostgreSQL and a clinic to play with.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Folder = Annotated[
    Path | None,
    typer.Option(help="Where it keeps its state. Without it: .chaperone/sandbox here.", file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Many = Annotated[int, typer.Option(min=1, max=4, help="How many of this process.")]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    tour: Annotated[bool, typer.Option("--tour", help="Play the story first, on a fresh clinic.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of Slack's page; the next free one if taken.")] = PAGE_PORT,
    folder: Folder = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget everything of an earlier sandbox.")] = False,
    web: Many = 1,
    worker: Many = 1,
    clock: Many = 1,
) -> None:
    """Start everything on loopback and stay until Ctrl-C. Nothing leaves this machine."""
    if context.invoked_subcommand is not None:
        return
    from sandbox.house import Options, choose  # noqa: PLC0415  heavy
    from sandbox.playing import run  # noqa: PLC0415  as above

    wish = Options(web=web, worker=worker, clock=clock, port=port, fresh=fresh or tour)
    raise typer.Exit(_ended(lambda: asyncio.run(run(choose(folder), wish, tour=tour))))
