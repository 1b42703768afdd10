"""The Slack app manifest as ``chaperone manifest`` prints it."""

import json
from importlib import import_module

from docs._ext.reference import markdown


def page() -> str:
    manifest = import_module("bot.manifest").manifest
    return markdown.page(
        "Slack app manifest",
        "What the app asks of Slack, as `chaperone manifest` prints it: only what works today, and no scope more. "
        "See [Install on Slack](../../how-to/install-on-slack.md).",
        f"## Over HTTP\n\n{_block(manifest(url='https://chaperone.example'))}",
        f"## In Socket Mode\n\n{_block(manifest(url=None))}",
    )


def _block(manifest: dict[str, object]) -> str:
    return markdown.block(json.dumps(manifest, indent=2), "json")
