"""How the command line speaks: tables and lines for people, JSON for programs, faults on standard error."""

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, NoReturn

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

REFUSED, MISUSED = 1, 2
"""Exit codes: refused or not proven; bad use, bad configuration, or nothing there to ask."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def console() -> Console:
    """Standard output. Made anew, because tests and pipes replace the stream."""
    return Console(soft_wrap=True)


def say_json(data: object) -> None:
    sys.stdout.write(orjson.dumps(data, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def say(text: str) -> None:
    """One line with Rich's markup; escape what is not ours."""
    console().print(text)


def complain(lines: Iterable[str]) -> None:
    """What is wrong, one line each, on standard error."""
    errors = Console(stderr=True, soft_wrap=True)
    for line in lines:
        errors.print(f"[bold red]✗[/] {escape(line)}")


def leave(code: int, *lines: str) -> NoReturn:
    """Say what is wrong and end with this exit code."""
    complain(lines)
    raise typer.Exit(code)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table; cells are shown as they are, without markup."""
    drawn = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*map(escape, row))
    return drawn


def mark(ok: bool, *, needed: bool = True) -> str:
    """A sign and a word, so that nothing hangs on colour."""
    return "✓ ok" if ok else ("✗ fails" if needed else "! away")
