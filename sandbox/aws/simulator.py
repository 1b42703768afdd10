"""Starting and stopping the simulator's process, and what others need to find it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.aws.process import DidNotStart, end, start_module

REGION = "us-east-1"
ACCESS_KEY = "sandbox"


@dataclass(frozen=True)
class AwsSimulator:
    """A running simulator."""

    endpoint: str
    process: subprocess.Popen[bytes]
    started_in: float
    """Seconds from the start of the process to its first answer."""

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to take the simulator for AWS."""
        return environment(self.endpoint)

    def stop(self) -> None:
        end(self.process)


def environment(endpoint: str) -> dict[str, str]:
    """The variables by which boto3 finds the simulator. Its region must be the one that was seeded."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
    }


def start(*, log: Path | None = None) -> AwsSimulator:
    """Start moto's server on a free port and wait until it answers. Raises DidNotStart.

    ``log`` takes what it writes; without one that is kept for the error and then dropped.
    """
    process, port, seconds = start_module("sandbox.aws", log=log)
    return AwsSimulator(f"http://127.0.0.1:{port}", process, seconds)


@contextmanager
def running(*, log: Path | None = None) -> Iterator[AwsSimulator]:
    """A simulator for as long as the block lasts."""
    simulator = start(log=log)
    try:
        yield simulator
    finally:
        simulator.stop()


__all__ = ["ACCESS_KEY", "REGION", "AwsSimulator", "DidNotStart", "environment", "running", "start"]
