"""Ways to look at an embedded cluster from outside, and to use it from another process."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from core.database.embedded import Cluster

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop to another user")


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def setting(cluster: Cluster, name: str) -> object:
    return ask(cluster.admin_url, f"SELECT current_setting('{name}')")


def place_of(folder: Path) -> Path:
    return Path((folder / "place").read_text())


@contextlib.contextmanager
def another_process(folder: Path, *, before: str = "") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that starts or joins the cluster, says the server's number, and leaves when its input ends."""
    code = f"""
import sys, pathlib
from core.database.embedded import running
{before}
with running(pathlib.Path({str(folder)!r}), durable=False) as cluster:
    print(cluster.pid, flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
