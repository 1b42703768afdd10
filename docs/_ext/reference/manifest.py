"""The Slack app manifest as ``chaperone manifest`` prints it."""

import json
from importlib import import_module

from docs._ext.reference import markdown


def page() -> str:
    manifest = import_module("bot.manifest").manifest()
    return markdown.page(
        "Slack app manifest",
        "What the app asks of Slack, as `chaperone manifest` prints it. "
        "See [Install on Slack](../../how-to/install-on-slack.md).",
        markdown.block(json.dumps(manifest, indent=2), "json"),
    )
