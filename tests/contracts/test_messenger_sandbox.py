"""The Slack client on the sandbox's strict Slack: the contract, and what only a Web API can show."""

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from core.clock import ManualClock
from core.errors import Permanent, Transient
from integrations.ports import Blocks, Drawing, Posted
from integrations.slack import REQUIRED_SCOPES, SlackMessenger
from sandbox.slack.faults import InjectedFault
from sandbox.slack.testing import RunningSlack, running_slack
from sandbox.slack.workspace import Installation, Message
from tests.contracts.messenger import MessengerContract, Operation, Shown, drawing

METHODS: dict[Operation, str] = {
    "post": "chat.postMessage",
    "update": "chat.update",
    "find": "conversations.history",
    "publish_home": "views.publish",
    "open_view": "views.open",
    "update_view": "views.update",
    "ephemeral": "chat.postEphemeral",
}
SECRET_TEXT = "the words of a message"


@dataclass
class SandboxHarness:
    running: RunningSlack
    messenger: SlackMessenger
    unreachable: SlackMessenger
    clock: ManualClock
    channel: str = "C01PRIV"
    user: str = "U01ANA"

    def messages(self, place: str) -> list[Shown]:
        standing = [one for one in self.running.workspace.channels[place].messages if one.ephemeral_for is None]
        return [Shown(Posted(place, one.ts), one.text, one.blocks or [], one.thread_ts) for one in standing]

    def whispers(self, user: str) -> list[str]:
        channels = self.running.workspace.channels.values()
        return [one.text for channel in channels for one in channel.messages if one.ephemeral_for == user]

    def home(self, user: str) -> Blocks | None:
        view = self.running.workspace.homes.get(user)
        return view.blocks if view else None

    def trigger(self, user: str) -> str:
        return self.running.engine.triggers.issue(user)

    def views(self, user: str) -> list[str]:
        stack = self.running.workspace.view_stacks.get(user, [])
        return [view.title["text"] for view in stack if view.title]

    def form(self, user: str) -> tuple[str, str]:
        (view,) = self.running.workspace.view_stacks[user]
        return view.id, view.hash

    def delete(self, posted: Posted) -> None:
        channel = self.running.workspace.channels[posted.channel]
        message = channel.message(posted.ts)
        assert message is not None
        self.running.workspace.delete(channel, message)

    def archive(self, channel: str) -> None:
        self.running.workspace.channels[channel].is_archived = True

    def put_out(self, channel: str) -> None:
        self.running.workspace.leave(self.running.workspace.channels[channel], self.running.workspace.app.bot_user)

    def rate_limit(self, operation: Operation, seconds: int) -> None:
        self.fault(InjectedFault(METHODS[operation], "429", retry_after=seconds))

    def lose_reply(self, operation: Operation) -> None:
        self.fault(InjectedFault(METHODS[operation], "lost_reply"))

    def break_down(self, operation: Operation) -> None:
        self.fault(InjectedFault(METHODS[operation], "500"))

    def fault(self, fault: InjectedFault) -> None:
        self.running.engine.faults.add(fault)

    def called(self, method: str) -> int:
        return sum(call.method == method for call in self.running.engine.journal.calls)

    def say(self, count: int) -> None:
        """Have somebody write many messages into the channel."""
        channel = self.running.workspace.channels[self.channel]
        for number in range(count):
            channel.messages.append(Message(self.running.workspace.next_ts(), self.user, f"chatter {number}"))


@pytest.fixture
def silent_url() -> Iterator[str]:
    """The address of a port that is bound and never listens."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/api/"


@pytest.fixture
async def slack(silent_url: str) -> AsyncIterator[SandboxHarness]:
    clock = ManualClock()
    async with (
        running_slack(clock=clock) as running,
        SlackMessenger("xoxb-sandbox", clock=clock, base_url=running.api_url) as messenger,
        SlackMessenger("xoxb-sandbox", clock=clock, base_url=silent_url) as unreachable,
    ):
        yield SandboxHarness(running, messenger, unreachable, clock)


class TestSlackMessenger(MessengerContract):
    """On the sandbox's Slack."""


async def test_no_answer_of_ours_breaks_slacks_rules(slack: SandboxHarness) -> None:
    posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
    await slack.messenger.update(posted, drawing("granted"), lane="card:1")
    assert slack.running.workspace.complaints == []
    (message,) = slack.running.workspace.channels[slack.channel].messages
    assert message.metadata == {"event_type": "chaperone_message", "event_payload": {"lane": "card:1"}}


async def test_the_direct_message_is_opened_once(slack: SandboxHarness) -> None:
    for number in range(3):
        await slack.messenger.post(slack.user, drawing("hello"), lane=f"card:{number}")
    assert slack.called("conversations.open") == 1


async def test_during_slacks_pause_nothing_more_is_sent_there_and_elsewhere_it_is(slack: SandboxHarness) -> None:
    slack.rate_limit("post", 30)
    for _ in range(3):
        with pytest.raises(Transient):
            await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
    assert slack.called("chat.postMessage") == 1
    await slack.messenger.post("C01OPS", drawing("asked"), lane="card:2")
    slack.clock.advance(timedelta(seconds=10))
    with pytest.raises(Transient) as raised:
        await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
    assert raised.value.retry_after == 20


async def test_a_lane_is_found_beyond_the_newest_page_of_a_busy_channel(slack: SandboxHarness) -> None:
    since = slack.clock.now()
    posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
    slack.say(450)
    assert await slack.messenger.find(slack.channel, lane="card:1", since=since) == posted
    assert slack.called("conversations.history") == 3


async def test_pages_from_long_before_are_not_read(slack: SandboxHarness) -> None:
    slack.say(450)
    slack.clock.advance(timedelta(days=1))
    assert await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now()) is None
    assert slack.called("conversations.history") == 1


async def test_a_late_reply_is_an_unknown_outcome_and_the_message_is_found(slack: SandboxHarness) -> None:
    slack.fault(InjectedFault("chat.postMessage", "late_reply", seconds=0.5))
    async with SlackMessenger("xoxb-sandbox", clock=slack.clock, base_url=slack.running.api_url, timeout=0.1) as hasty:
        with pytest.raises(Transient) as raised:
            await hasty.post(slack.channel, drawing("asked"), lane="card:1")
    assert raised.value.outcome_unknown
    assert await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now()) is not None


async def test_a_read_that_fails_leaves_no_outcome_open(slack: SandboxHarness) -> None:
    slack.break_down("find")
    with pytest.raises(Transient) as raised:
        await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now())
    assert not raised.value.outcome_unknown


async def test_an_unreachable_slack_leaves_no_outcome_open(slack: SandboxHarness) -> None:
    with pytest.raises(Transient, match="SLACK_API_URL") as raised:
        await slack.unreachable.post(slack.channel, drawing("asked"), lane="card:1")
    assert not raised.value.outcome_unknown


async def test_refused_blocks_are_named_without_what_was_in_them(
    slack: SandboxHarness, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = [{"type": "section", "text": {"type": "nonsense", "text": SECRET_TEXT}}]
    with caplog.at_level(logging.DEBUG), pytest.raises(Permanent) as raised:
        await slack.messenger.post(slack.channel, Drawing(SECRET_TEXT, wrong), lane="card:1")
    assert "chat.postMessage" in str(raised.value)
    assert "invalid_blocks" in str(raised.value)
    everything = str(raised.value) + caplog.text + str(raised.value.__cause__)
    assert SECRET_TEXT not in everything
    assert "xoxb-sandbox" not in everything


async def test_a_trigger_that_came_too_late_says_what_to_do(slack: SandboxHarness) -> None:
    trigger = slack.trigger(slack.user)
    slack.clock.advance(timedelta(seconds=10))
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Late"}, "blocks": drawing("x").blocks}
    with pytest.raises(Permanent, match="Press the button again"):
        await slack.messenger.open_view(trigger, view)


async def test_a_person_outside_the_channel_is_named_as_such(slack: SandboxHarness) -> None:
    with pytest.raises(Permanent, match="Answer them in a direct message"):
        await slack.messenger.ephemeral(slack.channel, "U01BEN", drawing("not you"))


async def test_a_wrong_token_names_the_setting(slack: SandboxHarness) -> None:
    async with SlackMessenger("xoxb-wrong", clock=slack.clock, base_url=slack.running.api_url) as stranger:
        with pytest.raises(Permanent, match="SLACK_BOT_TOKEN"):
            await stranger.check()


async def test_the_check_says_who_we_are(slack: SandboxHarness) -> None:
    assert await slack.messenger.check() == "Slack answers: @chaperone in Sandbox."


async def test_the_check_names_the_scopes_that_are_missing(slack: SandboxHarness) -> None:
    wanted = REQUIRED_SCOPES | {"pins:write", "reminders:write", "team:read"}
    async with SlackMessenger(
        "xoxb-sandbox", clock=slack.clock, base_url=slack.running.api_url, scopes=wanted
    ) as messenger:
        with pytest.raises(Permanent, match="reminders:write, team:read"):
            await messenger.check()


async def test_a_missing_scope_is_named_in_the_cure() -> None:
    clock, app = ManualClock(), replace(Installation(), scopes=frozenset({"channels:history"}))
    async with (
        running_slack(clock=clock, app=app) as running,
        SlackMessenger("xoxb-sandbox", clock=clock, base_url=running.api_url) as messenger,
    ):
        with pytest.raises(Permanent, match="scope chat:write"):
            await messenger.post("C01OPS", drawing("asked"), lane="card:1")
