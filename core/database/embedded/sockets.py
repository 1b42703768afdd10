"""Where the server's socket lives: private, and with a path short enough for a socket's address."""

import os
import stat
import tempfile
from pathlib import Path

from core.database.embedded.account import Account
from core.database.embedded.fault import fault
from core.database.embedded.home import Home, digest, own_folder

_LONGEST = 103
"""Bytes of a socket's path: sun_path holds 108 with its final zero on Linux (unix(7)), 104 on macOS."""
_SHORT = Path("/tmp")  # noqa: S108  the one short folder that every system has; what we make in it is checked
_PRIVATE = 0o700


def socket_folder(home: Home, account: Account, *, temporary: Path | None = None) -> Path:
    """A folder that only the server's account may enter, near the data if the path is short enough.

    ``temporary`` is the system's folder for temporary files, asked for when not given. Raises ConfigurationFault if
    somebody else has taken the folder's name.
    """
    near = home.place / "socket"
    if _fits(near):
        return own_folder(near, account)
    name = f"chaperone-{digest(str(home.place))}"
    temporary = temporary or Path(tempfile.gettempdir())
    base = temporary if _fits(temporary / name) and account.reaches(temporary) else _SHORT
    return _take(base / name, account)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / ".s.PGSQL.65535")) <= _LONGEST


def _take(folder: Path, account: Account) -> Path:
    """Make the folder, or keep it if it is ours: in a public place a stranger may have been there first."""
    try:
        folder.mkdir(mode=_PRIVATE)
        account.owns(folder)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != account.uid or found.st_mode != stat.S_IFDIR | _PRIVATE:
            raise fault(f"{folder} belongs to somebody else", "Remove it, use a shorter data folder") from None
    return folder
