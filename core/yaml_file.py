"""YAML that knows its lines: every fault of a file is found at once and named as ``file:line: what. cure``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import ConfigurationFault

Model = TypeVar("Model", bound=BaseModel)
Place = Sequence[int | str]
"""Where something stands in a file: keys and positions from the root, as pydantic's ``loc``."""

_CURES = {
    "missing": "Add it",
    "string_type": "Put it in quotes",
    "literal_error": "Use one of these",
    "list_type": "Write it as a list, one “- ” a line",
    "model_type": "Write it as “key: value” lines",
    "dict_type": "Write it as “key: value” lines",
}


@dataclass(frozen=True)
class YamlFile:
    """A file that parsed: ``data`` as plain Python values, and the marks that tell their lines."""

    path: Path
    data: Any
    root: yaml.Node | None

    def fault(self, place: Place, what: str) -> str:
        """One line of a ConfigurationFault about ``place``; ``what`` ends with the cure."""
        return f"{self.path}:{self.line(place)}: {what}"

    def line(self, place: Place) -> int:
        """The line (from 1) of what stands at ``place``, or of the nearest thing around it that exists."""
        line, node = 1, self.root
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line

    def faults(self, model: type[BaseModel]) -> list[str]:
        """Every way in which the file is not a ``model``."""
        try:
            model.model_validate(self.data)
        except ValidationError as error:
            return [self.fault(each["loc"], _what(each, model)) for each in error.errors()]
        return []

    def repeated(self, place: Place, key: str) -> list[str]:
        """A fault for each entry of the list at ``place`` whose ``key`` an earlier entry has already."""
        faults, first = [], dict[Any, int]()
        for position, entry in enumerate(_list_at(self.data, place)):
            value = entry.get(key) if isinstance(entry, dict) else None
            if not isinstance(value, str):
                continue
            here = [*place, position, key]
            if value in first:
                taken = self.line([*place, first[value], key])
                faults.append(self.fault(here, f"{key} “{value}” is taken by line {taken}. Choose another."))
            first.setdefault(value, position)
        return faults


def load_yaml(path: Path, model: type[Model]) -> Model:
    """The file as a ``model``. Raises ConfigurationFault with all of its faults.

    Give the models ``extra="forbid"``, so that a misspelt key is a fault too.
    """
    file = read_yaml(path)
    if faults := file.faults(model):
        raise ConfigurationFault(faults)
    return model.model_validate(file.data)


def read_yaml(path: Path) -> YamlFile:
    """The file, parsed. Raises ConfigurationFault where it cannot be read or is not YAML, or repeats a key."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault([f"{path}:1: cannot be read ({error}). Make it a readable UTF-8 file."]) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-30
        raise ConfigurationFault([f"{path}:{_mark(error)}: not YAML: {_problem(error)}. Mend this line."]) from None
    if faults := [f"{path}:{line}: {what}" for line, what in _repeated_keys(root)]:
        raise ConfigurationFault(faults)
    return YamlFile(path, data, root)


def _child(node: yaml.Node | None, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _list_at(data: Any, place: Place) -> list[Any]:
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return []
    return data if isinstance(data, list) else []


def _repeated_keys(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen = dict[str, int]()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                yield line, f"“{key.value}” stands already on line {seen[key.value]}. Remove one."
            seen.setdefault(str(key.value), line)
            yield from _repeated_keys(value)
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)


def _mark(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return int(mark.line) + 1 if mark else 1


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error)


def _what(error: ErrorDetails, model: type[BaseModel]) -> str:
    name = ".".join(map(str, error["loc"])) or "the file"
    if error["type"] == "extra_forbidden":
        return f"“{name}” is not known here. {_known(error['loc'], model)}"
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{name}: {message[:1].lower()}{message[1:]}. {_CURES.get(error['type'], 'Mend it')}."


def _known(loc: Place, model: type[BaseModel]) -> str:
    names = _fields(loc[:-1], model)
    if close := get_close_matches(str(loc[-1]), names, n=1):
        return f"Did you mean “{close[0]}”?"
    return f"Remove it, or use one of: {', '.join(names)}." if names else "Remove it."


def _fields(place: Place, model: Any) -> list[str]:
    """The keys that the model at ``place`` takes, as far as its annotations tell."""
    for step in place:
        model = _inside(_plain(model), step)
    model = _plain(model)
    return [field.alias or name for name, field in model.model_fields.items()] if _is_model(model) else []


def _inside(annotation: Any, step: int | str) -> Any:
    """The annotation of a model's field, or of a container's values."""
    if _is_model(annotation):
        field = annotation.model_fields.get(step)
        return field.annotation if field else None
    return next((part for part in reversed(get_args(annotation)) if part is not ...), None)


def _plain(annotation: Any) -> Any:
    """Of a choice of types, the one that has an inside."""
    if get_origin(annotation) in {Union, UnionType}:
        return next((part for part in get_args(annotation) if _is_model(part) or get_args(part)), None)
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
