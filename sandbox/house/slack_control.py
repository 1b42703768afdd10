"""The sandbox's Slack as its control API shows it: act as anybody, look at anything."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx

from sandbox.house.faults import SandboxFault

Message = dict[str, Any]
View = dict[str, Any]
Answer = dict[str, Any]
Found = TypeVar("Found")

_POLL = 0.05


class CannotAct(SandboxFault):
    """That person's browser would not offer it."""


class SlackControl:
    """One simulated Slack. Close it, or use it in ``async with``. People go by first name, handle or id."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.AsyncClient(base_url=url, timeout=30.0, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    async def state(self) -> dict[str, Any]:
        """Everything in the workspace: users, channels with their messages, open views, Homes."""
        return dict((await self._client.get("/sandbox/state")).json())

    async def act(self, who: str, do: str, **order: Any) -> Answer:
        """Let a person do something. Raises CannotAct. See ``sandbox.slack.control.acting`` for the orders."""
        return await self._posted("/sandbox/act", {"as": await self.user_id(who), "do": do, **order})

    async def administer(self, do: str, **order: Any) -> Answer:
        return await self._posted("/sandbox/admin", {"do": do, **order})

    async def inject(self, **fault: Any) -> Answer:
        return await self._posted("/sandbox/faults", fault)

    async def calls(self, method: str = "") -> list[dict[str, Any]]:
        """The Web API calls of the bot so far."""
        answer = await self._client.get("/sandbox/calls", params={"method": method} if method else {})
        return list(answer.json()["calls"])

    def person(self, who: str) -> "Acting":
        return Acting(self, who)

    async def user_id(self, who: str) -> str:
        users = (await self.state())["users"]
        for user in users:
            if who in {user["id"], user["name"], user["name"].partition(".")[0]}:
                return str(user["id"])
        raise CannotAct(f"nobody here is called {who}")

    async def channel(self, name: str) -> dict[str, Any]:
        for channel in (await self.state())["channels"]:
            if name in {channel["id"], channel.get("name")}:
                return dict(channel)
        raise CannotAct(f"no channel {name}")

    async def complaints(self) -> list[str]:
        """What Slack refused of the bot's answers, in words. Empty in a healthy house."""
        return list((await self.state())["complaints"])

    async def _posted(self, path: str, order: dict[str, Any]) -> Answer:
        answer = await self._client.post(path, json=order)
        said = dict(answer.json())
        if answer.status_code != httpx.codes.OK:
            raise CannotAct(str(said.get("error")))
        return said


@dataclass(frozen=True, slots=True)
class Acting:
    """One person at the keyboard."""

    slack: SlackControl
    who: str

    async def slash(self, text: str, channel: str = "prod-access") -> Answer:
        return await self.slack.act(self.who, "slash", channel=channel, text=text)

    async def modal(self) -> View | None:
        """The modal that they see now."""
        user = await self.slack.user_id(self.who)
        stack = (await self.slack.state())["views"].get(user)
        return dict(stack[-1]) if stack else None

    async def choose(self, view: View, block_id: str, action_id: str, value: Any) -> View:
        """Choose in an open modal, and answer the modal as it is then."""
        await self.slack.act(self.who, "press", view=view["id"], block_id=block_id, action_id=action_id, value=value)
        return await self.modal() or view

    async def submit(self, view: View, values: dict[str, Any] | None = None) -> Answer:
        return await self.slack.act(self.who, "submit_view", view=view["id"], values=values or {})

    async def close(self, view: View) -> Answer:
        return await self.slack.act(self.who, "close_view", view=view["id"], clear=True)

    async def press(self, message: Message, action_id: str, *, value: Any = None) -> Answer:
        """Press a button of a message as it looks now. Raises CannotAct when it is not there (any more)."""
        try:
            return await self._press(message, action_id, value)
        except CannotAct:  # drawn anew under the finger: a person looks, and presses what is there now
            return await self._press(message, action_id, value)

    async def _press(self, message: Message, action_id: str, value: Any) -> Answer:
        shown = await self._now(message)
        place = {"channel": message["channel"], "ts": message["ts"]}
        block_id = block_of(shown.get("blocks") or [], action_id)
        return await self.slack.act(self.who, "press", block_id=block_id, action_id=action_id, value=value, **place)

    async def _now(self, message: Message) -> Message:
        found = [each for each in await self.messages(message["channel"]) if each["ts"] == message["ts"]]
        if not found:
            raise CannotAct(f"{self.who} sees this message no longer")
        return found[0]

    async def home(self) -> View | None:
        user = await self.slack.user_id(self.who)
        found = (await self.slack.state())["homes"].get(user)
        return dict(found) if found else None

    async def open_home(self) -> Answer:
        return await self.slack.act(self.who, "open_home")

    async def press_home(self, action_id: str) -> Answer:
        """Press the first such button of the Home tab."""
        home = await self.home()
        block_id = block_of(home["blocks"] if home else [], action_id)
        return await self.slack.act(self.who, "press", home=True, block_id=block_id, action_id=action_id)

    async def messages(self, channel: str) -> list[Message]:
        """What they see in a channel, the oldest first; what only others see is left out."""
        user = await self.slack.user_id(self.who)
        return _seen(await self.slack.channel(channel), user)

    async def direct(self) -> list[Message]:
        """Their messages from the bot."""
        user = await self.slack.user_id(self.who)
        channels = (await self.slack.state())["channels"]
        rooms = [each for each in channels if each["is_im"] and each["user"] == user]
        return [message for room in rooms for message in _seen(room, user)]


def _seen(channel: dict[str, Any], user: str) -> list[Message]:
    return [
        message | {"channel": channel["id"]}
        for message in channel["messages"]
        if message["ephemeral_for"] in {None, user}
    ]


def block_of(blocks: list[dict[str, Any]], action_id: str) -> str:
    """The id of the first block that holds the element. Raises CannotAct."""
    for block in blocks:
        inside = [*block.get("elements", ()), block.get("element"), block.get("accessory")]
        if any(isinstance(each, dict) and each.get("action_id") == action_id for each in inside):
            return str(block["block_id"])
    raise CannotAct(f"there is no {action_id} here")


def words(shown: Message | View | None) -> str:
    """Every text of a message or a view, in one string."""
    return " ".join(_texts(shown or {}))


def _texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for value in part.values() for text in _texts(value)]
    if isinstance(part, list):
        return [text for each in part for text in _texts(each)]
    return []


async def until(look: Callable[[], Any], what: str, *, within: float = 20.0) -> Any:
    """Poll an async look until it answers something true, and answer that. Raises SandboxFault naming ``what``."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        if found := await look():
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise SandboxFault(f"Waited {within:.0f} seconds for this, and it did not come: {what}")
        await asyncio.sleep(_POLL)
