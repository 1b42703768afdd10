"""Files that only we may read: passwords, keys, what a running sandbox tells about itself."""

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Write a 0600 file whole or not at all."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    fresh.replace(file)
