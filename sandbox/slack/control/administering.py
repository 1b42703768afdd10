"""``POST /sandbox/admin``: what an administrator of the workspace, or Slack itself, can do."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.slack.actions import CannotDo
from sandbox.slack.engine import Engine
from sandbox.slack.workspace import Channel


def _channel(engine: Engine, order: dict[str, Any]) -> Channel:
    wanted = str(order["channel"]).removeprefix("#")
    for channel in engine.workspace.channels.values():
        if wanted in {channel.id, channel.name}:
            return channel
    raise CannotDo(f"no channel {wanted}")


async def _deactivate(engine: Engine, order: dict[str, Any]) -> None:
    engine.workspace.deactivate(order["user"])


async def _reactivate(engine: Engine, order: dict[str, Any]) -> None:
    engine.workspace.users[order["user"]].deleted = False
    engine.workspace.changed("user", user=order["user"])


async def _archive(engine: Engine, order: dict[str, Any]) -> None:
    channel = _channel(engine, order)
    engine.workspace.set_archived(channel, channel.creator or engine.workspace.bot.id, archived=True)


async def _unarchive(engine: Engine, order: dict[str, Any]) -> None:
    channel = _channel(engine, order)
    engine.workspace.set_archived(channel, channel.creator or engine.workspace.bot.id, archived=False)


async def _delete_message(engine: Engine, order: dict[str, Any]) -> None:
    channel = _channel(engine, order)
    message = channel.message(order["ts"])
    if message is None:
        raise CannotDo(f"no message {order['ts']} in {channel.id}")
    engine.workspace.delete(channel, message)


async def _remove_from_channel(engine: Engine, order: dict[str, Any]) -> None:
    engine.workspace.leave(_channel(engine, order), order["user"])


async def _refresh_sockets(engine: Engine, _order: dict[str, Any]) -> None:
    await engine.delivery.socket.refresh()


async def _verify(engine: Engine, _order: dict[str, Any]) -> None:
    if not await engine.delivery.verified():
        raise CannotDo("the request URL does not answer the challenge; is the app running, with this signing secret?")


async def _settings(engine: Engine, order: dict[str, Any]) -> None:
    """Change a few settings while running: request_urls, rate_limits, retry_scale, ack_timeout."""
    changeable = {"request_urls": tuple, "rate_limits": bool, "retry_scale": float, "ack_timeout": float}
    for name, kind in changeable.items():
        if name in order:
            setattr(engine.settings, name, kind(order[name]))


ORDERS: Mapping[str, Callable[[Engine, dict[str, Any]], Awaitable[None]]] = {
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "archive": _archive,
    "unarchive": _unarchive,
    "delete_message": _delete_message,
    "remove_from_channel": _remove_from_channel,
    "refresh_sockets": _refresh_sockets,
    "settings": _settings,
    "verify_request_url": _verify,
}


async def administer(engine: Engine, order: dict[str, Any]) -> dict[str, Any]:
    """Carry out ``{"do": ..., ...}``. Raises CannotDo."""
    work = ORDERS.get(str(order.get("do")))
    if work is None:
        raise CannotDo(f"“do” must be one of {', '.join(sorted(ORDERS))}")
    try:
        await work(engine, order)
    except KeyError as missing:
        raise CannotDo(f"the order lacks or does not know {missing}") from None
    return {"ok": True}
