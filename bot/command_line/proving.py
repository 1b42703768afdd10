"""`chaperone ledger verify`."""

from contextlib import ExitStack
from pathlib import Path

import typer
from rich.markup import escape

from bot import wiring
from bot.command_line.output import REFUSED, complain, say, say_json
from bot.configuration import Configuration
from bot.release import application_url
from core.errors import ConfigurationFault
from core.ledger import verify_database
from core.proof.checkpoint import Checkpoint, open_note
from core.proof.keys import VerifyingKey
from core.proof.report import Report
from playbooks.access.lifecycle import GRANT, REQUEST


def verify(anchor: Path | None, key: str | None, *, as_json: bool) -> None:
    """Verify the whole ledger of the configured database. Ends with 1 where anything is wrong."""
    configured = wiring.load_configuration()
    verifying_key, mac_key = _keys(configured, key)
    kept = _anchor(anchor, verifying_key) if anchor else None
    with ExitStack() as stack:
        report = verify_database(
            application_url(configured, stack),
            verifying_key=verifying_key,
            mac_key=mac_key,
            clock=wiring.clock_of(configured.settings),
            lifecycles=(REQUEST, GRANT),
            anchor=kept,
        )
    if as_json:
        say_json(_facts(report))
    else:
        _show(report, mac_checked=mac_key is not None, anchored=kept)
    if not report.ok:
        raise typer.Exit(REFUSED)


def _keys(configured: Configuration, text: str | None) -> tuple[VerifyingKey, bytes | None]:
    """The verifying key, and the key of the entries' MACs, which only the keeper of the signing key has."""
    if text is not None:
        return VerifyingKey.parse(text), None
    key = configured.signing_key()
    return key.verifying_key, key.entry_mac_key()


def _anchor(path: Path, key: VerifyingKey) -> Checkpoint:
    try:
        note = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(
            [f"{path}:1: cannot be read ({type(error).__name__}). Name a kept checkpoint."]
        ) from None
    return open_note(note, [key])


def _facts(report: Report) -> dict[str, object]:
    return {
        "verified": report.ok,
        "size": report.size,
        "root": report.root.hex(),
        "entries": report.entries_checked,
        "checkpoints": report.checkpoints_checked,
        "waiting": report.waiting,
        "problems": [
            {"kind": each.kind, "entry": each.entry_id, "index": each.index, "says": each.text}
            for each in report.problems
        ],
    }


def _show(report: Report, *, mac_checked: bool, anchored: Checkpoint | None) -> None:
    if not report.ok:
        complain(f"{each.kind}: {each.text}" for each in report.problems)
        say(f"\n[bold]Not proven[/]: {len(report.problems)} problems in {report.entries_checked} entries.")
        return
    say(f"✓ {report.entries_checked} entries and {report.checkpoints_checked} signed checkpoints, all as written.")
    say(f"  size {report.size}, root {escape(report.root.hex())}, {report.waiting} too young to have a number")
    if anchored:
        say(f"✓ contains the anchored checkpoint of size {anchored.size}")
    if not mac_checked:
        say("! without the signing key, an entry put in by hand and not yet numbered cannot be told apart")
