"""``POST /sandbox/act``: JSON in front of Actions."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.actions import Actions, CannotDo, Container, InHome, InMessage, InView, Outcome
from sandbox.slack.payloads.shapes import view_shape
from sandbox.slack.workspace import View, Workspace


@dataclass(frozen=True)
class Actor:
    """Reads one JSON order and carries it out.

    ``{"as": person, "do": verb, ...}``. ``as`` is a user id, handle or e-mail address; ``channel`` an id or a name.
    Where an order touches an element, its place is ``channel`` and ``ts``, or ``view``, or ``home: true``.
    """

    workspace: Workspace
    actions: Actions

    async def act(self, order: dict[str, Any]) -> dict[str, Any]:
        """Raises CannotDo, also for an order that cannot be read; its text names what is missing."""
        verb = VERBS.get(str(order.get("do")))
        if verb is None:
            raise CannotDo(f"“do” must be one of {', '.join(sorted(VERBS))}")
        try:
            return await verb(self, self.person(order["as"]), order)
        except KeyError as missing:
            raise CannotDo(f"the order lacks {missing}") from None

    def person(self, wanted: str) -> str:
        for user in self.workspace.users.values():
            if wanted in {user.id, user.name, user.email}:
                return user.id
        raise CannotDo(f"nobody here is called {wanted}")

    def channel(self, order: dict[str, Any]) -> str:
        wanted = str(order["channel"]).removeprefix("#")
        named = (one.id for one in self.workspace.channels.values() if one.name == wanted and not one.is_im)
        return wanted if wanted in self.workspace.channels else next(named, wanted)

    def place(self, order: dict[str, Any]) -> Container:
        if order.get("home"):
            return InHome()
        if "view" in order:
            return InView(order["view"])
        return InMessage(self.channel(order), order["ts"])

    def told(self, outcome: Outcome) -> dict[str, Any]:
        """An outcome as JSON; views in Slack's shape."""

        def shape(view: View | None) -> dict[str, Any] | None:
            return view_shape(view, self.workspace) if view else None

        return {
            "ok": outcome.ok,
            "failed": outcome.failed,
            "errors": outcome.errors,
            "closed": outcome.closed,
            "updated": shape(outcome.updated),
            "pushed": shape(outcome.pushed),
            "channel": outcome.channel,
            "ts": outcome.ts,
            "options": outcome.options,
        }


Verb = Callable[[Actor, str, dict[str, Any]], Awaitable[dict[str, Any]]]


async def _say(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    channel = actor.channel(order)
    return actor.told(
        await actor.actions.say(user, channel, order["text"], order.get("thread_ts"), files=order.get("files", ()))
    )


async def _slash(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.slash(user, actor.channel(order), order["text"]))


async def _press(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    outcome = await actor.actions.press(
        user,
        actor.place(order),
        order["block_id"],
        order["action_id"],
        order.get("value"),
        values=order.get("values"),
    )
    return actor.told(outcome)


async def _options(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    place = actor.place(order)
    return actor.told(await actor.actions.options(user, place, order["block_id"], order["action_id"], order["query"]))


async def _submit(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.submit_view(user, order["view"], order.get("values")))


async def _close(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.close_view(user, order["view"], clear=order.get("clear", False)))


async def _home(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.open_home(user, order.get("tab", "home")))


async def _global_shortcut(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.global_shortcut(user, order["callback_id"]))


async def _message_shortcut(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    channel = actor.channel(order)
    return actor.told(await actor.actions.message_shortcut(user, channel, order["ts"], order["callback_id"]))


async def _dm(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.open_dm(user, actor.person(order["with"])))


async def _join(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.join(user, actor.channel(order)))


async def _invite(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    return actor.told(await actor.actions.invite(user, actor.channel(order), actor.person(order["whom"])))


async def _upload(actor: Actor, user: str, order: dict[str, Any]) -> dict[str, Any]:
    content = base64.b64decode(order["content_base64"])
    return {"ok": True, "file": await actor.actions.upload(user, order["name"], content)}


VERBS: Mapping[str, Verb] = {
    "say": _say,
    "slash": _slash,
    "press": _press,
    "options": _options,
    "submit_view": _submit,
    "close_view": _close,
    "open_home": _home,
    "global_shortcut": _global_shortcut,
    "message_shortcut": _message_shortcut,
    "open_dm": _dm,
    "join": _join,
    "invite": _invite,
    "upload": _upload,
}
