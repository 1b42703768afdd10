"""Faults and limits of the Web API: 429, 500, lost and late replies, Slack's tiers."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from core.clock import ManualClock
from sandbox.slack.faults import InjectedFault
from sandbox.slack.settings import Settings
from sandbox.slack.testing import RunningSlack, running_slack
from tests.contracts.slack_refusals import code


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        yield running


@pytest.fixture
def client(slack: RunningSlack) -> AsyncWebClient:
    """Without the SDK's own retries, so that each fault is seen once."""
    return AsyncWebClient("xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])


def texts(slack: RunningSlack) -> list[str]:
    return [message.text for message in slack.workspace.channels["C01OPS"].messages]


async def test_429_names_the_seconds_and_applies_nothing(slack: RunningSlack, client: AsyncWebClient) -> None:
    slack.engine.faults.add(InjectedFault("chat.postMessage", "429", retry_after=7))
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C01OPS", text="x")
    assert (refused.value.response.status_code, refused.value.response["error"]) == (429, "ratelimited")
    assert refused.value.response.headers["retry-after"] == "7"
    assert texts(slack) == []
    await client.chat_postMessage(channel="C01OPS", text="y")
    assert texts(slack) == ["y"]


async def test_the_sdks_handler_obeys_a_429(slack: RunningSlack) -> None:
    handler = AsyncRateLimitErrorRetryHandler(max_retry_count=1)
    client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url, retry_handlers=[handler])
    slack.engine.faults.add(InjectedFault("*", "429", retry_after=0))
    assert (await client.chat_postMessage(channel="C01OPS", text="x"))["ok"]
    assert [call.status for call in slack.engine.journal.calls] == [429, 200]


async def test_500_and_an_error_of_choice_apply_nothing(slack: RunningSlack, client: AsyncWebClient) -> None:
    slack.engine.faults.add(InjectedFault("chat.postMessage", "500"))
    slack.engine.faults.add(InjectedFault("chat.postMessage", "error", code="fatal_error"))
    assert await code(client.chat_postMessage(channel="C01OPS", text="x")) == "internal_error"
    assert await code(client.chat_postMessage(channel="C01OPS", text="x")) == "fatal_error"
    assert texts(slack) == []


async def test_a_lost_reply_applies_the_call_and_drops_the_connection(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    slack.engine.faults.add(InjectedFault("chat.postMessage", "lost_reply"))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C01OPS", text="x")
    assert texts(slack) == ["x"]
    assert [(call.method, call.status, call.error) for call in slack.engine.journal.calls] == [
        ("chat.postMessage", 200, "lost_reply")
    ]


async def test_a_lost_reply_to_a_call_without_a_body_is_lost_too(slack: RunningSlack) -> None:
    slack.engine.faults.add(InjectedFault("auth.test", "lost_reply"))
    async with httpx.AsyncClient(base_url=slack.api_url) as browser:
        with pytest.raises(httpx.RemoteProtocolError):
            await browser.get("auth.test", headers={"authorization": "Bearer xoxb-sandbox"})


async def test_a_late_reply_is_applied_at_once_and_answered_later(slack: RunningSlack) -> None:
    slack.engine.faults.add(InjectedFault("chat.postMessage", "late_reply", seconds=0.3))
    client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
    started = time.monotonic()
    await client.chat_postMessage(channel="C01OPS", text="x")
    assert time.monotonic() - started >= 0.3
    assert texts(slack) == ["x"]


async def test_a_fault_may_be_for_one_channel_only(slack: RunningSlack, client: AsyncWebClient) -> None:
    slack.engine.faults.add(InjectedFault("chat.postMessage", "500", channel="C01PRIV", count=2))
    await client.chat_postMessage(channel="C01OPS", text="x")
    assert await code(client.chat_postMessage(channel="C01PRIV", text="x")) == "internal_error"
    assert [fault.count for fault in slack.engine.faults.waiting] == [1]


async def test_uploads_and_response_urls_fail_too(slack: RunningSlack, client: AsyncWebClient) -> None:
    issued = await client.files_getUploadURLExternal(filename="e.txt", length=1)
    url = slack.engine.responses.issue("U01ANA", "C01OPS")
    for target, address in (("upload", issued["upload_url"]), ("response_url", url)):
        slack.engine.faults.add(InjectedFault(target, "500"))
        slack.engine.faults.add(InjectedFault(target, "lost_reply"))
        body = b"x" if target == "upload" else b'{"text": "said"}'
        async with httpx.AsyncClient() as browser:
            assert (await browser.post(address, content=body)).status_code == 500
            with pytest.raises(httpx.RemoteProtocolError):
                await browser.post(address, content=body)
    assert slack.workspace.files[issued["file_id"]].content == b"x"
    assert texts(slack) == ["said"]


def test_a_fault_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="is not one of 429, 500, lost_reply"):
        InjectedFault("chat.postMessage", "melt")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="count must be 1 or more"):
        InjectedFault("chat.postMessage", "429", count=0)


async def test_with_limits_on_each_method_has_its_tier_and_a_channel_one_message_a_second() -> None:
    clock = ManualClock()
    settings = Settings(rate_limits=True, tiers={1: 1, 2: 2, 3: 3, 4: 9}, post_burst=2, retry_scale=0.0)
    async with running_slack(clock=clock, settings=settings) as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url, retry_handlers=[])
        for _ in range(2):
            await client.users_list()
        clock.advance(timedelta(seconds=20))
        with pytest.raises(SlackApiError) as refused:
            await client.users_list()
        assert refused.value.response.headers["retry-after"] == "40"
        clock.advance(timedelta(seconds=40))
        await client.users_list()
        for _ in range(2):
            await client.chat_postMessage(channel="C01OPS", text="x")
        assert await code(client.chat_postMessage(channel="C01OPS", text="x")) == "ratelimited"
        await client.chat_postMessage(channel="C01PRIV", text="another channel")
        clock.advance(timedelta(seconds=1))
        await client.chat_postMessage(channel="C01OPS", text="x")
        assert await code(client.chat_postMessage(channel="C01OPS", text="x")) == "ratelimited"
        slack.engine.reset()
        await client.chat_postMessage(channel="C01OPS", text="x")
