"""What each of Slack's refusals becomes: the kind of error, and the cure that its text names."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from core.errors import ChaperoneError, Conflict, NotFound, Permanent, Transient
from integrations.slack.faults import Call, lost, refusal

POST = Call("chat.postMessage", "C1")
READ = Call("conversations.history", "C1", changes=False)


def answer(code: str = "", *, status: int = 200, headers: dict[str, str] | None = None, **extra: Any) -> SlackApiError:
    data = {"ok": False, "error": code, **extra} if code else {}
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


@pytest.mark.parametrize(
    ("code", "kind", "cure"),
    [
        ("message_not_found", NotFound, "posted anew"),
        ("cant_update_message", NotFound, "posted anew"),
        ("channel_not_found", NotFound, "Invite @chaperone"),
        ("thread_not_found", NotFound, "Post its first message again"),
        ("not_found", NotFound, "Open it again"),
        ("hash_conflict", Conflict, "newer one stays"),
        ("not_in_channel", Permanent, "not in C1. Invite @chaperone"),
        ("is_archived", Permanent, "C1 is archived. Unarchive it"),
        ("missing_scope", Permanent, "lacks the scope it needs"),
        ("invalid_auth", Permanent, "SLACK_BOT_TOKEN"),
        ("account_inactive", Permanent, "SLACK_BOT_TOKEN"),
        ("token_revoked", Permanent, "SLACK_BOT_TOKEN"),
        ("restricted_action", Permanent, "posting permissions"),
        ("restricted_action_read_only_channel", Permanent, "posting permissions"),
        ("edit_window_closed", Permanent, "edit their messages"),
        ("user_disabled", Permanent, "directory"),
        ("unknown_method", Permanent, "SLACK_API_URL"),
        ("exchanged_trigger_id", Permanent, "Press the button again"),
        ("invalid_blocks", Permanent, "chat.postMessage in C1 (invalid_blocks)"),
        ("msg_too_long", Permanent, "bug of ours"),
        ("something_new", Permanent, "docs.slack.dev"),
        ("service_unavailable", Transient, "tried again"),
    ],
)
def test_a_code_becomes_an_error_that_names_its_cure(code: str, kind: type[ChaperoneError], cure: str) -> None:
    error = refusal(POST, answer(code))
    assert type(error) is kind
    assert cure in str(error)


def test_the_missing_scope_is_named() -> None:
    assert "scope groups:write. Add it" in str(refusal(POST, answer("missing_scope", needed="groups:write")))


@pytest.mark.parametrize("echo", ["Dr. Jones' words", "<script>", "x" * 500])
def test_nothing_that_is_no_code_or_scope_is_quoted(echo: str) -> None:
    assert echo not in str(refusal(POST, answer(echo)))
    assert echo not in str(refusal(POST, answer("missing_scope", needed=echo)))


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (answer("ratelimited", status=429, headers={"Retry-After": "17"}), 17),
        (answer("ratelimited", headers={"Retry-After": "17"}), 17),
        (answer(status=429, headers={"Retry-After": "soon"}), 1),
        (answer(status=429), 1),
    ],
)
def test_a_pause_is_as_long_as_slack_says(reply: SlackApiError, seconds: float) -> None:
    error = refusal(POST, reply)
    assert isinstance(error, Transient)
    assert (error.retry_after, error.outcome_unknown) == (seconds, False)


@pytest.mark.parametrize(
    "reply", [answer(status=500), answer("internal_error", status=500), answer("fatal_error"), answer(status=200)]
)
def test_a_broken_answer_leaves_a_changes_outcome_open_and_a_reads_not(reply: SlackApiError) -> None:
    change, read = refusal(POST, reply), refusal(READ, reply)
    assert isinstance(change, Transient)
    assert isinstance(read, Transient)
    assert (change.outcome_unknown, read.outcome_unknown) == (True, False)


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (aiohttp.ServerDisconnectedError(), True),
        (TimeoutError(), True),
        (aiohttp.ClientPayloadError(), True),
        (aiohttp.ConnectionTimeoutError(), False),
    ],
)
def test_a_call_that_was_never_sent_had_no_effect(error: aiohttp.ClientError | TimeoutError, unknown: bool) -> None:
    assert lost(POST, error).outcome_unknown is unknown
    assert not lost(READ, error).outcome_unknown
