"""The help of every command of ``chaperone``."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer

from docs._ext.reference import markdown


def page() -> str:
    return markdown.page(
        "Command line",
        "Exit codes: 0 done, 1 refused or not proven, 2 bad use or configuration. `--json` answers data instead of "
        "words where a command has it.",
        *(_section(command, name) for name, command in _commands(_tree("bot.command_line"), "chaperone")),
    )


def _tree(module: str) -> Any:
    # Typer carries a click of its own, whose types it does not publish; what we use of them is click's old surface.
    return typer.main.get_command(import_module(module).app)


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if name == "chaperone sandbox":  # only a door there, so that production does without the sandbox's parts
        command = _tree("sandbox.command_line")
    children = getattr(command, "commands", {})
    for word, child in sorted(children.items()):
        yield from _commands(child, f"{name} {word}")
    if not command.hidden and (not children or command.invoke_without_command):
        yield name, command


def _section(command: Any, name: str) -> str:
    context = command.context_class(command, info_name=name)
    usage = markdown.block(command.get_usage(context).removeprefix("Usage: "), "text")
    records = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    options = markdown.table(["option", "what it does"], [(markdown.code(names), text) for names, text in records])
    return f"## `{name}`\n\n{command.help or ''}\n\n{usage}\n{options}"
