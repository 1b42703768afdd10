"""What `chaperone sandbox` says: where to look, whom to act as, what became due, how it fares."""

import json
import os
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
    ("U0ANARUIZ", "Ana Ruiz", "asks: /access in #prod-access, or Request access in the app's Home"),
    ("U0BENOKAF", "Ben Okafor", "approves for the databases"),
    ("U0MARCUSL", "Marcus Lindqvist", "approves for AWS production, and is Ana's manager"),
    ("U0NOAHKIM", "Noah Kim", "of billing: sees other things in the form than Ana"),
    ("U0JAMALRE", "Jamal Reed", "whose privacy training has lapsed"),
    ("U0GUSMORE", "Gus Moreau", "a guest, for whom there is nothing"),
)
"""Who is worth being, of the example clinic."""


def console() -> Console:
    return Console(soft_wrap=True)


def say(text: str) -> None:
    console().print(escape(text))


def where_to_look(sandbox: Sandbox, out: Console) -> None:
    """What a person needs to go on alone."""
    out.print(f"\n[bold]The clinic's Slack[/]: {sandbox.page_url}/")
    people = Table(box=None, pad_edge=False, show_header=False)
    for user, name, what in WHOM:
        people.add_row(f"  {name}", escape(what), f"[dim]{sandbox.page_url}/as/{user}[/]")
    out.print(people)
    me = _ourselves(sandbox.place.folder)
    out.print("\n[bold]In another terminal[/], from this folder:")
    for words, what in (
        ("travel 2h", "move every clock"),
        ('query ana "SELECT * FROM ehr.replica"', "try the clinic's database as Ana"),
        ("status", "how every part fares"),
    ):
        out.print(f"  {escape(f'{me} sandbox {words}')}  [dim]{escape(what)}[/]")
    verify = f'eval "$({me} sandbox env)" && {me} ledger verify'
    out.print(f"  {escape(verify)}  [dim]prove the ledger[/]")
    out.print(f"\nLogs are in {escape(str(sandbox.place.logs))}. [bold]Ctrl-C[/] ends everything.")


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


def _ourselves(_folder: Path) -> str:
    """How this command is typed here."""
    script = Path(sys.argv[0])
    on_path = shutil.which("chaperone")
    if on_path and script.exists() and Path(on_path).samefile(script):
        return "chaperone"
    return os.path.relpath(script) if script.exists() else "chaperone"
