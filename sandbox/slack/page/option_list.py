"""The lines of an external select, as the app offered them."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from sandbox.slack.page.blocks import Slot, Surface, option_item
from sandbox.slack.page.markup import join
from sandbox.slack.page.orders import MessageSpot, Options, ViewSpot
from sandbox.slack.page.people import reader_for
from sandbox.slack.workspace import User, Workspace


def option_list(options: Sequence[dict[str, Any]], user: User, workspace: Workspace, asked: Options) -> Markup:
    """Option objects, or ``{"label", "options"}`` groups of them, as list items."""
    surface = Surface(reader_for(user, workspace), name=_name(asked, user, workspace))
    slot = Slot(surface, asked.block_id, asked.action_id)
    lines: list[Markup] = []
    for entry in options:
        if "options" in entry:
            label = str((entry.get("label") or {}).get("text", ""))
            lines += [option_item(option, slot, group=label) for option in entry["options"]]
        else:
            lines.append(option_item(entry, slot))
    return join(*lines)


def _name(asked: Options, user: User, workspace: Workspace) -> str:
    match asked.spot:
        case MessageSpot(channel=channel, ts=ts):
            return f"{channel}-{ts}"
        case ViewSpot(view_id=view_id):
            return view_id
    home = workspace.homes.get(user.id)
    return home.id if home else ""
