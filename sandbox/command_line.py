"""`chaperone sandbox`: the whole outside world on this machine, a tour through it, and travelling in its time."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

PAGE_PORT = 8400

app = typer.Typer(
    name="sandbox",
    help="The whole outside world on this machine: Slack, AWS, PostgreSQL and a clinic to play with.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Folder = Annotated[
    Path | None, typer.Option(help="Where it keeps its state; .chaperone/sandbox here if not said.", file_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Of Slack's page; the next free one where it is taken.")]
Many = Annotated[int, typer.Option(min=1, max=4, help="How many of this process.")]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    tour: Annotated[bool, typer.Option("--tour", help="Play the story first, on a fresh clinic.")] = False,
    port: Port = PAGE_PORT,
    folder: Folder = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget everything of an earlier sandbox.")] = False,
    web: Many = 1,
    worker: Many = 1,
    clock: Many = 1,
) -> None:
    """Start everything on loopback and stay until Ctrl-C. Nothing leaves this machine.

    The tour ends by itself, with 0 or 1, where there is no terminal or CI is set.
    """
    context.obj = folder
    if context.invoked_subcommand is not None:
        return
    from sandbox.house import Options, choose  # noqa: PLC0415  heavy
    from sandbox.playing import run  # noqa: PLC0415  as above

    wish = Options(web=web, worker=worker, clock=clock, port=port, fresh=fresh or tour)
    raise typer.Exit(asyncio.run(run(choose(folder), wish, tour=tour, named=folder is not None)))


@app.command()
def travel(
    context: typer.Context,
    by: Annotated[str, typer.Argument(metavar="DURATION", help="90s, 45m, 2h, 1d, 1h30m or ISO 8601 (PT2H).")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Move every process's clock forward, at once, and say what became due."""
    from sandbox import house, telling  # noqa: PLC0415  heavy

    try:
        length = house.duration(by)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="DURATION") from None
    said = house.running(house.choose(folder or context.obj)).environment
    clock = Path(said["CHAPERONE_CLOCK_FILE"])
    journey = asyncio.run(house.travel(length, clock_file=clock, database_url=said["DATABASE_URL"]))
    telling.journey(journey, as_json=as_json)


@app.command()
def status(context: typer.Context, folder: Folder = None, as_json: AsJson = False) -> None:
    """Say what runs, how it fares, and what time it is there. Ends with 1 where something is wrong."""
    from sandbox import house, telling  # noqa: PLC0415  heavy

    place = house.choose(folder or context.obj)
    found = asyncio.run(house.look(place, house.running(place)))
    telling.status(found, as_json=as_json)
    if not found.well:
        raise typer.Exit(1)


@app.command()
def stop(context: typer.Context, folder: Folder = None) -> None:
    """End the sandbox that runs here, and wait until it has ended."""
    from sandbox import house, telling  # noqa: PLC0415  heavy

    place = house.choose(folder or context.obj)
    house.stop(place)
    telling.say(f"The sandbox in {place.folder} has ended.")


@app.command()
def env(context: typer.Context, folder: Folder = None, as_json: AsJson = False) -> None:
    """Print what Chaperone's own commands need to work on the running sandbox: eval "$(chaperone sandbox env)"."""
    from sandbox import house  # noqa: PLC0415  heavy

    said = house.running(house.choose(folder or context.obj)).environment
    typer.echo(json.dumps(said, indent=2) if as_json else house.export_lines(said))


@app.command()
def query(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="Whose login: a first name, or the login itself.")],
    statement: Annotated[str, typer.Argument(metavar="SQL", help="What to ask the clinic's database.")],
    folder: Folder = None,
) -> None:
    """Try the clinic's database as somebody: it lets them in only while a grant lasts. Ends with 1 where it refuses."""
    from sandbox import house, telling  # noqa: PLC0415  heavy

    logins = house.running(house.choose(folder or context.obj)).logins
    telling.answer(house.ask(logins, person, statement))
