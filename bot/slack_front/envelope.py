"""From the bytes of a request to a payload with a kind and a name. Whatever is not shaped as Slack's is malformed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import orjson

from bot.dispatch import Kind, Payload
from core.errors import Refused

MOST_FIELDS = 100
"""Form fields of a slash command: Slack sends about fifteen."""

_ID_LENGTH = 64
_NAME_LENGTH = 255  # https://docs.slack.dev/reference/block-kit: action_id, callback_id

Body = dict[str, Any]


class Malformed(Refused):
    """Signed, and yet nothing that Slack would send."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What Slack sends and nobody handles: answered with 200 and ``said``."""

    kind: str
    said: Body | None = None


def parse(body: bytes, content_type: str) -> Body:
    """The payload's JSON object, or a command's form. Raises Malformed."""
    if "json" in content_type or body.startswith(b"{"):
        return _object(body)
    form = _form(body)
    return _object(form["payload"]) if "payload" in form else form


def payload_of(body: Body, *, trace: str) -> Payload | Aside:
    """What the body is and what it is dispatched by. Raises Malformed."""
    kind = body.get("type")
    if "ssl_check" in body:
        return Aside("ssl_check")
    if kind is None and "command" in body:
        return _command(body, trace)
    if not isinstance(kind, str) or not kind:
        raise Malformed("It has no type that Slack documents.")
    if kind == "url_verification":
        return Aside(kind, {"challenge": _text(body, "challenge", 1000)})
    reader = _READERS.get(kind)
    return reader(body, trace) if reader else Aside(kind[:_ID_LENGTH])


def workspace_of(body: Body) -> str:
    """The workspace in which it happened; empty where an org-wide install names none."""
    team = body.get("team")
    return _id(team.get("id") if isinstance(team, dict) else body.get("team_id"))


def _command(body: Body, trace: str) -> Payload:
    return _payload("command", _text(body, "command"), body, trace, team=body.get("team_id"), user=body.get("user_id"))


def _action(body: Body, trace: str) -> Payload:
    return _interaction("action", _text(_first(body, "actions"), "action_id"), body, trace)


def _view(body: Body, trace: str) -> Payload:
    return _interaction("view", _text(_part(body, "view"), "callback_id"), body, trace)


def _shortcut(body: Body, trace: str) -> Payload:
    return _interaction("shortcut", _text(body, "callback_id"), body, trace)


def _event(body: Body, trace: str) -> Payload:
    event = _part(body, "event")
    user = event.get("user")
    if isinstance(user, dict):  # user_change and its kin carry the whole person
        user = user.get("id")
    return _payload("event", _text(event, "type"), body, trace, team=body.get("team_id"), user=user)


def _interaction(kind: Kind, name: str, body: Body, trace: str) -> Payload:
    """The team is the person's own: an org-wide install may name none, a shared channel brings other companies'."""
    user, team = _part(body, "user"), body.get("team")
    return _payload(
        kind,
        name,
        body,
        trace,
        team=user.get("team_id") or (team.get("id") if isinstance(team, dict) else None),
        user=user.get("id"),
    )


def _payload(kind: Kind, name: str, body: Body, trace: str, *, team: object, user: object) -> Payload:
    return Payload(
        kind=kind,
        name=name,
        body=body,
        team=_id(team),
        user=_id(user),
        trace=trace,
        trigger_id=_optional(body, "trigger_id"),
        response_url=_optional(body, "response_url"),
    )


def _form(body: bytes) -> Body:
    """A form's fields. Taken apart here, because the standard library's parser costs more than all that follows."""
    if not body:
        return {}
    try:
        pairs = [pair.partition("=") for pair in body.decode("utf-8").split("&", MOST_FIELDS)]
        form = {_plain(name): _plain(value) for name, equals, value in pairs if equals}
    except UnicodeDecodeError:
        raise Malformed("It is not UTF-8.") from None
    if len(pairs) > MOST_FIELDS or len(form) < len(pairs):
        raise Malformed("It is no form, or one with a field twice.")
    return form


def _plain(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


def _object(text: bytes | str) -> Body:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:  # nested too deeply, too: orjson ends at 1024
        raise Malformed("It is not JSON.") from None
    if not isinstance(found, dict):
        raise Malformed("It is no JSON object.")
    return found


def _part(body: Body, name: str) -> Body:
    found = body.get(name)
    if not isinstance(found, dict):
        raise Malformed(f"It has no {name}.")
    return found


def _first(body: Body, name: str) -> Body:
    found = body.get(name)
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise Malformed(f"It has no {name}.")
    return found[0]


def _text(body: Body, name: str, longest: int = _NAME_LENGTH) -> str:
    found = body.get(name)
    if not isinstance(found, str) or len(found) > longest:
        raise Malformed(f"It has no {name}.")
    return found


def _optional(body: Body, name: str) -> str | None:
    found = body.get(name)
    return found if isinstance(found, str) else None


def _id(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _ID_LENGTH and value.isalnum() else ""


_READERS: dict[str, Callable[[Body, str], Payload]] = {
    "event_callback": _event,
    "block_actions": _action,
    "view_submission": _view,
    "shortcut": _shortcut,
    "message_action": _shortcut,
}
