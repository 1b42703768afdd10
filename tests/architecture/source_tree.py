"""The source files that the architecture tests read, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("core", "integrations", "playbooks", "bot", "migrations")


@dataclass(frozen=True)
class Source:
    """One module: ``name`` is its path below the root, with slashes."""

    name: str
    text: str
    tree: ast.Module

    def texts(self) -> Iterator[tuple[int, str]]:
        """Every string in it with its line; the holes of an f-string read as ``{}``."""
        inside = {id(part) for node in ast.walk(self.tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr):
                yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                yield node.lineno, node.value


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every module below these folders, in the order of their names."""
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return tuple(_read(file) for file in files)


def _read(file: Path) -> Source:
    text = file.read_text(encoding="utf-8")
    return Source(file.relative_to(ROOT).as_posix(), text, ast.parse(text))
