"""One trace id from Slack payload to ledger entry to vendor call, carried by a context variable."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("chaperone_trace", default="")


def new_trace() -> str:
    """A fresh id: 32 hex digits, as W3C Trace Context has it."""
    return secrets.token_hex(16)


def current_trace() -> str:
    """The id of the work going on here; a fresh one where nobody began a trace."""
    return _current.get() or new_trace()


def open_trace() -> str:
    """The id of the work going on here; empty where nobody began a trace. For the log, which invents none."""
    return _current.get()


@contextmanager
def traced(trace: str = "") -> Iterator[str]:
    """Everything inside belongs to ``trace`` (a fresh one when empty)."""
    token = _current.set(trace or new_trace())
    try:
        yield _current.get()
    finally:
        _current.reset(token)
