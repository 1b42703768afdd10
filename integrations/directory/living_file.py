"""A YAML file that people edit while we run: read again when it changed, refused while it is broken."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from core.errors import ConfigurationFault, Transient

Content = TypeVar("Content")
_Print = tuple[int, int, int]
"""What tells one state of a file from the next: modified (ns), size, inode."""


class LivingFile(Generic[Content]):
    """The file at ``path`` as ``load`` reads it, as it stands now. ``load`` raises ConfigurationFault."""

    def __init__(self, path: Path, load: Callable[[Path], Content]) -> None:
        self._path = path
        self._load = load
        self._read: tuple[_Print, Content] | None = None

    def load(self) -> Content:
        """Read the file whatever happened before. Raises ConfigurationFault with all faults: for the start."""
        seen = self._print()
        self._read = (seen, self._load(self._path))
        return self._read[1]

    def now(self) -> Content:
        """What the file says now.

        Raises Transient while it is broken or gone: what it said before the edit might let somebody in who is out.
        """
        try:
            if self._read and self._read[0] == self._print():
                return self._read[1]
            return self.load()
        except ConfigurationFault as fault:
            raise Transient(f"The directory file is broken, so nobody is let in. {fault}") from fault

    def _print(self) -> _Print:
        try:
            stat = self._path.stat()
        except OSError as error:
            raise ConfigurationFault([f"{self._path}:1: cannot be read ({error.strerror}). Put it back."]) from None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
