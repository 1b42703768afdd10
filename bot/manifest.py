"""The Slack app manifest: what the app is called, may do and listens to. Only what works today, no scope more.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

COMMANDS = (
    ("/access", "Ask for production access for a while", "[target | list | help]"),
    ("/chaperone", "What Chaperone does and how it fares", "[help | status]"),
)
SHORTCUTS = (("request_access", "Request access", "Ask for production access for a while", "global"),)

SCOPES = (
    "channels:history",  # to find a message whose reply was lost, and post it once
    "chat:write",
    "commands",
    "groups:history",  # the same in private channels
    "im:history",  # the same in direct messages
    "im:write",
)
EVENTS = ("app_home_opened",)


def manifest(*, url: str | None) -> dict[str, Any]:
    """The manifest for HTTP at ``url`` (``https://host``, without a path), or for Socket Mode where it is None."""
    endpoint = {"url": f"{url.rstrip('/')}/slack/events"} if url else {}
    request_url = {"request_url": endpoint["url"]} if url else {}
    return {
        "display_information": {
            "name": "Chaperone",
            "description": "Production access for an hour: decided by policy, taken back, on a signed ledger.",
            "background_color": "#1f3a4d",
        },
        "features": {
            "bot_user": {"display_name": "chaperone", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "slash_commands": [
                {"command": name, "description": says, "usage_hint": hint, "should_escape": True} | endpoint
                for name, says, hint in COMMANDS
            ],
            "shortcuts": [
                {"callback_id": callback, "name": name, "description": says, "type": kind}
                for callback, name, says, kind in SHORTCUTS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS)} | request_url,
            "interactivity": {"is_enabled": True} | request_url,
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
