"""Where one sandbox keeps its state, and how others on this machine find it while it runs."""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.private_file import write_private
from sandbox.house.faults import NotRunning, SandboxFault

HERE = Path(".chaperone") / "sandbox"
CLINIC = Path(__file__).parents[2] / "examples" / "clinic"
_PASSABLE = stat.S_IXOTH
_FOLDER_MODE = 0o711
"""As root the database runs as somebody else, who has to pass through."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one sandbox. Nothing outside of it is written, other than the database where root owns it."""

    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def clock(self) -> Path:
        """How far the sandbox has travelled: read by every process of it."""
        return self.folder / "clock-offset"

    @property
    def ledger_key(self) -> Path:
        return self.folder / "ledger.key"

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.json"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets.json"

    @property
    def record(self) -> Path:
        return self.folder / "running.json"

    @property
    def lock(self) -> Path:
        """Locked for as long as a sandbox runs here."""
        return self.folder / "running.lock"

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        self.logs.mkdir(exist_ok=True, mode=0o700)

    def forget(self) -> None:
        """Remove everything of an earlier sandbox. Call it while holding ``taken``."""
        pointer = self.postgres / "place"
        if pointer.exists():  # as root in a closed folder the cluster lies elsewhere
            shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
        for entry in self.folder.iterdir():
            if entry == self.lock:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the folder. Raises SandboxFault when a sandbox runs in it already."""
        handle = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SandboxFault(
                    f"A sandbox runs in {self.folder} already{_its_page(self)}. End it with `chaperone sandbox stop`, "
                    "or choose another --folder."
                ) from None
            yield
        finally:
            os.close(handle)

    @property
    def in_use(self) -> bool:
        """Whether a sandbox runs here now."""
        if not self.lock.exists():
            return False
        handle = os.open(self.lock, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(handle)


@dataclass(frozen=True, slots=True)
class Record:
    """What a running sandbox tells others on this machine.

    ``environment`` is what Chaperone's processes were given, ``logins`` the clinic's database as each person's own
    login, ``admin_url`` Chaperone's database as the superuser, ``ports`` where each part listens.
    """

    pid: int
    page_url: str
    environment: dict[str, str] = field(repr=False)
    admin_url: str = field(repr=False)
    logins: dict[str, str] = field(repr=False)
    ports: dict[str, int]

    def write(self, place: Place) -> None:
        write_private(place.record, json.dumps(asdict(self)))


def running(place: Place) -> Record:
    """The sandbox that runs in this place. Raises NotRunning."""
    if not place.in_use or not place.record.exists():
        raise NotRunning(
            f"No sandbox runs in {place.folder}. Start one with `chaperone sandbox`, or name its --folder."
        )
    return Record(**json.loads(place.record.read_text()))


def choose(wanted: Path | None) -> Place:
    """The place that was asked for, else ``.chaperone/sandbox`` here, else one in the temporary folder.

    The same working directory always gives the same place, so that `travel` finds what `sandbox` started.
    """
    if wanted is not None:
        return Place(wanted.absolute())
    here = Path.cwd() / HERE
    return Place(here if _will_do(here) else _temporary(here))


def _will_do(folder: Path) -> bool:
    """Whether we can write there and, as root, whether another user can pass through to it."""
    standing = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(standing, os.W_OK | os.X_OK):
        return False
    return os.geteuid() != 0 or all(each.stat().st_mode & _PASSABLE for each in (standing, *standing.parents))


def _temporary(here: Path) -> Path:
    name = hashlib.sha256(str(here).encode()).hexdigest()[:10]
    folder = Path(tempfile.gettempdir()) / f"chaperone-sandbox-{os.geteuid()}-{name}"
    folder.mkdir(exist_ok=True, mode=_FOLDER_MODE)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise SandboxFault(f"{folder} belongs to somebody else. Remove it, or choose a --folder.")
    return folder


def _its_page(place: Place) -> str:
    try:
        return f" ({running(place).page_url})"
    except (SandboxFault, ValueError, TypeError, KeyError):
        return ""
