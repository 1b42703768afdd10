"""The environment variables that every process reads."""

from collections.abc import Iterator
from importlib import import_module

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from docs._ext.reference import docstrings, markdown


def page() -> str:
    settings: type[BaseSettings] = import_module("bot.settings").Settings
    about = docstrings.of_fields(settings)
    rows = [
        (
            ", ".join(markdown.code(name) for name in _names(settings, field, info)),
            _default(info),
            info.description or about.get(field, ""),
        )
        for field, info in settings.model_fields.items()
    ]
    return markdown.page(
        "Settings",
        "Settings come from the environment. All faults are reported at once, each with its cure, before anything "
        "starts; the exit code is then 2.",
        markdown.table(["variable", "default", "what it is for"], rows),
    )


def _names(settings: type[BaseSettings], field: str, info: FieldInfo) -> Iterator[str]:
    match info.validation_alias:
        case AliasChoices(choices=choices):
            yield from (str(each).upper() for each in choices)
        case str(alias):
            yield alias.upper()
        case _:
            yield f"{settings.model_config.get('env_prefix', '')}{field}".upper()


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    default = info.default
    if default is PydanticUndefined or default is None or isinstance(default, SecretStr):
        return ""
    return markdown.code(default)
