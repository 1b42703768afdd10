"""Slack's Web API behind the Messenger port."""

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from core.clock import Clock
from core.errors import Conflict, Permanent
from integrations.messages import ThreadMessenger
from integrations.ports import Blocks, Drawing, Posted
from integrations.slack.calls import SlackCalls, fields
from integrations.slack.faults import Call

EVENT_TYPE = "chaperone_message"
"""The ``event_type`` of our messages' metadata; the lane is in its payload."""

REQUIRED_SCOPES = frozenset({"channels:history", "chat:write", "groups:history", "im:history", "im:write"})
"""The bot scopes without which messages cannot be kept true."""

_CLOCK_SKEW = 300.0
_PAGE = 200
_UPDATE_TEXT_LIMIT = 4000  # https://docs.slack.dev/reference/methods/chat.update


class SlackMessenger(ThreadMessenger):
    """Posts and redraws as the app's bot. Close it, or use it in ``async with``.

    ``base_url`` is SLACK_API_URL. ``scopes`` is what the app's manifest asks for; ``check`` compares.
    """

    def __init__(
        self,
        token: str,
        *,
        clock: Clock,
        base_url: str = AsyncWebClient.BASE_URL,
        scopes: Collection[str] = REQUIRED_SCOPES,
        timeout: float = 10,
    ) -> None:
        self._call = SlackCalls(token, base_url=base_url, clock=clock, timeout=timeout)
        self._scopes = frozenset(scopes)
        self._direct: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._call.close()

    async def post(self, channel: str, drawing: Drawing, *, lane: str, thread_ts: str | None = None) -> Posted:
        place = await self._channel(channel)
        answer = await self._call(
            Call("chat.postMessage", place),
            lambda client: client.chat_postMessage(
                channel=place,
                text=_text(drawing),
                blocks=drawing.blocks,
                metadata=_metadata(lane),
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return Posted(channel=fields(answer)["channel"], ts=fields(answer)["ts"])

    async def update(self, posted: Posted, drawing: Drawing, *, lane: str) -> None:
        await self._call(
            Call("chat.update", posted.channel),
            lambda client: client.chat_update(
                channel=posted.channel,
                ts=posted.ts,
                text=_text(drawing),
                blocks=drawing.blocks,
                metadata=_metadata(lane),
            ),
        )

    async def find(self, channel: str, *, lane: str, since: datetime, thread_ts: str | None = None) -> Posted | None:
        """See the port. ``thread_ts`` looks among that message's replies instead.

        ``since`` only ends the reading of older pages: the newest page is always searched, because Slack's clock
        and ours need not agree.
        """
        place = await self._channel(channel)
        async for page in self._pages(place, thread_ts):
            for message in page:
                if _lane(message) == lane:
                    return Posted(channel=place, ts=message["ts"])
            if thread_ts is None and float(page[-1]["ts"]) < since.timestamp() - _CLOCK_SKEW:
                return None
        return None

    async def publish_home(self, user: str, blocks: Blocks) -> None:
        view = {"type": "home", "blocks": blocks}
        await self._call(Call("views.publish", user), lambda client: client.views_publish(user_id=user, view=view))

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        await self._call(Call("views.open"), lambda client: client.views_open(trigger_id=trigger_id, view=view))

    async def update_view(self, view_id: str, seen: str, view: dict[str, Any]) -> None:
        """See the port. Raises NotFound when the form has been closed."""
        with suppress(Conflict):
            await self._call(
                Call("views.update", view_id),
                lambda client: client.views_update(view_id=view_id, hash=seen, view=view),
            )

    async def ephemeral(self, channel: str, user: str, drawing: Drawing) -> None:
        place = await self._channel(channel)
        await self._call(
            Call("chat.postEphemeral", place),
            lambda client: client.chat_postEphemeral(
                channel=place, user=user, text=_text(drawing), blocks=drawing.blocks or None
            ),
        )

    async def check(self) -> str:
        """One line on who we are at Slack. Raises Permanent when scopes are missing, and like the rest."""
        answer = await self._call(Call("auth.test", changes=False), lambda client: client.auth_test())
        granted = answer.headers.get("x-oauth-scopes")
        missing = sorted(self._scopes - {scope.strip() for scope in granted.split(",")}) if granted else []
        if missing:
            raise Permanent(
                f"The Slack app lacks the scopes {', '.join(missing)}. Add them to the app and install it again."
            )
        return f"Slack answers: @{fields(answer).get('user')} in {fields(answer).get('team')}."

    async def _channel(self, channel: str) -> str:
        """The channel id for a channel or user id: a message can only be found and changed by its channel's id."""
        if not channel.startswith(("U", "W")):
            return channel
        if channel not in self._direct:
            answer = await self._call(
                Call("conversations.open", channel, changes=False),
                lambda client: client.conversations_open(users=[channel]),
            )
            self._direct[channel] = fields(answer)["channel"]["id"]
        return self._direct[channel]

    async def _pages(self, place: str, thread_ts: str | None) -> AsyncIterator[list[dict[str, Any]]]:
        """Messages with their metadata: a channel's from the newest on, or a thread's."""
        cursor = None
        while True:
            answer = fields(await self._page(place, thread_ts, cursor))
            if answer["messages"]:
                yield answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    async def _page(self, place: str, thread_ts: str | None, cursor: str | None) -> AsyncSlackResponse:
        if thread_ts is None:
            return await self._call(
                Call("conversations.history", place, changes=False),
                lambda client: client.conversations_history(
                    channel=place, limit=_PAGE, cursor=cursor, include_all_metadata=True
                ),
            )
        return await self._call(
            Call("conversations.replies", place, changes=False),
            lambda client: client.conversations_replies(
                channel=place, ts=thread_ts, limit=_PAGE, cursor=cursor, include_all_metadata=True
            ),
        )


def _metadata(lane: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"lane": lane}}


def _lane(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    lane: str | None = (metadata.get("event_payload") or {}).get("lane")
    return lane


def _text(drawing: Drawing) -> str:
    """The text, cut only where the blocks say it all and it is what notifications read."""
    if drawing.blocks and len(drawing.text) > _UPDATE_TEXT_LIMIT:
        return drawing.text[: _UPDATE_TEXT_LIMIT - 1] + "…"
    return drawing.text
