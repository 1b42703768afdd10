"""Cedar text cut into its policies, each with its place in its file, so that every fault can name a line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import cedarpy

_TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|\s+|[^\s";/]+|.', re.DOTALL)
_ANNOTATION = re.compile(r'@\s*(\w+)(?:\s*\(\s*"(?:\\.|[^"\\])*"\s*\))?')


@dataclass(frozen=True)
class Statement:
    """One policy as it stands in ``file`` from ``line`` (counted from 1) on."""

    file: FilePath
    line: int
    text: str

    @cached_property
    def est(self) -> dict[str, Any]:
        """The policy in Cedar's JSON form. Raises ValueError with the parser's words where it is not one policy."""
        parsed = json.loads(cedarpy.policies_to_json_str(self.text))
        if parsed["templates"]:
            raise ValueError("a template (?principal, ?resource) decides nothing by itself; name the people instead")
        (policy,) = parsed["staticPolicies"].values()
        return dict(policy)

    @property
    def annotations(self) -> dict[str, str]:
        """What stands behind each ``@``. An annotation without a value reads as the empty text."""
        return {name: value or "" for name, value in self.est.get("annotations", {}).items()}

    def line_of(self, annotation: str) -> int:
        """The line on which an annotation stands; the policy's first line where it has none of that name."""
        for found in _ANNOTATION.finditer(self.text):
            if found.group(1) == annotation:
                return self.line + self.text.count("\n", 0, found.start())
        return self.line

    def fault(self, what: str, annotation: str = "") -> str:
        """One line of a ConfigurationFault: ``file:line: what``, where ``what`` ends with the cure."""
        return f"{self.file}:{self.line_of(annotation)}: {what}"


def statements(file: FilePath, text: str) -> Iterator[Statement]:
    """Every policy of a file. What follows the last ``;`` is one more, for the parser to complain about."""
    begun: int | None = None
    for token in _TOKEN.finditer(text):
        word = token.group()
        if begun is None and not word.isspace() and not word.startswith("//"):
            begun = token.start()
        if word == ";" and begun is not None:
            yield _statement(file, text, begun, token.end())
            begun = None
    if begun is not None:
        yield _statement(file, text, begun, len(text))


def _statement(file: FilePath, text: str, start: int, end: int) -> Statement:
    return Statement(file, text.count("\n", 0, start) + 1, text[start:end])
