"""The log: JSON lines (readable lines in a terminal), each with its trace, none with a secret or a stack trace."""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.trace import open_trace

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xoxe\.[\w.-]+|xapp-[\w-]+|hvs\.[\w-]+|\bAKIA[0-9A-Z]{16}\b|PRIVATE\+KEY\+\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?i:bearer\s+)\S+"
)
_SECRET_NAME = re.compile(r"token|secret|password|passwd|authorization|cookie|api_key|signature", re.IGNORECASE)
_REDACTED = "[redacted]"
_SHORTEST_SECRET = 8
_DEEPEST = 6

_CHATTY = (
    "aiohttp",
    "alembic",
    "apscheduler",
    "asyncio",
    "boto3",
    "botocore",
    "pgqueuer",
    "slack_bolt",
    "slack_sdk",
    "urllib3",
    "uvicorn",
)
"""Libraries whose lines below WARNING tell an operator nothing; their texts may quote payloads."""


def configure(level: int, *, process: str, stream: TextIO | None = None) -> None:
    """Set up the log of this process, for our own lines and those of libraries."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Origin(process),
        without_stack,
        redacted,
    ]
    rendering: Processor = structlog.dev.ConsoleRenderer() if out.isatty() else _json
    structlog.configure(
        processors=[*shared, rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def redacted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Whatever looks like a secret, by its name or by its shape, is taken out: a last net, not a licence."""
    for name, value in event.items():
        if not isinstance(value, str) or len(value) >= _SHORTEST_SECRET:
            event[name] = _clean(name, value)
    return event


def without_stack(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A stack trace quotes code and sometimes values: the error's class must do."""
    event.pop("stack_info", None)
    found = event.pop("exc_info", None)
    if not found:
        return event
    error = found[1] if isinstance(found, tuple) else found if isinstance(found, BaseException) else sys.exc_info()[1]
    if error is not None:
        event.setdefault("error", type(error).__name__)
    return event


class _Origin:
    """Whence a line comes: the process (web, worker, clock or a command), and the trace where one is open."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = self._process
        if trace := open_trace():
            event.setdefault("trace", trace)
        return event


def _json(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _clean(name: str, value: object, depth: int = 0) -> object:
    if isinstance(value, str):
        return _REDACTED if _names_a_secret(name) else _SECRET.sub(_REDACTED, value)
    if depth < _DEEPEST and isinstance(value, dict):
        return {key: _clean(str(key), each, depth + 1) for key, each in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_clean(name, each, depth + 1) for each in value]
    return value


@lru_cache(maxsize=1024)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None
