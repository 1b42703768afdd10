"""Slack's way of saying no."""

from collections.abc import Iterable
from typing import Any

from sandbox.slack.blocks import Fault


class SlackError(Exception):
    """An ``{"ok": false, "error": code}`` answer. ``extra`` goes into the answer beside it."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.extra}


def invalid(code: str, faults: Iterable[Fault]) -> SlackError:
    """``invalid_blocks`` or ``invalid_arguments`` with Slack's details in response_metadata.messages."""
    texts = [str(fault) for fault in faults]
    metadata = {"messages": [f"[ERROR] {text}" for text in texts]}
    extra: dict[str, Any] = {"response_metadata": metadata}
    if code == "invalid_blocks":
        extra["errors"] = texts
    return SlackError(code, **extra)
