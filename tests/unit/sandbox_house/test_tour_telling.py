"""How the tour and the command line speak, and what a proof is worth."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sandbox import telling
from sandbox.house import Journey, Look, Place, Rows
from sandbox.house.travelling import Due
from sandbox.tour import Proof
from sandbox.tour.mrkdwn import readable
from sandbox.tour.narrator import Narrator

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def page(*, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, soft_wrap=True, color_system=None)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# --- a proof ------------------------------------------------------------------------------------------------


def test_a_proof_holds_only_if_something_was_checked_and_everything_held() -> None:
    proof = Proof()
    assert not proof.holds
    proof.check("the role is gone", held=True)
    assert proof.holds
    proof.check("the session is cut", held=False, seen="it answers")
    proof.check("the card turned", held=False)
    assert not proof.holds
    assert list(proof.failures()) == ["the session is cut: it answers", "the card turned: it did not hold"]


def test_a_tour_that_was_cut_short_proves_nothing_and_says_what_stopped_it() -> None:
    proof = Proof(fault="The card did not come")
    proof.check("the form closed", held=True)
    assert not proof.holds
    assert list(proof.failures()) == ["The card did not come"]
    assert proof.as_json()["fault"] == "The card did not come"


def test_a_summary_shows_every_measurement_whole() -> None:
    proof = Proof(facts={"lag": ["a: 0.1 s", "b: 0.2 s"], "took": 1.26, "ledger root": "ab" * 60})
    proof.check("it held", held=True)
    console = page()
    console.print(proof.summary())
    shown = written(console)
    assert all(text in shown for text in ("a: 0.1 s", "b: 0.2 s", "1.3 s", "✓ 1 of 1 held"))
    assert shown.count("ab") == 60


# --- the narrator -------------------------------------------------------------------------------------------


def test_mrkdwn_becomes_readable_in_a_terminal() -> None:
    text = ":large_green_circle: *Granted* by <@U1>, <@U2> until <!date^1^{time}|2026-03-02 04:00 UTC> &lt;3 a_b_c"
    assert readable(text, {"U1": "Ben"}) == "🟢 Granted by Ben, U2 until 2026-03-02 04:00 UTC <3 a_b_c"


async def test_scenes_are_numbered_and_nothing_said_is_taken_for_markup() -> None:
    console = page()
    narrator = Narrator(console, {})
    for title in ("Ana asks", "Ben approves"):
        await narrator.scene(title)
    narrator.say("[bold]really[/]")
    narrator.show("It said:", ["one\ntwo"])
    narrator.look("in #prod-access")
    narrator.checked(Proof().check("it held", held=True, seen="[1]"))
    narrator.checked(Proof().check("it did not", held=False))
    with narrator.waiting("nobody sees this"):
        pass
    shown = written(console)
    for line in (
        "1. Ana asks",
        "2. Ben approves",
        "[bold]really[/]",
        "│ one\n",
        "│ two\n",
        "✓ it held ([1])",
        "✗ it did",
    ):
        assert line in shown
    assert "nobody" not in shown


def test_in_a_terminal_a_wait_is_seen() -> None:
    console = page(terminal=True)
    with Narrator(console, {}).waiting("the card turns"):
        pass
    assert "the card turns" in written(console)


# --- the command line ---------------------------------------------------------------------------------------


@dataclass
class Sandbox:
    """As much of one as telling needs."""

    place: Place = field(default_factory=lambda: Place(Path("/somewhere/a folder")))
    page_url: str = "http://127.0.0.1:8400"


@pytest.mark.parametrize("named", [None, Path("/somewhere/a folder")])
def test_where_to_look_names_the_page_the_people_and_the_commands(named: Path | None) -> None:
    console = page()
    told: Any = Sandbox()
    telling.where_to_look(told, console, named=named)
    shown = written(console)
    assert "http://127.0.0.1:8400/" in shown
    assert "Ana Ruiz" in shown
    assert ("sandbox travel 2h --folder '/somewhere/a folder'" in shown) is (named is not None)
    assert ("from this folder" in shown) is (named is None)


def test_a_journey_says_the_new_time_and_what_became_due(capsys: pytest.CaptureFixture[str]) -> None:
    due = Due("access that has run out", "Ana Ruiz", "ehr-db/read", NOW)
    telling.journey(Journey(NOW, timedelta(hours=2), (due,)), as_json=False)
    telling.journey(Journey(NOW, timedelta(hours=2), ()), as_json=False)
    shown = capsys.readouterr().out
    assert "It is now 2026-03-02 03:00:00 UTC in the sandbox, 2 hours ahead" in shown
    assert "Became due:\n  access that has run out: Ana Ruiz, ehr-db/read" in shown
    assert "Nothing became due." in shown


def test_a_status_marks_what_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"web-1": "ready", "slack": "listens", "worker-1": "does not answer"}
    found = Look(Path("/x"), "http://127.0.0.1:8400", NOW, timedelta(), parts)
    telling.status(found, as_json=False)
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines()[:3]] == ["✓", "✓", "✗"]
    telling.status(found, as_json=True)
    assert json.loads(capsys.readouterr().out)["well"] is False


def test_rows_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    telling.answer(Rows(["name", "lag"], [("[red]replica[/]", 847)]))
    telling.answer(Rows((), ()))
    shown = capsys.readouterr().out
    assert "[red]replica[/]" in shown
    assert shown.endswith("Done.\n")


def test_our_own_name_is_typed_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "chaperone"
    script.parent.mkdir()
    script.write_text("#!/bin/sh")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(script)])
    monkeypatch.setenv("PATH", "")
    assert telling.ourselves() == "bin/chaperone"
    monkeypatch.setenv("PATH", str(script.parent))
    assert telling.ourselves() == "chaperone"
    monkeypatch.setattr("sys.argv", ["-c"])
    assert telling.ourselves() == "chaperone"
