"""`chaperone release`, `check` and `ledger …` on a real database, and what a superuser's hand leaves behind."""

import asyncio
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bot.command_line import run
from bot.configuration import Configuration
from core.database.embedded import OWNER, Cluster
from core.proof.keys import SigningKey
from tests.scenarios.house.house_requests import asked

Capture = pytest.CaptureFixture[str]
Tamper = Callable[[str], None]


def outcome(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(arguments)
    said = capsys.readouterr()
    return code, said.out, " ".join(said.err.split())


# --- release ------------------------------------------------------------------------------------------------


def test_the_first_release_migrates_and_makes_the_key_the_next_finds_both(
    capsys: Capture, house_environment: pytest.MonkeyPatch, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.create_database("test_first_release")
    house_environment.setenv("DATABASE_OWNER_URL", cluster.url(OWNER, "test_first_release"))
    try:
        code, out, _ = outcome(capsys, "release", "--json")
        first = json.loads(out)
        assert code == 0
        assert first["migrations"][0] == "0001"
        assert first["key_made"] is True
        assert (tmp_path / "ledger.key").stat().st_mode & 0o777 == 0o600
        code, out, _ = outcome(capsys, "release", "--json")
        assert json.loads(out) == first | {"migrations": [], "key_made": False}
        code, out, _ = outcome(capsys, "release")
        assert code == 0
        assert first["verifying_key"] in out
        assert "schema: was current" in out
    finally:
        cluster.drop_database("test_first_release")


async def test_a_key_that_is_lost_is_not_made_anew(capsys: Capture, configured: Configuration) -> None:
    await asked(configured)
    configured.key_file.unlink()
    code, _, err = outcome(capsys, "release")
    assert code == 2
    assert "Restore it from its backup." in err


async def test_a_key_that_signed_nothing_here_is_refused(
    capsys: Capture, configured: Configuration, key: SigningKey
) -> None:
    await asked(configured)
    configured.key_file.unlink()
    SigningKey.generate(key.name).write(configured.key_file)
    code, _, err = outcome(capsys, "release")
    assert code == 2
    assert "did not sign the ledger's last checkpoint" in err


# --- check --------------------------------------------------------------------------------------------------


async def test_check_tells_what_answers_and_what_does_not(capsys: Capture, configured: Configuration) -> None:
    code, out, _ = await asyncio.to_thread(outcome, capsys, "check", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["status"] == "degraded"
    assert {name for name, each in found["checks"].items() if not each["ok"]} == {"vendor aws", "vendor postgres"}
    assert found["checks"]["slack"]["says"].startswith("Slack answers: @")
    assert found["paths"] > 0
    code, out, _ = await asyncio.to_thread(outcome, capsys, "check")
    assert code == 1
    assert "Maple Valley Clinic" in out
    assert "✗" not in out


def test_check_without_slack_says_that_the_house_is_not_ready(
    capsys: Capture, house_environment: pytest.MonkeyPatch, key: SigningKey
) -> None:
    code, out, _ = outcome(capsys, "check")
    assert code == 1
    assert "✗ fails  slack" in out
    assert out.rstrip().endswith("not ready")


# --- the ledger ---------------------------------------------------------------------------------------------


async def test_a_sound_ledger_is_proven(
    capsys: Capture, configured: Configuration, key: SigningKey, tmp_path: Path
) -> None:
    await asked(configured)
    code, note, _ = outcome(capsys, "ledger", "checkpoint")
    assert code == 0
    kept = tmp_path / "kept.txt"
    kept.write_text(note)
    await asked(configured, 2)
    code, out, err = outcome(capsys, "ledger", "verify", "--anchor", str(kept), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["verified"] is True
    assert found["size"] == found["entries"] == 3
    code, out, _ = outcome(capsys, "ledger", "verify", "--anchor", str(kept), "--key", str(key.verifying_key))
    assert code == 0
    assert "contains the anchored checkpoint of size 1" in out
    assert "without the signing key" in out


SECOND = "(SELECT entry FROM ledger_leaf WHERE index = 1)"
FORGERY = """
    INSERT INTO ledger_entry SELECT gen_random_uuid(), pg_current_xact_id(), at, event, subject_table, subject, source,
        target, actor, trace, data, mac FROM ledger_entry LIMIT 1"""


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (f"UPDATE ledger_entry SET actor = 'person:nobody' WHERE id = {SECOND}", "changed"),
        (f"DELETE FROM ledger_entry WHERE id = {SECOND}", "dropped"),
        (FORGERY, "inserted"),
        ("UPDATE access_request SET status = 'approved'", "unexplained"),
    ],
)
async def test_a_superusers_hand_is_found_and_named(
    capsys: Capture, configured: Configuration, tamper: Tamper, statement: str, kind: str
) -> None:
    await asked(configured, 3)
    tamper(statement)
    code, out, err = outcome(capsys, "ledger", "verify")
    assert code == 1
    assert f"✗ {kind}:" in err
    assert "Not proven" in out
    code, out, _ = outcome(capsys, "ledger", "verify", "--json")
    assert code == 1
    assert kind in {each["kind"] for each in json.loads(out)["problems"]}


async def test_a_ledger_cut_short_does_not_hold_what_was_anchored(
    capsys: Capture, configured: Configuration, tamper: Tamper, tmp_path: Path
) -> None:
    await asked(configured, 2)
    _, note, _ = outcome(capsys, "ledger", "checkpoint")
    (tmp_path / "kept.txt").write_text(note)
    for table in ("ledger_checkpoint", "ledger_leaf", "ledger_entry", "access_request"):
        tamper(f"DELETE FROM {table}")
    assert outcome(capsys, "ledger", "verify")[0] == 0
    code, _, err = outcome(capsys, "ledger", "verify", "--anchor", str(tmp_path / "kept.txt"))
    assert code == 1
    assert "truncated" in err


async def test_an_anchor_that_is_none_is_said_to_be(capsys: Capture, configured: Configuration, tmp_path: Path) -> None:
    code, _, err = outcome(capsys, "ledger", "verify", "--anchor", str(tmp_path / "absent"))
    assert code == 2
    assert "cannot be read" in err
    (tmp_path / "broken").write_text("no note")
    code, _, err = outcome(capsys, "ledger", "verify", "--anchor", str(tmp_path / "broken"))
    assert code == 1
    assert "malformed" in err


async def test_what_is_exported_hashes_to_what_was_signed(
    capsys: Capture, configured: Configuration, tmp_path: Path
) -> None:
    await asked(configured, 3)
    to = tmp_path / "ledger.ndjson"
    assert outcome(capsys, "ledger", "export", "--to", str(to))[0] == 0
    *entries, last = [json.loads(line) for line in to.read_text().splitlines()]
    assert [each["index"] for each in entries] == [0, 1, 2]
    for each in entries:
        assert sha256(b"\x00" + each["entry"].encode()).hexdigest() == each["hash"]
    assert last["size"] == 3
    code, note, _ = outcome(capsys, "ledger", "checkpoint", "--json")
    assert code == 0
    assert json.loads(note) == last
    outcome(capsys, "ledger", "export", "--to", str(to), "--since", "2")
    assert [json.loads(line).get("index") for line in to.read_text().splitlines()] == [2, None]


@pytest.mark.parametrize("command", ["export", "checkpoint"])
async def test_a_ledger_without_a_checkpoint_says_so(
    capsys: Capture, configured: Configuration, command: str, tmp_path: Path
) -> None:
    arguments = ["--to", str(tmp_path / "out")] if command == "export" else []
    code, _, err = outcome(capsys, "ledger", command, *arguments)
    assert code == 1
    assert "no signed checkpoint yet" in err
    assert not (tmp_path / "out").exists()


async def test_export_goes_to_standard_output_without_a_file(configured: Configuration, capfdbinary: Any) -> None:
    await asked(configured)
    assert run(["ledger", "export"]) == 0
    lines = capfdbinary.readouterr().out.splitlines()
    assert len(lines) == 2
