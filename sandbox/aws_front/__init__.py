"""In front of moto: Identity Center's slowness and AWS's bad days, which moto does not have."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.aws.process import end, start_module


@dataclass(frozen=True)
class AwsFront:
    """A running front. ``POST {endpoint}/sandbox/faults`` injects; see ``faults.InjectedFault`` for the fields."""

    endpoint: str
    process: subprocess.Popen[bytes]
    started_in: float

    def stop(self) -> None:
        end(self.process)


def start(upstream: str, *, polls: int = 0, log: Path | None = None) -> AwsFront:
    """Start a front for the simulator at ``upstream`` on a free port. Raises sandbox.aws.DidNotStart.

    ``polls``: for how many looks each assignment change stays IN_PROGRESS; 0 is done at once, as moto is.
    """
    process, port, seconds = start_module("sandbox.aws_front", "--upstream", upstream, "--polls", str(polls), log=log)
    return AwsFront(f"http://127.0.0.1:{port}", process, seconds)


@contextmanager
def running(upstream: str, *, polls: int = 0, log: Path | None = None) -> Iterator[AwsFront]:
    """A front for as long as the block lasts."""
    front = start(upstream, polls=polls, log=log)
    try:
        yield front
    finally:
        front.stop()
