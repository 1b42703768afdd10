"""Starts the server or joins the one that runs, and sees it through crashes."""

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from core.database.embedded import binaries as programs
from core.database.embedded.account import Account, server_account
from core.database.embedded.cluster import LOGINS, SUPERUSER, Cluster, furnish
from core.database.embedded.fault import fault
from core.database.embedded.home import (
    Home,
    own_folder,
    passwords,
    prepare_folder,
    runnable,
    settle,
)
from core.database.embedded.postmaster import (
    leave_a_warden,
    live_pid,
    locked,
    recorded_pid,
    shut_down_if_unused,
)
from core.database.embedded.settings import initdb_command, server_settings, start_command
from core.database.embedded.sockets import socket_folder
from core.private_file import write_private

_PORT = 5432
_RETRY = 30.0
_PAUSE = 0.2
_LOG_BYTES = 10_000_000
_PASSING = ("lock file", "still in use", "starting up", "shutting down")
"""What the log says of a start that fails only because the last server's remains are not yet gone."""


def start(folder: Path, *, tcp: bool = False, durable: bool = True, major: int | None = None) -> Cluster:
    """Start the cluster in ``folder``, or join the one that runs there. Safe from several processes at once.

    ``tcp`` also listens on 127.0.0.1, at a free port; ``durable=False`` skips fsync, for tests; ``major`` asks for
    that version of PostgreSQL. They count for whoever starts the server, not for those who join. Raises
    ConfigurationFault with the cure.
    """
    account = server_account()
    folder = prepare_folder(folder, account)
    with locked(folder / "starting.lock", fcntl.LOCK_EX), ExitStack() as undo:
        home = settle(folder, account)
        users = os.open(home.users, os.O_RDWR | os.O_CREAT, 0o600)
        undo.callback(os.close, users)
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = _Start(home, account, tcp=tcp, durable=durable, major=major).run(_leaving(home, users))
        undo.pop_all()
    return cluster


@contextmanager
def running(folder: Path, *, tcp: bool = False, durable: bool = True, major: int | None = None) -> Iterator[Cluster]:
    """The cluster in ``folder`` for as long as the block runs. See ``start``."""
    cluster = start(folder, tcp=tcp, durable=durable, major=major)
    try:
        yield cluster
    finally:
        cluster.stop()


def _leaving(home: Home, users: int) -> Callable[[], None]:
    held = [users]

    def leave() -> None:
        if not held:
            return
        try:
            with locked(home.starting, fcntl.LOCK_EX):
                os.close(held.pop())
                shut_down_if_unused(home.users, home.data)
        except FileNotFoundError:  # somebody removed the folder, and a server without its files ends by itself
            os.close(held.pop())

    return leave


class _Start:
    """One attempt to have a server, under the starting lock."""

    def __init__(self, home: Home, account: Account, *, tcp: bool, durable: bool, major: int | None) -> None:
        self._home = home
        self._account = account
        self._tcp = tcp
        self._durable = durable
        self._major = major
        self._passwords = passwords(home, LOGINS)
        self._socket = socket_folder(home, account)

    def run(self, leave: Callable[[], None]) -> Cluster:
        cluster = self._cluster(leave)
        connection = _connect(cluster) or self._boot(leave)
        with connection:
            furnish(connection, self._passwords)
        return self._cluster(leave)

    def _cluster(self, leave: Callable[[], None]) -> Cluster:
        return Cluster(self._home.data, self._socket, self._port(), self._passwords, leave)

    def _port(self) -> int:
        return int(self._home.port.read_text()) if self._home.port.exists() else _PORT

    def _boot(self, leave: Callable[[], None]) -> psycopg.Connection:
        data = self._home.data
        written_by = int((data / "PG_VERSION").read_text()) if data.exists() else None
        found = runnable(programs.choose(programs.installed(), major=written_by or self._major), self._account)
        if written_by is None:
            self._initialise(found)
        self._configure()
        connection = self._launch(found, self._cluster(leave))
        leave_a_warden(self._home.starting, self._home.users, data)
        return connection

    def _initialise(self, found: programs.Binaries) -> None:
        """Make the data folder whole or not at all: initdb works beside it."""
        fresh = self._home.place / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        own_folder(fresh, self._account)
        secret = self._home.place / "initial-password"
        write_private(secret, self._passwords[SUPERUSER])
        self._account.owns(secret)
        try:
            done = self._account.run(
                initdb_command(found, fresh, secret, durable=self._durable), folder=self._home.place
            )
        finally:
            secret.unlink()
        if done.returncode:
            raise fault(f"initdb failed: {_last_lines(done.stdout)}", _CURE)
        fresh.rename(self._home.data)

    def _configure(self) -> None:
        """Write our settings anew at each start, so that a moved folder or a newer version of ours takes effect."""
        port = _free_port() if self._tcp else _PORT
        self._home.port.write_text(str(port))
        self._home.settings.write_text(server_settings(self._socket, port, tcp=self._tcp, durable=self._durable))
        self._home.settings.chmod(0o644)
        log = self._home.log
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))

    def _launch(self, found: programs.Binaries, cluster: Cluster) -> psycopg.Connection:
        log = self._home.log
        deadline = time.monotonic() + _RETRY
        while True:
            begun = log.stat().st_size if log.exists() else 0
            self._account.run(start_command(found, self._home), folder=self._home.place)
            connection = _connect(cluster)
            if connection:
                return connection
            said = log.read_bytes()[begun:].decode(errors="replace") if log.exists() else ""
            if not any(sign in said for sign in _PASSING) or time.monotonic() > deadline:
                raise fault(f"it does not start: {_last_lines(said)}", _CURE)
            self._clear_a_false_pid()
            time.sleep(_PAUSE)

    def _clear_a_false_pid(self) -> None:
        """Remove a lock file whose number now belongs to another program (common after a container's restart).

        PostgreSQL would refuse for ever. It still refuses if processes of the old server hold the shared memory.
        """
        if recorded_pid(self._home.data) is not None and live_pid(self._home.data) is None:
            (self._home.data / "postmaster.pid").unlink(missing_ok=True)


_CURE = "Read postgres.log beside the data folder and mend what it names"


def _connect(cluster: Cluster) -> psycopg.Connection | None:
    """A real connection: the only proof that the server lives."""
    try:
        return psycopg.connect(cluster.admin_url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _last_lines(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-3:])
