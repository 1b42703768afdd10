"""Payloads of commands, buttons, modals and shortcuts, as Slack sends them to the request URL.

Source: https://docs.slack.dev/reference/interaction-payloads
"""

from dataclasses import dataclass
from typing import Any

from sandbox.slack.payloads.shapes import message_shape, view_shape
from sandbox.slack.settings import Settings
from sandbox.slack.workspace import Channel, Message, View, Workspace


@dataclass(frozen=True)
class Payloads:
    """Writes every interactive payload for one workspace."""

    workspace: Workspace
    settings: Settings

    def _base(self, kind: str, user: str) -> dict[str, Any]:
        person, team = self.workspace.users[user], self.workspace
        return {
            "type": kind,
            "token": self.settings.verification_token,
            "api_app_id": team.app.app_id,
            "team": {"id": team.team_id, "domain": team.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
        }

    def command(
        self, user: str, channel: Channel, command: str, text: str, *, trigger_id: str, response_url: str
    ) -> dict[str, str]:
        """The form fields of a slash command."""
        team = self.workspace
        return {
            "token": self.settings.verification_token,
            "team_id": team.team_id,
            "team_domain": team.team_domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": user,
            "user_name": team.users[user].name,
            "command": command,
            "text": text,
            "api_app_id": team.app.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }

    def block_actions(self, user: str, action: dict[str, Any], *, trigger_id: str) -> dict[str, Any]:
        """Without its container: add ``in_message`` or ``in_view``."""
        action = {**action, "action_ts": self.workspace.next_ts()}
        return {**self._base("block_actions", user), "trigger_id": trigger_id, "actions": [action]}

    def block_suggestion(self, user: str, element: dict[str, Any], block_id: str, query: str) -> dict[str, Any]:
        """Without its container: add ``in_message`` or ``in_view``."""
        asked = {"action_id": element["action_id"], "block_id": block_id, "value": query}
        return {**self._base("block_suggestion", user), **asked}

    def in_message(self, user: str, channel: Channel, message: Message) -> dict[str, Any]:
        """What a payload says about the message that it comes from. An ephemeral message's content is not repeated."""
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_for is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        said: dict[str, Any] = {
            "container": container,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "state": {"values": message.state_values.get(user, {})},
        }
        if message.ephemeral_for is None:
            said["message"] = message_shape(message, self.workspace, channel=channel, with_metadata=True)
        return said

    def in_view(self, view: View) -> dict[str, Any]:
        return {"container": {"type": "view", "view_id": view.id}, "view": view_shape(view, self.workspace)}

    def view_submission(
        self, user: str, view: View, *, trigger_id: str, response_urls: list[dict[str, str]]
    ) -> dict[str, Any]:
        shown = view_shape(view, self.workspace)
        base = self._base("view_submission", user)
        return {**base, "trigger_id": trigger_id, "view": shown, "response_urls": response_urls}

    def view_closed(self, user: str, view: View, *, is_cleared: bool) -> dict[str, Any]:
        return {**self._base("view_closed", user), "view": view_shape(view, self.workspace), "is_cleared": is_cleared}

    def shortcut(self, user: str, callback_id: str, *, trigger_id: str) -> dict[str, Any]:
        said = {"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": self.workspace.next_ts()}
        return {**self._base("shortcut", user), **said}

    def message_action(
        self, user: str, channel: Channel, message: Message, callback_id: str, *, trigger_id: str, response_url: str
    ) -> dict[str, Any]:
        return {
            **self._base("message_action", user),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "response_url": response_url,
            "action_ts": self.workspace.next_ts(),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message": message_shape(message, self.workspace, channel=channel),
        }


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
