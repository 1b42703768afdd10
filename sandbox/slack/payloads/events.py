"""What the Events API tells the app: only what it subscribed to, may see, and is in the channel for.

Source: https://docs.slack.dev/apis/events-api
"""

import copy
from typing import Any

from sandbox.slack.delivery import Delivery
from sandbox.slack.payloads.shapes import message_shape, view_shape
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Channel, Happening, Workspace

READ_SCOPE = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
HISTORY_SCOPE = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
MESSAGE_EVENT = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def channel_type(channel: Channel) -> str:
    """``channel``, ``group`` (private) or ``im``."""
    if channel.is_im:
        return "im"
    return "group" if channel.is_private else "channel"


class EventFeed:
    """Turns what happens in the workspace into events. Called for every happening."""

    def __init__(self, workspace: Workspace, settings: Settings, delivery: Delivery) -> None:
        self._workspace = workspace
        self._settings = settings
        self._delivery = delivery

    def __call__(self, happening: Happening) -> None:
        if self._workspace.app.bot_user not in happening.channel.members:
            return
        if happening.kind == "joined":
            self._joined(happening)
        else:
            self._message(happening)

    def home_opened(self, user: str, channel: Channel, tab: str) -> None:
        """Tell that somebody clicked the app. ``channel`` is their DM with the bot."""
        event: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab}
        home = self._workspace.homes.get(user)
        if home is not None and tab == "home":
            event |= {"view": view_shape(home, self._workspace)}
        if "app_home_opened" in self._workspace.app.events:
            self._send(event)

    def _may(self, event: str, scope: str) -> bool:
        return event in self._workspace.app.events and scope in self._workspace.app.scopes

    def _joined(self, happening: Happening) -> None:
        kind = channel_type(happening.channel)
        if self._may("member_joined_channel", READ_SCOPE[kind]):
            event = {
                "type": "member_joined_channel",
                "user": happening.user,
                "channel": happening.channel.id,
                "channel_type": {"channel": "C", "group": "G"}[kind],
                "team": self._workspace.team_id,
            }
            self._send({**event, "inviter": happening.inviter} if happening.inviter else event)

    def _message(self, happening: Happening) -> None:
        kind = channel_type(happening.channel)
        event = self._message_event(happening) | {"channel": happening.channel.id}
        if self._may(MESSAGE_EVENT[kind], HISTORY_SCOPE[kind]):
            self._send({**event, "channel_type": kind})
        mention = f"<@{self._workspace.app.bot_user}>" in event.get("text", "")
        if mention and kind != "im" and happening.kind == "posted" and self._may("app_mention", "app_mentions:read"):
            self._send({**event, "type": "app_mention"})

    def _message_event(self, happening: Happening) -> dict[str, Any]:
        def shape(message: Any) -> dict[str, Any]:
            return message_shape(message, self._workspace, channel=happening.channel, with_metadata=True)

        if happening.kind == "posted":
            return shape(happening.message)
        event: dict[str, Any] = {
            "type": "message",
            "hidden": True,
            "ts": self._workspace.next_ts(),
            "previous_message": shape(happening.before),
        }
        if happening.kind == "deleted":
            deleted_ts = event["previous_message"]["ts"]
            return {**event, "subtype": "message_deleted", "deleted_ts": deleted_ts}
        return {**event, "subtype": "message_changed", "message": shape(happening.message)}

    def _send(self, event: dict[str, Any]) -> None:
        team = self._workspace
        event.setdefault("event_ts", event.get("ts") or team.next_ts())
        authorization = {
            "enterprise_id": None,
            "team_id": team.team_id,
            "user_id": team.app.bot_user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        self._delivery.event(
            {
                "token": self._settings.verification_token,
                "team_id": team.team_id,
                "api_app_id": team.app.app_id,
                "type": "event_callback",
                "event_id": team.new_id("Ev"),
                "event_time": int(team.clock.now().timestamp()),
                "event": copy.deepcopy(event),
                "authorizations": [authorization],
                "is_ext_shared_channel": False,
                "event_context": f"1-{event['type']}-{team.team_id}-{event.get('channel', '')}",
            }
        )
