"""A forged form: signed as Slack signs, but written by hand. What a thief of the signing secret could send."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import httpx

from core.clock import SystemClock
from sandbox.house import Sandbox
from sandbox.house.slack_control import View

_FORM = "application/x-www-form-urlencoded"


async def forged_submission(sandbox: Sandbox, view: View, user: str, wish: dict[str, str]) -> dict[str, str]:
    """Send a view of its own id with values that no page offers; the errors by field, empty where it was taken."""
    forged = {**view, "id": "V0FORGED"}
    return await signed_submission(sandbox, forged, user, wish, url=sandbox.web_urls[0])


async def signed_submission(
    sandbox: Sandbox, view: View, user: str, wish: dict[str, str], *, url: str
) -> dict[str, str]:
    """Send the view to one web process as Slack would, and answer the errors by field."""
    values = {block: {"forged": _value(block, text)} for block, text in wish.items()}
    payload = {
        "type": "view_submission",
        "team": {"id": view["team_id"], "domain": "forged"},
        "user": {"id": user, "team_id": view["team_id"]},
        "trigger_id": "forged",
        "view": {**view, "state": {"values": values}},
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        answer = await client.post(f"{url}/slack/events", content=body, headers=_signed(sandbox, body))
    said = answer.json() if answer.content else {}
    return dict(said.get("errors", {}))


def _value(block: str, text: str) -> dict[str, Any]:
    if block in {"entitlement", "duration", "purpose"}:
        return {"type": "static_select", "selected_option": {"value": text}}
    return {"type": "plain_text_input", "value": text}


def _signed(sandbox: Sandbox, body: bytes) -> dict[str, str]:
    timestamp = str(int(SystemClock().now().timestamp()))
    secret = sandbox.environment["SLACK_SIGNING_SECRET"].encode()
    digest = hmac.new(secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"content-type": _FORM, "x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}
