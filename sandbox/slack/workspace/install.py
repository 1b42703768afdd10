"""The one app that is installed: its bot, scopes, commands, shortcuts and events, as its manifest says."""

from dataclasses import dataclass, field
from typing import Any, Literal

DEFAULT_SCOPES = frozenset(
    {
        "bookmarks:write",
        "channels:history",
        "channels:manage",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "pins:write",
        "reactions:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)
"""The bot scopes that Chaperone's manifest asks for."""

DEFAULT_EVENTS = frozenset(
    {"app_home_opened", "app_mention", "member_joined_channel", "message.channels", "message.groups", "message.im"}
)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, with its slash."""

    name: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut in the composer (``global``) or in a message's menu (``message``)."""

    callback_id: str
    name: str
    type: Literal["global", "message"]


DEFAULT_COMMANDS = tuple(Command(name) for name in ("/access", "/review", "/rotate", "/breach", "/chaperone"))


@dataclass(frozen=True, slots=True)
class Token:
    """What a bearer token may do. ``kind`` is "bot" (xoxb) or "app" (xapp)."""

    value: str
    kind: Literal["bot", "app"]
    scopes: frozenset[str]


@dataclass
class Installation:
    """The installed app. ``bot_user`` is the bot's user id, ``bot_id`` its B-id."""

    app_id: str = "A0CHAPERONE"
    name: str = "Chaperone"
    bot_user: str = "U0CHAPERONE"
    bot_id: str = "B0CHAPERONE"
    scopes: frozenset[str] = DEFAULT_SCOPES
    commands: tuple[Command, ...] = DEFAULT_COMMANDS
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] = DEFAULT_EVENTS
    home_tab: bool = True
    bot_token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    tokens: dict[str, Token] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = {
            self.bot_token: Token(self.bot_token, "bot", self.scopes),
            self.app_token: Token(self.app_token, "app", frozenset({"connections:write"})),
        }

    def command(self, name: str) -> Command | None:
        return next((command for command in self.commands if command.name == name), None)

    def shortcut(self, callback_id: str, kind: str) -> Shortcut | None:
        matching = (one for one in self.shortcuts if one.callback_id == callback_id and one.type == kind)
        return next(matching, None)

    @classmethod
    def from_manifest(cls, manifest: dict[str, Any]) -> "Installation":
        """The app that this manifest describes (https://docs.slack.dev/reference/app-manifest)."""
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        return cls(
            name=manifest["display_information"]["name"],
            scopes=frozenset(manifest["oauth_config"]["scopes"]["bot"]),
            commands=tuple(
                Command(entry["command"], entry.get("description", ""), entry.get("usage_hint", ""))
                for entry in features.get("slash_commands", ())
            ),
            shortcuts=tuple(
                Shortcut(entry["callback_id"], entry["name"], entry["type"]) for entry in features.get("shortcuts", ())
            ),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            home_tab=features.get("app_home", {}).get("home_tab_enabled", False),
        )
