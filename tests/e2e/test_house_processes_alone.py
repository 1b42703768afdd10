"""The processes as a host starts them: on an embedded database that they share, ended by a signal."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.unit.bot.conftest import CLINIC

COMMAND = [sys.executable, "-c", "from bot.command_line import main; main()"]
ENDS_WITHIN = 10.0


@pytest.fixture
def house(short_folder: Path) -> dict[str, str]:
    """The environment of a house without a database of its own, in a folder whose sockets' names are short enough."""
    folder = short_folder / "alone"
    (folder / "policies").mkdir(parents=True)
    for file in (*CLINIC.glob("*.yaml"), *CLINIC.glob("policies/*.cedar")):
        (folder / file.relative_to(CLINIC)).write_text(file.read_text())
    ours = ("SLACK_", "DATABASE_", "CHAPERONE_", "AWS_", "LEDGER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {
        "CHAPERONE_CONFIG": str(folder),
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "shh",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "CLINIC_POSTGRES_URL": "postgresql://admin@127.0.0.1:1/clinic",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[str]) -> dict[str, dict[str, object]]:
    """Its readiness, once it answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return dict(httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10).json()["checks"])
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(process.stderr.read() if process.stderr else "")


def test_the_processes_share_an_embedded_database_and_end_when_told(house: dict[str, str], tmp_path: Path) -> None:
    released = subprocess.run(
        [*COMMAND, "release"], env=house, capture_output=True, text=True, check=False, timeout=120
    )
    assert released.returncode == 0, released.stderr
    assert "applied 0001" in released.stdout
    with ExitStack() as stack:
        started = {}
        for name in ("web", "worker", "clock"):
            port = free_port()
            log = stack.enter_context((tmp_path / f"{name}.log").open("w"))
            process = subprocess.Popen(
                [*COMMAND, name], env=house | {"PORT": str(port)}, stdout=log, stderr=log, text=True
            )
            stack.callback(process.kill)
            started[name] = (process, port)
        for process, port in started.values():
            checks = wait_for(port, process)
            assert checks["database"]["ok"]
            assert checks["migrations"]["ok"]
        for process, _ in started.values():
            process.send_signal(signal.SIGTERM)
        for name, (process, _) in started.items():
            assert process.wait(ENDS_WITHIN) == 0, (tmp_path / f"{name}.log").read_text()
            lines = (tmp_path / f"{name}.log").read_text()
            assert '"event":"process.ended"' in lines
            assert "Traceback" not in lines
    verified = subprocess.run(
        [*COMMAND, "ledger", "verify"], env=house, capture_output=True, text=True, check=False, timeout=120
    )
    assert verified.returncode == 0, verified.stderr
