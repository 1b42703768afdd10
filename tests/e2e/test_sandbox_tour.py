"""`chaperone sandbox --tour` as CI runs it: plays the story, ends by itself, and says what it proved."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

pytestmark = [pytest.mark.timeout(400)]

CHAPERONE = Path(sys.executable).with_name("chaperone")


@pytest.fixture(scope="module")
def folder(short_folder: Path) -> Path:
    return short_folder / f"tour-{uuid.uuid4().hex[:6]}"


@pytest.fixture(scope="module")
def tour(folder: Path) -> subprocess.CompletedProcess[str]:
    """The tour, played once for all tests here."""
    command = [CHAPERONE, "sandbox", "--tour", "--folder", folder, "--port", "0"]
    environment = os.environ | {"CI": "1", "COLUMNS": "120"}
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=380
    )


def test_it_ends_by_itself_with_zero_and_a_proof(tour: subprocess.CompletedProcess[str]) -> None:
    assert tour.returncode == 0, tour.stdout[-4000:] + tour.stderr[-4000:]
    assert "Proof summary" in tour.stdout
    assert "✓ Proven" in tour.stdout
    assert "✗" not in tour.stdout


def test_every_line_of_the_summary_was_measured(tour: subprocess.CompletedProcess[str], folder: Path) -> None:
    proof = json.loads((folder / "proof.json").read_text())
    assert proof["proven"] is True
    assert len(proof["checks"]) >= 30
    assert all(check["held"] for check in proof["checks"])
    facts = proof["facts"]
    assert [line.partition(" ")[0] for line in facts["granted"]] == ["ehr-db/read", "aws-prod/read-only"]
    assert len(facts["revoked"]) == len(facts["read back as gone"]) == len(facts["lag"]) == 2
    assert all("nothing" in line for line in facts["read back as gone"])
    assert int(facts["ledger verified"].partition(" ")[0]) >= 15
    assert len(bytes.fromhex(facts["ledger root"])) == 32


def test_nothing_of_it_is_left_running(tour: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert not (folder / "running.json").exists()
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert [line for line in listed.splitlines() if str(folder) in line] == []
