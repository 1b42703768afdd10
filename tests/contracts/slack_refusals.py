"""What Slack answers when it says no, for tests that expect it to."""

from collections.abc import Awaitable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError


async def refusal(call: Awaitable[Any]) -> dict[str, Any]:
    """The whole answer to a call that Slack refuses."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return dict(refused.value.response.data)


async def code(call: Awaitable[Any]) -> str:
    """Slack's error code."""
    return str((await refusal(call))["error"])
