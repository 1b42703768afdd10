"""From an answer of ours to what Slack takes as the reply to each kind of payload."""

from typing import Any

from slack_bolt import BoltResponse

from bot.dispatch import Answer, Payload
from bot.errors_to_slack import error_view

_LONGEST_ERROR = 2000


def response(payload: Payload, answer: Answer) -> BoltResponse:
    """The reply. Only commands take a text and only forms take faults; ``tell`` goes another way."""
    if payload.kind == "command":
        return _said(answer.text or answer.tell)
    if payload.kind == "view":
        return _to_form(answer)
    return BoltResponse(status=200, body="")


def unsaid(payload: Payload, answer: Answer) -> str | None:
    """What the reply could not carry, to be told in a message of its own."""
    if payload.kind == "command":
        return answer.tell if answer.text else None
    return answer.tell or answer.text


def fault(payload: Payload, text: str) -> Answer:
    """An answer that shows ``text`` where the person looks: at a field of the form, or as a message."""
    if payload.kind == "command":
        return Answer(text=text)
    if payload.kind != "view":
        return Answer(tell=text)
    block_id = _first_input(payload.body["view"])
    return Answer(errors={block_id: text}) if block_id else Answer(view=error_view(text))


def where(payload: Payload) -> str:
    """The channel in which the person acted; their own id (a direct message) for forms, Home and shortcuts."""
    for part, name in (("channel", "id"), ("container", "channel_id")):
        found = payload.body.get(part)
        channel = found.get(name) if isinstance(found, dict) else None
        if isinstance(channel, str) and channel:
            return channel
    return payload.user


def _said(text: str | None) -> BoltResponse:
    if not text:
        return BoltResponse(status=200, body="")
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})


def _to_form(answer: Answer) -> BoltResponse:
    said: dict[str, Any] | None = None
    if answer.errors:
        errors = {block: text[:_LONGEST_ERROR] for block, text in answer.errors.items()}
        said = {"response_action": "errors", "errors": errors}
    elif answer.view is not None:
        said = {"response_action": "update", "view": answer.view}
    elif answer.clear:
        said = {"response_action": "clear"}
    return BoltResponse(status=200, body=said or "")


def _first_input(view: dict[str, Any]) -> str | None:
    """The block id of the first input: Slack shows a form's errors at inputs only."""
    blocks = view.get("blocks")
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "input" and isinstance(block.get("block_id"), str):
            return str(block["block_id"])
    return None
