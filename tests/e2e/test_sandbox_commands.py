"""The sandbox as somebody runs it in a terminal: status, travel, query, env, stop; and nothing is left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.house import Options, PartFailed, Sandbox
from sandbox.house.places import CLINIC

CHAPERONE = Path(sys.executable).with_name("chaperone")


class Terminal:
    """One folder, and Chaperone's command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CHAPERONE, *words],
            env={**os.environ, "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def sandbox(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("sandbox", *words, "--folder", str(self.folder))

    def start(self) -> subprocess.Popen[str]:
        """Start the sandbox in the background and read what it says until it stays."""
        command = [CHAPERONE, "sandbox", "--folder", self.folder, "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "ends everything" in line:
                return process
        raise AssertionError("".join(said))

    def processes(self) -> list[str]:
        """Everything that still runs for this folder."""
        found = []
        for each in psutil.process_iter(["cmdline", "environ", "status"]):
            line, said = " ".join(each.info["cmdline"] or []), str(each.info["environ"] or "")
            if each.info["status"] != psutil.STATUS_ZOMBIE and str(self.folder) in line + said:
                found.append(line)
        return found


@pytest.fixture(scope="module")
def terminal(short_folder: Path) -> Terminal:
    return Terminal(short_folder / f"cli-{uuid.uuid4().hex[:6]}")


@pytest.fixture
def running(terminal: Terminal) -> Iterator[subprocess.Popen[str]]:
    process = terminal.start()
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    _gone(terminal)


def test_a_person_plays_with_it_and_ends_it(terminal: Terminal, running: subprocess.Popen[str]) -> None:
    status = json.loads(terminal.sandbox("status", "--json").stdout)
    assert status["well"] is True
    assert set(status["parts"]) == {"database", "aws", "aws-front", "slack", "web-1", "worker-1", "clock-1"}

    journey = json.loads(terminal.sandbox("travel", "1h30m", "--json").stdout)
    assert journey["ahead"] == "1 hour 30 minutes"
    assert terminal.sandbox("travel", "yesterday").returncode == 2

    refused = terminal.sandbox("query", "ana", "SELECT 1")
    assert (refused.returncode, "refuses ana_ruiz" in refused.stderr) == (1, True)

    said = json.loads(terminal.sandbox("env", "--json").stdout)
    assert terminal.run("ledger", "verify", **said).returncode == 0

    second = terminal.sandbox()
    assert (second.returncode, "already" in second.stderr) == (1, True)

    assert terminal.sandbox("stop").returncode == 0
    running.wait(10)
    assert terminal.sandbox("status").returncode == 1
    assert terminal.processes() == []


def test_killing_the_supervisor_leaves_nothing_behind(terminal: Terminal, running: subprocess.Popen[str]) -> None:
    assert len(terminal.processes()) >= 6
    running.send_signal(signal.SIGKILL)
    running.wait(10)
    _gone(terminal)


async def test_a_part_that_does_not_start_is_named_with_its_cure_and_nothing_stays(short_folder: Path) -> None:
    clinic = short_folder / f"broken-{uuid.uuid4().hex[:6]}"
    shutil.copytree(CLINIC, clinic)
    (clinic / "policies" / "30-billing.cedar").write_text("permit (principal, action, resource)")
    folder = short_folder / f"sb-{uuid.uuid4().hex[:6]}"
    with pytest.raises(PartFailed, match="release ended with exit code 2") as failed:
        async with Sandbox(folder, Options(clinic=clinic, durable=False)):
            raise AssertionError("it must not start")
    assert "30-billing.cedar" in str(failed.value)
    assert Terminal(folder).processes() == []


def _gone(terminal: Terminal) -> None:
    deadline = time.monotonic() + 20
    while left := terminal.processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
