"""The commands, and the one place where an error becomes an exit code. What is heavy is imported by the command."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from psycopg import Error as DatabaseError
from sqlalchemy.exc import SQLAlchemyError
from typer.main import get_command

from bot.command_line import access, ledger
from bot.command_line.output import MISUSED, REFUSED, AsJson, complain
from core.errors import ChaperoneError, ConfigurationFault, described

app = typer.Typer(
    name="chaperone",
    help="Production access for an hour, decided by policy, taken back by itself, on a signed ledger.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(ledger.app, name="ledger")
app.add_typer(access.app, name="access")


def main() -> None:
    """The entry point: runs one command and ends the process with its exit code."""
    raise SystemExit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and answer its exit code. Never raises, never shows a stack trace."""
    try:
        get_command(app)(list(arguments), prog_name="chaperone")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else MISUSED
    except ConfigurationFault as fault:
        complain(fault.faults)
        return MISUSED
    except ChaperoneError as error:
        complain([str(error)])
        return REFUSED
    except (DatabaseError, SQLAlchemyError) as error:
        complain([f"The database cannot be asked ({type(error).__name__}). {_DATABASE_CURE}"])
        return MISUSED
    except Exception as error:  # noqa: BLE001  the edge of the process
        complain([f"Something unforeseen: {described(error)}. Tell whoever keeps Chaperone."])
        return REFUSED
    return 0


_DATABASE_CURE = "Check that it runs, that DATABASE_URL is right, and that `chaperone release` was run."


@app.command()
def web() -> None:
    """Take what Slack sends, over HTTP or Socket Mode, on PORT (3000). Run as many as you like."""
    from bot import processes, wiring  # noqa: PLC0415  heavy

    processes.run(processes.web, wiring.load_configuration("slack_front"), name="web")


@app.command()
def worker() -> None:
    """Carry out jobs: call vendors, read back, draw messages. Health on PORT (3001). Run as many as you like."""
    from bot import processes, wiring  # noqa: PLC0415  heavy

    processes.run(processes.worker, wiring.load_configuration("slack_api", "vendors"), name="worker")


@app.command()
def clock() -> None:
    """Number and sign the ledger, sweep what is due. Health on PORT (3002). Run as many as you like."""
    from bot import processes, wiring  # noqa: PLC0415  heavy

    processes.run(processes.clock, wiring.load_configuration("slack_api"), name="clock")


@app.command()
def release(as_json: AsJson = False) -> None:
    """Bring the database up to date, and make the ledger's signing key the first time."""
    from bot.command_line import releasing  # noqa: PLC0415  heavy

    releasing.release(as_json=as_json)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Look at the configuration and every connection, and name the cure of what is wrong."""
    from bot.command_line import checking  # noqa: PLC0415  heavy

    checking.check(as_json=as_json)


@app.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(help="Where Slack reaches `web`, such as https://chaperone.example.")
    ] = None,
    socket_mode: Annotated[bool, typer.Option("--socket-mode", help="For Socket Mode, without a URL.")] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="YAML instead of JSON.")] = False,
) -> None:
    """Print the Slack app manifest, to be pasted at api.slack.com/apps."""
    from bot.command_line import describing  # noqa: PLC0415  for symmetry with the rest

    describing.manifest(url, socket_mode=socket_mode, as_yaml=as_yaml)


@app.command(
    "sandbox",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def sandbox(context: typer.Context) -> None:
    """The whole outside world on this machine: Slack, AWS, PostgreSQL and a clinic to play with."""
    from bot.command_line import sandboxed  # noqa: PLC0415  production installs without it

    sandboxed.run(context.args)
