"""What may stand in ``chaperone.yaml``."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from docs._ext.reference import docstrings, markdown

_WORDS = {str: "text", Path: "path", timedelta: "duration, such as `PT10M`", int: "number", bool: "yes or no"}


def page() -> str:
    return markdown.page(
        "chaperone.yaml",
        "The organisation, its Slack, its directory, its ledger and its vendors. Paths are relative to the file's "
        "folder; secrets never stand in it, only the names of the environment variables that hold them. Anything "
        "that is not listed here is a fault, reported with its line.",
        markdown.table(["key", "what", "default", "about"], _rows(import_module("bot.house_file").HouseFile, "")),
    )


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    texts = docstrings.of_fields(model)
    for name, field in model.model_fields.items():
        nested = [each for each in _kinds(field.annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
        for part in nested:
            yield markdown.code(prefix + name), "section", _default(field), markdown.prose(part.__doc__)
            yield from _rows(part, f"{prefix}{name}.")
        if not nested:
            yield markdown.code(prefix + name), _said(field.annotation), _default(field), texts.get(name, "")


def _kinds(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return [annotation]
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    return [kind for each in get_args(annotation) for kind in _kinds(each)] or [annotation]


def _said(annotation: Any) -> str:
    kinds = [each for each in _kinds(annotation) if each is not type(None)]
    return " or ".join(
        ", ".join(map(markdown.code, get_args(each))) if get_origin(each) is Literal else _WORDS.get(each, str(each))
        for each in kinds
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    plain = field.default not in {None, PydanticUndefined} and not isinstance(field.default, BaseModel)
    return markdown.code(field.default) if plain else ""
