"""What `chaperone sandbox` says: where to look, whom to act as, what became due, how it fares."""

import json
import os
import shlex
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.policy import in_words
from sandbox.house import Journey, Look, Rows, Sandbox
from sandbox.house.travelling import described

WHOM = (
    ("Ana Ruiz", "on call: asks with /access in #prod-access, or in the app's Home"),
    ("Ben Okafor", "approves for the databases"),
    ("Marcus Lindqvist", "approves for AWS production, and is Ana's manager"),
    ("Noah Kim", "of billing: may ask for other things than Ana"),
    ("Jamal Reed", "whose privacy training has lapsed"),
    ("Gus Moreau", "a guest, for whom there is nothing"),
)
"""Who is worth being, of the example clinic."""


def console() -> Console:
    return Console(soft_wrap=True)


def say(text: str) -> None:
    console().print(escape(text))


def where_to_look(sandbox: Sandbox, out: Console, *, named: Path | None) -> None:
    """What a person needs to go on alone. ``named`` is the folder, where one was named."""
    out.print(f"\n[bold]The clinic's Slack[/]: {sandbox.page_url}/   Choose whom to be:")
    longest = max(len(name) for name, _ in WHOM)
    for name, what in WHOM:
        out.print(f"  {name:<{longest}}  [dim]{escape(what)}[/]", highlight=False)
    me, here = ourselves(), f" --folder {shlex.quote(str(named))}" if named else ""
    out.print(f"\n[bold]In another terminal[/]{'' if named else ', from this folder'}:")
    for words, what in (
        ("travel 2h", "every clock moves"),
        ('query ana "SELECT * FROM ehr.replica"', "try the clinic's database as Ana"),
        ("status", "how every part fares"),
    ):
        out.print(f"  {escape(f'{me} sandbox {words}{here}')}  [dim]{escape(what)}[/]", highlight=False)
    verify = f'eval "$({me} sandbox env{here})" && {me} ledger verify'
    out.print(f"  {escape(verify)}  [dim]prove the ledger[/]", highlight=False)
    out.print(f"\nLogs: {escape(str(sandbox.place.logs))}. [bold]Ctrl-C[/] ends everything.", highlight=False)


def journey(found: Journey, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(described(found), indent=2) + "\n")
        return
    facts = described(found)
    say(f"It is now {found.now:%Y-%m-%d %H:%M:%S} UTC in the sandbox, {facts['ahead']} ahead of this machine.")
    say("Became due:" if found.due else "Nothing became due.")
    for each in found.due:
        say(f"  {each}")


def status(found: Look, *, as_json: bool) -> None:
    if as_json:
        facts = {"well": found.well, "folder": str(found.folder), "page": found.page_url, "parts": dict(found.parts)}
        facts |= {"now": found.now.isoformat(), "ahead_seconds": found.ahead.total_seconds()}
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
        return
    drawn = Table(box=None, pad_edge=False, show_header=False)
    for name, says in found.parts.items():
        drawn.add_row("✓" if says in {"ready", "listens"} else "✗", name, escape(says))
    console().print(drawn)
    say(f"{found.page_url}/ · {found.now:%Y-%m-%d %H:%M:%S} UTC, {in_words(found.ahead)} ahead · {found.folder}")


def answer(found: Rows) -> None:
    """Rows as a table, cells as they are."""
    if not found.columns:
        say("Done.")
        return
    drawn = Table(*map(escape, found.columns), box=None, pad_edge=False)
    for row in found.rows:
        drawn.add_row(*(escape(str(cell)) for cell in row))
    console().print(drawn)


def ourselves() -> str:
    """How this command is typed here."""
    script = Path(sys.argv[0])
    on_path = shutil.which("chaperone")
    if on_path and script.exists() and Path(on_path).samefile(script):
        return "chaperone"
    return os.path.relpath(script) if script.exists() else "chaperone"
