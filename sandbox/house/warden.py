"""Ends the sandbox's parts once whoever started them is gone, however it went. Standard library alone: runs by itself.

It reads lines from a pipe: ``+123`` to look after process 123 and its group, ``-123`` once that has been seen to end.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

PATIENCE = 5.0
_POLL = 0.05


def listen(lines: Iterable[bytes]) -> set[int]:
    """Everybody still to be looked after when the pipe closes."""
    ours: set[int] = set()
    for line in lines:
        change = ours.add if line.startswith(b"+") else ours.discard
        change(int(line[1:]))
    return ours


def end(groups: set[int], *, patience: float = PATIENCE) -> None:
    """Ask each process group to end, and after ``patience`` seconds stop asking."""
    tell(groups, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while tell(groups, 0) and time.monotonic() < deadline:
        time.sleep(_POLL)
    tell(groups, signal.SIGKILL)


def tell(groups: set[int], order: int) -> set[int]:
    """Send the signal, and answer which groups took it."""
    return {group for group in groups if _sent(group, order)}


def _sent(group: int, order: int) -> bool:
    try:
        os.killpg(group, order)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's by now: the number was given out again
        return False
    return True


if __name__ == "__main__":  # pragma: no cover  runs as a process of its own
    end(listen(sys.stdin.buffer))
