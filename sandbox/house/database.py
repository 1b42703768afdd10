"""The sandbox's PostgreSQL, as a part that can be killed and started again under the same address."""

import os
import signal
import threading
import time
from pathlib import Path

from core.database import embedded
from core.database.embedded.postmaster import live_pid
from sandbox.house.faults import PartFailed

_GONE_WITHIN = 30.0


class DatabasePart:
    """One cluster with Chaperone's database and, once seeded, the clinic's."""

    name = "database"

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._folder = folder
        self._durable = durable
        self._cluster: embedded.Cluster | None = None
        self.expected_to_live = False
        self._one_at_a_time = threading.Lock()

    @property
    def cluster(self) -> embedded.Cluster:
        if self._cluster is None:
            raise PartFailed(self.name, "has not been started")
        return self._cluster

    @property
    def alive(self) -> bool:
        return self._cluster is not None and live_pid(self._cluster.data) is not None

    def start(self) -> None:
        """Start or join it. Its addresses stay the same: they name a socket, not a port."""
        with self._one_at_a_time:
            before, self._cluster = self._cluster, embedded.start(self._folder, durable=self._durable)
            self.expected_to_live = True
            if before:
                before.stop()

    def kill(self, order: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the server's first process, and see it go."""
        self.expected_to_live = False
        pid = live_pid(self.cluster.data)
        if pid is None:
            return
        os.kill(pid, order)
        deadline = time.monotonic() + _GONE_WITHIN
        while live_pid(self.cluster.data) is not None:
            if time.monotonic() > deadline:
                raise PartFailed(self.name, f"did not end within {_GONE_WITHIN:.0f} seconds of signal {order}")
            time.sleep(0.02)

    def stop(self) -> None:
        self.expected_to_live = False
        if self._cluster:
            self._cluster.stop()
            self._cluster = None

    def how_it_ended(self) -> str:
        return "is running" if self.alive else "has ended"

    def said(self) -> str:
        """The end of the server's own log."""
        log = self.cluster.data.parent / "log" / "postgres.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""
