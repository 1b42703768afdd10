"""The folders of a cluster: where its data and passwords live, and where they go when that place will not do."""

import hashlib
import json
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.database.embedded.account import Account
from core.database.embedded.binaries import Binaries
from core.database.embedded.fault import fault
from core.private_file import write_private

_log = logging.getLogger(__name__)

_ROOTS_OWN = Path("/var/lib/chaperone")
_PASSWORDS = "passwords.json"
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Home:
    """One cluster on disk. ``folder`` is the caller's; ``place`` is where the server's account can work.

    Both belong to us. As root we write nothing into the folders in ``place`` that belong to the account: whoever
    breaks out of the server could lead us elsewhere with a link.
    """

    folder: Path
    place: Path

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "log" / "postgres.log"

    @property
    def settings(self) -> Path:
        return self.place / "chaperone.conf"

    @property
    def port(self) -> Path:
        return self.place / "port"

    @property
    def starting(self) -> Path:
        """Locked while somebody starts or stops the server."""
        return self.folder / "starting.lock"

    @property
    def users(self) -> Path:
        """Locked (shared) by everyone who uses the server."""
        return self.folder / "users.lock"


def prepare_folder(folder: Path, account: Account) -> Path:
    """Make the caller's folder, if need be, and answer its full path."""
    folder.mkdir(parents=True, exist_ok=True, mode=account.mode)
    return folder.resolve()


def settle(folder: Path, account: Account) -> Home:
    """Find or choose the place of the cluster that belongs to ``folder``. Call it under the starting lock."""
    pointer = folder / "place"
    if pointer.exists():
        place = Path(pointer.read_text())
        if place.is_dir():
            return Home(folder, place)
        _log.warning("The embedded database's folder %s is gone; beginning with an empty one.", place)
        (folder / _PASSWORDS).unlink(missing_ok=True)
    place = _new_place(folder, account)
    own_folder(place / "log", account)
    write_private(pointer, str(place))
    return Home(folder, place)


def own_folder(path: Path, account: Account) -> Path:
    """A folder that only the server's account may enter, in a folder of ours."""
    path.mkdir(mode=_PRIVATE, exist_ok=True)
    return account.owns(path)


def _new_place(folder: Path, account: Account) -> Path:
    if account.reaches(folder):
        place = folder / "cluster"
        place.mkdir(mode=account.mode, exist_ok=True)
        return place
    place = Path(tempfile.mkdtemp(prefix="cluster-", dir=reachable_root(account)))
    place.chmod(account.mode)
    _log.warning(
        "PostgreSQL does not run as root, and the user it runs as cannot enter %s. Its data goes to %s instead. "
        "To keep it together, run as an ordinary user or choose a folder that everyone may pass through.",
        folder,
        place,
    )
    return place


def reachable_root(account: Account, candidates: Sequence[Path] = ()) -> Path:
    """A folder of ours that the server's account can pass through. Raises ConfigurationFault if there is none."""
    for root in candidates or (_ROOTS_OWN, Path(tempfile.gettempdir(), "chaperone-root")):
        try:
            root.mkdir(parents=True, exist_ok=True, mode=account.mode)
        except OSError:
            continue
        if root.stat().st_uid == os.geteuid() and account.reaches(root):
            return root
    raise fault(
        f"the user that it runs as can enter neither {_ROOTS_OWN} nor the temporary folder",
        f"Make {_ROOTS_OWN} (chmod 711), run as an ordinary user",
    )


def runnable(binaries: Binaries, account: Account) -> Binaries:
    """The same programs where the account can run them: copied out of a closed folder if they come from a wheel."""
    if account.reaches(binaries.folder / "postgres"):
        return binaries
    if not binaries.portable:
        raise fault(
            f"the user that it runs as cannot enter {binaries.folder}",
            "Open that folder (chmod a+rx), run as an ordinary user",
        )
    stamp = f"{binaries.base}:{(binaries.folder / 'postgres').stat().st_mtime_ns}"
    copy = reachable_root(account) / f"postgresql-{binaries.major}-{digest(stamp)}"
    if not copy.exists():
        _copy(binaries, copy)
    folder = copy / binaries.folder.relative_to(binaries.base)
    return Binaries(folder, binaries.major, copy, binaries.portable)


def _copy(binaries: Binaries, target: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
    for part in binaries.portable:
        shutil.copytree(binaries.base / part, fresh / part)
    for path in (fresh, *fresh.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
    fresh.rename(target)


def passwords(home: Home, roles: tuple[str, ...]) -> dict[str, str]:
    """The password of each role: read from a file that only we may read, invented at the first call.

    Raises ConfigurationFault when there is data and the file is lost.
    """
    file = home.folder / _PASSWORDS
    if file.exists():
        return dict[str, str](json.loads(file.read_text()))
    if home.data.exists():
        raise fault(
            f"{file} is gone, so nobody can log in",
            f"Put it back, move {home.place} away to begin with an empty database",
        )
    invented = {role: secrets.token_urlsafe(24) for role in roles}
    write_private(file, json.dumps(invented))
    return invented


def digest(text: str) -> str:
    """A short name for something long."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]
