"""What Slack's refusals mean: one table from error codes to errors of ours, each naming its cure.

Codes: https://docs.slack.dev/reference/methods and https://docs.slack.dev/apis/web-api/rate-limits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from core.errors import ChaperoneError, Conflict, NotFound, Permanent, Transient

_RATE_LIMITED = 429
_SERVER_ERROR = 500
_DEFAULT_RETRY_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a Web API method. ``place`` is the channel or user id it is about; ``changes`` if it acts."""

    method: str
    place: str = ""
    changes: bool = True


_GONE = {
    "message_not_found": "The message in {place} is gone: somebody deleted it. It is posted anew.",
    "cant_update_message": "The message in {place} is not ours to change any more. It is posted anew.",
    "thread_not_found": "The thread in {place} is gone. Post its first message again.",
    "not_found": "The form is closed already. Open it again.",
    "channel_not_found": "Slack shows the bot no channel {place}. Invite @chaperone there, or mend the channel id.",
}

_TOKEN = "Slack refuses the bot token. Set SLACK_BOT_TOKEN to the one on the app's page and restart."  # noqa: S105  a text
_POSTING = (
    "Slack's settings forbid {method} in {place}. Let @chaperone post there in the channel's posting permissions."
)
_PRESS_AGAIN = "The dialog came too late: Slack allows 3 seconds. Press the button again."
_CURES = {
    "not_in_channel": "The bot is not in {place}. Invite @chaperone there.",
    "user_not_in_channel": "The person is not in {place}. Answer them in a direct message.",
    "is_archived": "The channel {place} is archived. Unarchive it, or name another one in the configuration.",
    "missing_scope": "The Slack app lacks the scope {needed}. Add it to the app and install the app again.",
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": _TOKEN,
    "restricted_action": _POSTING,
    "restricted_action_read_only_channel": _POSTING,
    "restricted_action_thread_only_channel": _POSTING,
    "restricted_action_non_threadable_channel": _POSTING,
    "restricted_action_thread_locked": _POSTING,
    "edit_window_closed": "Slack's settings end editing too soon. Let apps edit their messages at any time.",
    "access_denied": "Slack denies {method}. Ask a workspace administrator to approve the app.",
    "team_access_not_granted": "Slack denies {method}. Ask a workspace administrator to approve the app.",
    "no_permission": "Slack denies {method}. Ask a workspace administrator to approve the app.",
    "ekm_access_denied": "An administrator has suspended posting in {place}. Ask them to lift it.",
    "user_not_found": "Slack knows no user {place}. Bind the person's Slack account anew in the directory.",
    "users_not_found": "Slack knows no user {place}. Bind the person's Slack account anew in the directory.",
    "user_disabled": "The Slack account {place} is deactivated. Bind the person's present account in the directory.",
    "cannot_dm_bot": "{place} is a bot. Bind the person's own Slack account in the directory.",
    "not_enabled": "The app has no Home tab. Switch it on under App Home in the app's settings.",
    "unknown_method": "This Slack does not offer {method}. Point SLACK_API_URL at one that does.",
    "expired_trigger_id": _PRESS_AGAIN,
    "exchanged_trigger_id": _PRESS_AGAIN,
    "invalid_trigger_id": _PRESS_AGAIN,
}

_PASSING = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "timeout"})
# Slack on fatal_error: "some aspect of the operation may have succeeded before the error was raised".
_HALF_DONE = frozenset({"internal_error", "fatal_error"})

_UNFORESEEN = (
    "Slack refused {method} in {place} ({code}). Look the code up on the method's page at docs.slack.dev; "
    "if it speaks of blocks, arguments or lengths it is a bug of ours: please report it."
)


def refusal(call: Call, error: SlackApiError) -> ChaperoneError:
    """What an answer other than ``ok`` means. Never quotes what was sent: that may be a message's text."""
    status, headers, data = _parts(error)
    code = _code(data)
    if status == _RATE_LIMITED or code in {"ratelimited", "rate_limited"}:
        return _rate_limited(call, headers)
    if status >= _SERVER_ERROR or code in _HALF_DONE or not code:
        return _broken(call)
    if code in _PASSING:
        return Transient(f"Slack is busy ({code} on {call.method}). It is tried again.")
    wording = {"method": call.method, "place": call.place or "Slack", "code": code, "needed": _needed(data)}
    if code == "hash_conflict":
        return Conflict("The form has changed meanwhile. The newer one stays.")
    if code in _GONE:
        return NotFound(_GONE[code].format(**wording))
    return Permanent(_CURES.get(code, _UNFORESEEN).format(**wording))


def lost(call: Call, error: aiohttp.ClientError | TimeoutError) -> Transient:
    """What a broken connection means: the call may have taken effect unless the connection never stood."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Transient(f"Slack cannot be reached for {call.method}. Check the network and SLACK_API_URL.")
    return _broken(call)


def _rate_limited(call: Call, headers: Mapping[str, str]) -> Transient:
    try:
        seconds = float(headers.get("Retry-After", _DEFAULT_RETRY_AFTER))
    except ValueError:
        seconds = _DEFAULT_RETRY_AFTER
    return Transient(f"Slack asks for a pause on {call.method}. It is tried again.", retry_after=seconds)


def _broken(call: Call) -> Transient:
    text = f"Slack's answer to {call.method} was lost or broken. It is looked up and tried again."
    return Transient(text, outcome_unknown=call.changes)


def _parts(error: SlackApiError) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
    """Status, headers and body; the SDK hands over aiohttp's own response where the body was no JSON."""
    response: Any = error.response
    if isinstance(response, aiohttp.ClientResponse):
        return response.status, response.headers, {}
    return response.status_code, response.headers, response.data if isinstance(response.data, dict) else {}


def _code(data: Mapping[str, Any]) -> str:
    """The error code, if it looks like one: anything else could be an echo of what was sent."""
    code = str(data.get("error", ""))
    return code if re.fullmatch(r"[a-z0-9_-]{1,60}", code) else ""


def _needed(data: Mapping[str, Any]) -> str:
    needed = str(data.get("needed", ""))
    return needed if re.fullmatch(r"[a-z0-9_.:, -]{1,200}", needed) else "it needs"
