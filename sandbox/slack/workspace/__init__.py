"""What the simulated Slack knows: people, channels, messages, views, and news of every change."""

from sandbox.slack.workspace.changes import Change, Subscription
from sandbox.slack.workspace.install import DEFAULT_EVENTS, DEFAULT_SCOPES, Command, Installation, Shortcut, Token
from sandbox.slack.workspace.model import Blocks, Bookmark, Channel, File, Message, User, UserGroup, Values, View
from sandbox.slack.workspace.state import Happening, Workspace

__all__ = [
    "DEFAULT_EVENTS",
    "DEFAULT_SCOPES",
    "Blocks",
    "Bookmark",
    "Change",
    "Channel",
    "Command",
    "File",
    "Happening",
    "Installation",
    "Message",
    "Shortcut",
    "Subscription",
    "Token",
    "User",
    "UserGroup",
    "Values",
    "View",
    "Workspace",
]
