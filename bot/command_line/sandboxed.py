"""`chaperone sandbox`: handed on to the sandbox's own command line, where that is installed."""

from collections.abc import Sequence
from importlib import import_module

import typer
from typer.main import get_command

from bot.command_line.output import MISUSED, leave

_CURE = "Install it with: pip install 'chaperone[sandbox]'"


def run(arguments: Sequence[str]) -> None:
    """Run the sandbox's command with these arguments. It ends the process with its own exit code."""
    get_command(_sandbox())(list(arguments), prog_name="chaperone sandbox")


def _sandbox() -> typer.Typer:
    try:
        app = import_module("sandbox.command_line").app
    except ModuleNotFoundError as missing:
        leave(MISUSED, f"The sandbox is not installed here ({missing.name} is missing). {_CURE}")
    if not isinstance(app, typer.Typer):
        leave(MISUSED, f"The sandbox that is installed here is of another release. {_CURE}")
    return app
