"""Which account of the operating system the server runs as, and what that account can reach."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.database.embedded.fault import fault
from core.errors import ConfigurationFault

_UNPRIVILEGED = "nobody"
_CURE = "Run as an ordinary user"
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Account:
    """``dropped`` is True when we are root and the server must run as somebody else (PostgreSQL refuses root)."""

    uid: int
    gid: int
    dropped: bool

    @property
    def mode(self) -> int:
        """The mode of our own folders on the way to the account's: open to pass through if it is not ours."""
        return 0o711 if self.dropped else 0o700

    def owns(self, path: Path) -> Path:
        """Hand ``path``, which lies in a folder of ours, to the account."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)
        return path

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter every folder on the way to ``path`` and ``path`` itself."""
        full = path.resolve()
        return not self.dropped or all(self.may_enter(step) for step in (full, *full.parents))

    def may_enter(self, step: Path) -> bool:
        status = step.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(status.st_mode >> shift & 1)

    def run(self, command: Sequence[str], *, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as the account, in ``folder``, in a session of its own so that Ctrl-C does not reach it.

        The environment is bare, because ours holds tokens that the server has no business to know. Raises
        ConfigurationFault where the operating system does not let us drop to the account.
        """
        user, group = (self.uid, self.gid) if self.dropped else (None, None)
        # A file, not a pipe: the server inherits it, and a pipe would stay open for as long as the server lives.
        with tempfile.TemporaryFile("w+") as said:
            try:
                done = subprocess.run(  # noqa: S603  our own programs and arguments
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env={"PATH": os.defpath, "LC_ALL": "C"},
                    start_new_session=True,
                    umask=0o077,
                    check=False,
                    timeout=_SECONDS,
                    user=user,
                    group=group,
                    extra_groups=[] if self.dropped else None,
                )
            except PermissionError as error:
                whom = f" as {_UNPRIVILEGED}" if self.dropped else ""
                raise fault(f"cannot run {command[0]}{whom} ({error.strerror})", _CURE) from error
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read())


def server_account(uid: int | None = None, *, unprivileged: str = _UNPRIVILEGED) -> Account:
    """The account for us (``uid``, by default our own): ourselves, or ``unprivileged`` when we are root.

    Raises ConfigurationFault for a uid without an entry in the passwd database, which initdb insists on.
    """
    uid = os.geteuid() if uid is None else uid
    if uid == 0:
        return _unprivileged(unprivileged)
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise _nameless(uid) from error
    return Account(entry.pw_uid, entry.pw_gid, dropped=False)


def _unprivileged(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise fault(f"it does not run as root, and there is no user {name}", _CURE) from error
    return Account(entry.pw_uid, entry.pw_gid, dropped=True)


def _nameless(uid: int) -> ConfigurationFault:
    line = f"chaperone:x:{uid}:{uid}::/:/bin/sh"
    return fault(
        f"uid {uid} has no name, and initdb needs one",
        f"Add a line such as {line} to the passwd file, start the container as a named user",
    )
