"""The command line: help, exit codes, errors that name the cure, never a stack trace."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bot.command_line import run


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, said.out, " ".join(said.err.split())


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("web",),
        ("worker",),
        ("clock",),
        ("release",),
        ("check",),
        ("manifest",),
        ("ledger",),
        ("ledger", "verify"),
        ("ledger", "export"),
        ("ledger", "checkpoint"),
        ("access",),
        ("access", "explain"),
        ("sandbox",),
        ("sandbox", "travel"),
    ],
)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    code, out, _ = outcome(capsys, *command, "--help")
    assert code == 0
    assert "Usage: chaperone" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("web", "--nonsense"),
        ("access", "explain"),
        ("manifest",),
        ("manifest", "--url", "http://plain.example"),
        ("manifest", "--url", "https://h.example", "--socket-mode"),
        ("ledger", "export", "--since", "-1"),
    ],
)
def test_bad_use_ends_with_two(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, err = outcome(capsys, *arguments)
    assert code == 2
    assert err
    assert "{" not in out


@pytest.mark.parametrize("arguments", [("manifest", "--url", "https://h.example"), ("manifest", "--socket-mode")])
def test_the_manifest_is_json(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, _ = outcome(capsys, *arguments)
    assert code == 0
    assert json.loads(out)["display_information"]["name"] == "Chaperone"


def test_the_manifest_is_yaml_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = outcome(capsys, "manifest", "--socket-mode", "--yaml")
    assert code == 0
    assert out.startswith("display_information:\n  name: Chaperone\n")


@pytest.mark.parametrize("process", ["web", "worker", "clock", "check"])
def test_faults_of_the_configuration_stop_the_start(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch, clinic: Path, process: str
) -> None:
    environment.delenv("SLACK_BOT_TOKEN")
    text = (clinic / "chaperone.yaml").read_text()
    (clinic / "chaperone.yaml").write_text(text.replace("organisation:", "organization:"))
    code, out, err = outcome(capsys, process)
    assert (code, out) == (2, "")
    assert "SLACK_BOT_TOKEN: not set." in err
    assert "chaperone.yaml:4: “organization” is not known here. Did you mean “organisation”?" in err


@pytest.mark.parametrize("process", ["web", "worker", "clock"])
def test_without_a_key_a_process_says_who_makes_it(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch, process: str
) -> None:
    code, _, err = outcome(capsys, process)
    assert code == 2
    assert "Run `chaperone release`" in err


@pytest.mark.parametrize("arguments", [("release",), ("ledger", "checkpoint"), ("ledger", "export")])
def test_a_database_that_is_away_ends_with_two_and_a_cure(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    code, _, err = outcome(capsys, *arguments)
    assert code == 2
    assert "The database cannot be asked (OperationalError)." in err
    assert "127.0.0.1" not in err


def test_verify_needs_a_key_or_says_so(capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch) -> None:
    code, _, err = outcome(capsys, "ledger", "verify")
    assert code == 2
    assert "there is no signing key" in err
    code, _, err = outcome(capsys, "ledger", "verify", "--key", "nonsense")
    assert code == 2
    assert "verifying key:" in err


# --- access explain -----------------------------------------------------------------------------------------


MINIMUM = "Only the appointments table of the clinic that reported the fault."


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code, out, _ = outcome(capsys, "access", "explain", *arguments, "--json")
    return code, json.loads(out)


def test_explain_names_the_path_and_who_could_approve(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("SLACK_BOT_TOKEN")  # policy is explained without Slack, vendors or a database
    wish = ("p-ana", "ehr-db/read", "--purpose", "incident", "--minimum-necessary", MINIMUM)
    code, found = explained(capsys, *wish)
    assert code == 0
    assert (found["allowed"], found["path"], found["approvals"]) == (True, "prod-db-read", 1)
    assert set(found["approvers"]) == {"p-ben", "p-chloe"}  # type: ignore[call-overload]
    code, out, _ = outcome(capsys, "access", "explain", *wish)
    assert code == 0
    assert "Could approve: Ben Okafor, Chloe Dubois" in out


def test_explain_names_the_forbid_that_holds(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch
) -> None:
    code, found = explained(capsys, "U0KOFIMEN", "ehr-db/read", "--duration", "PT30M")
    assert code == 1
    held = {each["id"]: each["kind"] for each in found["policies"] if each["held"]}  # type: ignore[attr-defined]
    assert held == {"prod-db-read": "path", "no-contractors-on-phi": "forbid"}
    code, out, _ = outcome(capsys, "access", "explain", "U0KOFIMEN", "ehr-db/read")
    assert code == 1
    assert "Kofi Mensah may not have ehr-db/read" in out
    assert "not for this:" in out


def test_explain_without_approvals_asks_nobody(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch
) -> None:
    code, found = explained(capsys, "p-lena", "scheduling-db-staging/read", "--duration", "2h")
    assert code == 0
    assert (found["approvals"], found["approvers"]) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("p-nobody", "ehr-db/read"), 1, "The directory binds this Slack account to nobody"),
        (("p-ana", "nothing/read"), 1, "is not in the catalogue"),
        (("p-ana", "ehr-db/read", "--duration", "soon"), 2, "--duration: “soon” is not a length."),
    ],
)
def test_explain_says_what_it_does_not_know(
    capsys: pytest.CaptureFixture[str],
    environment: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    found, _, err = outcome(capsys, "access", "explain", *arguments)
    assert found == code
    assert says in err


# --- the process --------------------------------------------------------------------------------------------


def test_the_entry_point_ends_the_process_with_the_commands_code(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.delenv("CHAPERONE_CONFIG")
    ended = subprocess.run(
        [sys.executable, "-c", "from bot.command_line import main; main()", "ledger", "verify"],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
        timeout=120,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "CHAPERONE_CONFIG: not set." in ended.stderr


def test_the_sandbox_that_is_not_installed_says_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sandbox.command_line", None)
    code, _, err = outcome(capsys, "sandbox", "--tour")
    assert code == 2
    assert "pip install 'chaperone[sandbox]'" in err


def test_a_sandbox_of_another_release_is_said_to_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ModuleType("sandbox.command_line")
    other.app = "none of ours"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sandbox.command_line", other)
    code, _, err = outcome(capsys, "sandbox")
    assert code == 2
    assert "of another release" in err


def test_an_unforeseen_error_is_named_and_nothing_more(
    capsys: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch, clinic: Path
) -> None:
    environment.setattr("bot.command_line.describing.app_manifest", lambda **_: 1 / 0)
    code, _, err = outcome(capsys, "manifest", "--socket-mode")
    assert code == 1
    assert "ZeroDivisionError" in err
