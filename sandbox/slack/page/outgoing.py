"""What somebody typed, as Slack's own clients send it: escaped, with mentions as ids."""

import re

from sandbox.slack.workspace import Workspace


def outgoing(text: str, user_id: str, workspace: Workspace) -> str:
    """``@Ann Lee``, ``@on-call`` and ``#ops`` become mentions where they name somebody or something visible."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    names = _names(user_id, workspace)
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(
        rf"(?<!\w)(?:{pattern})(?![\w-])", lambda match: names[match[0].lower()], escaped, flags=re.IGNORECASE
    )


def _names(user_id: str, workspace: Workspace) -> dict[str, str]:
    names = {f"@{word}": f"<!{word}>" for word in ("here", "channel", "everyone")}
    for group in workspace.usergroups.values():
        names[f"@{group.handle}".lower()] = f"<!subteam^{group.id}>"
    for channel in workspace.channels.values():
        if channel.name and workspace.may_see(user_id, channel):
            names[f"#{channel.name}".lower()] = f"<#{channel.id}>"
    for user in workspace.users.values():
        for name in (user.name, user.real_name, user.shown_name):
            names[f"@{name}".lower()] = f"<@{user.id}>"
    return names
