"""A server of ours as a child process: it tells its port through a file and ends when we do."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class DidNotStart(Exception):  # noqa: N818  says what happened
    """The server ended or stayed silent. The text holds what it said."""


def start_module(module: str, *arguments: str, log: Path | None = None) -> tuple[subprocess.Popen[bytes], int, float]:
    """Run ``python -m module --with-parent --port-file F`` until F names a port: process, port, seconds taken."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaperone-") as folder:
        said, port_file = log or Path(folder, "said"), Path(folder, "port")
        with said.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  our own modules
                [sys.executable, "-m", module, "--with-parent", "--port-file", str(port_file), *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return process, _await_port(process, port_file, said), time.monotonic() - began


def end(process: subprocess.Popen[bytes], *, patience: float = STOP_SECONDS) -> None:
    """Ask it to end, and see that it does: after ``patience`` seconds by force."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def tell_port(port_file: Path, port: int) -> None:
    """Write the port so that a reader sees all of it or nothing."""
    fresh = port_file.with_suffix(".new")
    fresh.write_text(str(port))
    fresh.replace(port_file)


def _await_port(process: subprocess.Popen[bytes], port_file: Path, said: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if port_file.exists():
            return int(port_file.read_text())
        time.sleep(0.02)
    end(process)
    raise DidNotStart(f"{process.args!r} did not start.\n{said.read_text()[-2000:]}")
