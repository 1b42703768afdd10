"""The server's process: is it there, end it, and end it when all who use it are gone.

Standard library alone: this file is also run by itself, as the warden that outlives a killed starter.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_POLL = 0.02
ORDERS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
"""Fast: sessions end and the data is left clean. Immediate: the next start recovers. Then without asking."""
_WARDENS = 3
"""How many wardens may pass through a lock one after the other: one is usual."""


@contextmanager
def locked(file: Path, how: int) -> Iterator[int]:
    """Hold an flock on ``file`` for as long as the block runs. With LOCK_NB raises BlockingIOError if it is taken."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, how)
        yield handle
    finally:
        os.close(handle)


def recorded_pid(data: Path) -> int | None:
    """The process id in ``postmaster.pid``, which may be stale."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def live_pid(data: Path) -> int | None:
    """The process id of the server that works on ``data``, None if there is none.

    A process of that number that is something else (numbers are reused, in containers at once) does not count.
    """
    pid = recorded_pid(data)
    return pid if pid is not None and is_server(pid, data) else None


def is_server(pid: int, data: Path, *, proc: Path = Path("/proc")) -> bool:
    """Whether the process is a server on ``data``; where there is no /proc, whether it is a server at all."""
    if proc.is_dir():
        try:
            return (proc / str(pid) / "cwd").resolve(strict=True) == data.resolve()
        except OSError:  # gone, or a zombie
            return False
    command = ["ps", "-p", str(pid), "-o", "comm="]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  fixed words, a number
    return answer.stdout.strip().endswith("postgres")


def shut_down(data: Path, orders: Sequence[tuple[signal.Signals, float]] = ORDERS) -> None:
    """End the server with one signal after the other, each with its patience in seconds, until it is gone."""
    for order, patience in orders:
        pid = live_pid(data)
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, order)
        if _gone(data, patience):
            return


def _gone(data: Path, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while live_pid(data) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def shut_down_if_unused(users: Path, data: Path) -> bool:
    """Under the starting lock: end the server unless somebody holds ``users``. True if nobody did."""
    for _ in range(_WARDENS):
        try:
            with locked(users, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shut_down(data)
                return True
        except BlockingIOError:
            with locked(users, fcntl.LOCK_SH):
                pass  # A warden was passing through (it lets go at once), or somebody shares the lock as we do here.
    return False


def watch(starting: Path, users: Path, data: Path) -> None:
    """Wait until nobody uses the server any more, however they went, and end it."""
    while True:
        with locked(users, fcntl.LOCK_EX):
            pass  # Not kept: whoever starts the server takes the starting lock first, and so must we.
        with locked(starting, fcntl.LOCK_EX):
            if shut_down_if_unused(users, data):
                return


def leave_a_warden(starting: Path, users: Path, data: Path) -> None:
    """Start ``watch`` in a process of its own that belongs to nobody."""
    command = [sys.executable, "-I", "-S", __file__, str(starting), str(users), str(data)]
    subprocess.run(  # noqa: S603  our own file and folders
        command,
        cwd="/",
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )


if __name__ == "__main__":  # pragma: no cover  runs as the warden, outside the measured process
    if os.fork() == 0:
        with suppress(FileNotFoundError):  # the whole folder was removed: nothing is left to watch
            watch(*map(Path, sys.argv[1:]))
