"""`chaperone manifest`."""

import yaml
from typer import echo

from bot.command_line.output import MISUSED, leave, say_json
from bot.manifest import manifest as app_manifest


def manifest(url: str | None, *, socket_mode: bool, as_yaml: bool) -> None:
    """Print the manifest for one of the two ways in which Slack reaches us."""
    if (url is None) is not socket_mode:
        leave(MISUSED, "Say how Slack reaches Chaperone: either --url https://your-host, or --socket-mode.")
    if url is not None and not url.startswith("https://"):
        leave(MISUSED, "Slack calls https:// only. Give --url as https://your-host, or use --socket-mode.")
    found = app_manifest(url=url)
    if as_yaml:
        echo(yaml.safe_dump(found, sort_keys=False, allow_unicode=True), nl=False)
    else:
        say_json(found)
