"""A part of the sandbox: one process of its own, with a log, that nobody leaves behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.house import warden
from sandbox.house.faults import PartFailed

LAST_LINES = 12
_PATIENCE = 10.0


class Warden:
    """The process that ends our parts when we can no longer do it ourselves (kill -9)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own file
            [sys.executable, "-I", "-S", warden.__file__],
            stdin=subprocess.PIPE,
            env={},
            start_new_session=True,
            bufsize=0,
        )

    def look_after(self, pid: int) -> None:
        self._say(b"+%d\n" % pid)

    def forget(self, pid: int) -> None:
        self._say(b"-%d\n" % pid)

    def _say(self, line: bytes) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # the warden itself was killed: our own orderly end must do
                self._process.stdin.write(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


class Part:
    """One process. ``environment`` is all that it gets; ``log`` takes what it writes, start after start."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, keeper: Warden
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._keeper = keeper
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0
        self.expected_to_live = False

    @property
    def pid(self) -> int:
        """The process id, 0 when it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else 0

    @property
    def alive(self) -> bool:
        return self.pid > 0

    def start(self, **extra: str) -> None:
        """Start the process, in a session of its own so that Ctrl-C reaches the supervisor alone."""
        if self.alive:
            return
        self._collect()
        with self.log.open("ab") as output:
            self._begun = output.tell()
            self._process = subprocess.Popen(  # noqa: S603  our own programs
                self._command,
                env=self._environment | extra,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._keeper.look_after(self._process.pid)
        self.expected_to_live = True

    def kill(self, order: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and, if it is one that ends processes at once, see it end."""
        self.expected_to_live = False
        if self._process and self.alive:
            self._process.send_signal(order)
            if order == signal.SIGKILL:
                self._process.wait()
                self._collect()

    def stop(self, patience: float = _PATIENCE) -> None:
        """Ask it to end; after ``patience`` seconds make it."""
        self.ask_to_stop()
        if self._process:
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._collect()

    def ask_to_stop(self) -> None:
        self.expected_to_live = False
        if self._process and self.alive:
            self._process.terminate()

    def wait(self, within: float) -> int:
        """The exit code, negative for a signal. Raises PartFailed when it has not ended ``within`` seconds."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise self.failed(f"did not end within {within:.0f} seconds") from None

    def said(self) -> str:
        """What it wrote since its last start."""
        with self.log.open("rb") as written:
            written.seek(self._begun)
            return written.read().decode(errors="replace")

    def failed(self, what: str) -> PartFailed:
        """The error to raise about it, with the end of its log."""
        last = "\n".join(f"    {line}" for line in self.said().strip().splitlines()[-LAST_LINES:])
        return PartFailed(self.name, what, said=last, log=self.log)

    def how_it_ended(self) -> str:
        """In words: ``ended by signal 9``, ``ended with exit code 2``."""
        code = self._process.poll() if self._process else None
        if code is None:
            return "is running"
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def require_alive(self) -> None:
        """Raises PartFailed if it has ended."""
        if not self.alive:
            raise self.failed(self.how_it_ended())

    def await_file(self, file: Path, within: float = 60.0) -> str:
        """The content of a file that it writes once it is ready. Raises PartFailed."""
        deadline = time.monotonic() + within
        while not file.exists():
            self.require_alive()
            if time.monotonic() > deadline:
                raise self.failed(f"was not ready within {within:.0f} seconds")
            time.sleep(0.02)
        return file.read_text()

    def _collect(self) -> None:
        if self._process and self._process.poll() is not None:
            self._keeper.forget(self._process.pid)
