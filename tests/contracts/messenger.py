"""What every Messenger must do, as one test class: the one in memory and Slack's Web API both answer to it.

To run it on a messenger, subclass ``MessengerContract`` in ``test_messenger_<vendor>.py`` and give the subclass (or
its module) a function-scoped fixture ``slack`` that yields a fresh ``Harness``.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol

import pytest

from core.clock import ManualClock
from core.errors import NotFound, Permanent, Transient
from integrations.messages import ThreadMessenger
from integrations.ports import Blocks, Drawing, Posted

Operation = Literal["post", "update", "find", "publish_home", "open_view", "update_view", "ephemeral"]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as people see it."""

    posted: Posted
    text: str
    blocks: Blocks
    thread_ts: str | None


class Harness(Protocol):
    """A Slack with one private channel that the bot is in, and ways to look at it that do not pass through the bot."""

    messenger: ThreadMessenger
    clock: ManualClock
    """The clock of Slack and of the messenger alike."""
    channel: str
    user: str
    unreachable: ThreadMessenger
    """The same kind of messenger, pointed at a Slack that does not answer."""

    def messages(self, place: str) -> list[Shown]:
        """What stands in a channel, in order."""
        ...

    def whispers(self, user: str) -> list[str]:
        """The ephemeral texts that a person saw."""
        ...

    def home(self, user: str) -> Blocks | None: ...

    def trigger(self, user: str) -> str:
        """A fresh trigger id from an action of this person."""
        ...

    def views(self, user: str) -> list[str]:
        """The titles of the dialogs that stand open for a person."""
        ...

    def form(self, user: str) -> tuple[str, str]:
        """The id and the hash of the dialog that stands open for a person."""
        ...

    def delete(self, posted: Posted) -> None: ...

    def archive(self, channel: str) -> None: ...

    def put_out(self, channel: str) -> None:
        """Take the bot out of the channel."""
        ...

    def rate_limit(self, operation: Operation, seconds: int) -> None: ...

    def lose_reply(self, operation: Operation) -> None: ...

    def break_down(self, operation: Operation) -> None:
        """Answer 500 to the next call without acting."""
        ...


def drawing(text: str, *, thread_of: str | None = None) -> Drawing:
    block = {"type": "section", "block_id": "says", "text": {"type": "mrkdwn", "text": text}}
    return Drawing(text, [block], thread_of)


def said(blocks: Blocks) -> list[str]:
    return [block["text"]["text"] for block in blocks]


def modal(title: str) -> dict[str, Any]:
    blocks = drawing("hello").blocks
    return {"type": "modal", "title": {"type": "plain_text", "text": title}, "blocks": blocks}


class MessengerContract:
    async def test_a_posted_message_stands_where_the_answer_says(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        (shown,) = slack.messages(slack.channel)
        assert (shown.posted, shown.text, said(shown.blocks), shown.thread_ts) == (posted, "asked", ["asked"], None)

    async def test_a_message_to_a_person_goes_to_one_direct_message_whose_channel_is_told(self, slack: Harness) -> None:
        first = await slack.messenger.post(slack.user, drawing("one"), lane="card:1")
        second = await slack.messenger.post(slack.user, drawing("two"), lane="card:2")
        assert first.channel == second.channel != slack.user
        assert [shown.text for shown in slack.messages(first.channel)] == ["one", "two"]

    async def test_an_update_changes_text_and_blocks_and_nothing_else(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        await slack.messenger.update(posted, drawing("granted"), lane="card:1")
        (shown,) = slack.messages(slack.channel)
        assert (shown.posted, shown.text, said(shown.blocks)) == (posted, "granted", ["granted"])

    async def test_a_message_in_a_direct_message_can_be_updated(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.user, drawing("asked"), lane="card:1")
        await slack.messenger.update(posted, drawing("granted"), lane="card:1")
        assert [shown.text for shown in slack.messages(posted.channel)] == ["granted"]

    async def test_a_reply_stands_under_its_message(self, slack: Harness) -> None:
        above = await slack.messenger.post(slack.channel, drawing("incident"), lane="card:1")
        await slack.messenger.post(slack.channel, drawing("a note"), lane="card:2", thread_ts=above.ts)
        assert [shown.thread_ts for shown in slack.messages(slack.channel)] == [None, above.ts]

    async def test_a_text_of_any_length_beside_blocks_can_be_posted_and_updated(self, slack: Harness) -> None:
        long = Drawing("long " * 3000, drawing("granted").blocks)
        posted = await slack.messenger.post(slack.channel, long, lane="card:1")
        await slack.messenger.update(posted, long, lane="card:1")
        assert [said(shown.blocks) for shown in slack.messages(slack.channel)] == [["granted"]]

    async def test_a_message_without_blocks_can_be_posted(self, slack: Harness) -> None:
        await slack.messenger.post(slack.channel, Drawing("plain", []), lane="card:1")
        assert [shown.text for shown in slack.messages(slack.channel)] == ["plain"]

    # --- finding ---

    async def test_a_lane_is_found_among_others_even_after_an_update(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("one"), lane="card:1")
        await slack.messenger.post(slack.channel, drawing("two"), lane="card:2")
        await slack.messenger.update(posted, drawing("granted"), lane="card:1")
        assert await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now()) == posted
        assert await slack.messenger.find(slack.channel, lane="card:9", since=slack.clock.now()) is None

    async def test_a_lane_is_found_whatever_the_two_clocks_say(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("one"), lane="card:1")
        since = slack.clock.now() + timedelta(hours=2)
        assert await slack.messenger.find(slack.channel, lane="card:1", since=since) == posted

    async def test_a_lane_is_found_in_a_direct_message(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.user, drawing("one"), lane="card:1")
        assert await slack.messenger.find(slack.user, lane="card:1", since=slack.clock.now()) == posted

    async def test_a_lane_in_a_thread_is_found_in_that_thread(self, slack: Harness) -> None:
        above = await slack.messenger.post(slack.channel, drawing("incident"), lane="card:1")
        note = await slack.messenger.post(slack.channel, drawing("a note"), lane="card:2", thread_ts=above.ts)
        now = slack.clock.now()
        assert await slack.messenger.find(slack.channel, lane="card:2", since=now, thread_ts=above.ts) == note
        assert await slack.messenger.find(slack.channel, lane="card:3", since=now, thread_ts=above.ts) is None

    async def test_a_deleted_message_is_not_found(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("one"), lane="card:1")
        slack.delete(posted)
        assert await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now()) is None

    # --- what goes wrong ---

    async def test_updating_a_deleted_message_is_not_found(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        slack.delete(posted)
        with pytest.raises(NotFound):
            await slack.messenger.update(posted, drawing("granted"), lane="card:1")

    async def test_replying_to_a_deleted_message_is_not_found(self, slack: Harness) -> None:
        above = await slack.messenger.post(slack.channel, drawing("incident"), lane="card:1")
        slack.delete(above)
        with pytest.raises(NotFound):
            await slack.messenger.post(slack.channel, drawing("a note"), lane="card:2", thread_ts=above.ts)

    async def test_an_archived_channel_names_its_cure(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        slack.archive(slack.channel)
        with pytest.raises(Permanent, match="Unarchive it"):
            await slack.messenger.post(slack.channel, drawing("asked"), lane="card:2")
        with pytest.raises(Permanent, match="Unarchive it"):
            await slack.messenger.update(posted, drawing("granted"), lane="card:1")

    async def test_a_private_channel_without_the_bot_is_not_found_and_names_its_cure(self, slack: Harness) -> None:
        posted = await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        slack.put_out(slack.channel)
        with pytest.raises(NotFound, match="Invite @chaperone"):
            await slack.messenger.post(slack.channel, drawing("asked"), lane="card:2")
        with pytest.raises(NotFound, match="Invite @chaperone"):
            await slack.messenger.update(posted, drawing("granted"), lane="card:1")
        with pytest.raises(NotFound, match="Invite @chaperone"):
            await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now())

    async def test_a_lost_reply_says_so_and_the_message_is_found(self, slack: Harness) -> None:
        slack.lose_reply("post")
        with pytest.raises(Transient) as raised:
            await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        assert raised.value.outcome_unknown
        found = await slack.messenger.find(slack.channel, lane="card:1", since=slack.clock.now())
        assert [shown.posted for shown in slack.messages(slack.channel)] == [found]

    async def test_a_500_leaves_the_outcome_open_and_the_next_call_works(self, slack: Harness) -> None:
        slack.break_down("post")
        with pytest.raises(Transient) as raised:
            await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        assert raised.value.outcome_unknown
        assert slack.messages(slack.channel) == []
        await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        assert len(slack.messages(slack.channel)) == 1

    async def test_a_429_names_the_pause_and_had_no_effect(self, slack: Harness) -> None:
        slack.rate_limit("post", 30)
        with pytest.raises(Transient) as raised:
            await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        assert (raised.value.retry_after, raised.value.outcome_unknown) == (30, False)
        assert slack.messages(slack.channel) == []
        slack.clock.advance(timedelta(seconds=30))
        await slack.messenger.post(slack.channel, drawing("asked"), lane="card:1")
        assert len(slack.messages(slack.channel)) == 1

    async def test_an_unreachable_slack_may_come_back(self, slack: Harness) -> None:
        with pytest.raises(Transient):
            await slack.unreachable.post(slack.channel, drawing("asked"), lane="card:1")
        with pytest.raises(Transient):
            await slack.unreachable.find(slack.channel, lane="card:1", since=slack.clock.now())

    # --- the rest ---

    async def test_a_home_shows_what_was_published_last(self, slack: Harness) -> None:
        await slack.messenger.publish_home(slack.user, drawing("two grants").blocks)
        await slack.messenger.publish_home(slack.user, drawing("no grants").blocks)
        home = slack.home(slack.user)
        assert home is not None
        assert said(home) == ["no grants"]

    async def test_a_dialog_opens_for_the_person_who_pressed(self, slack: Harness) -> None:
        await slack.messenger.open_view(slack.trigger(slack.user), modal("Ask for access"))
        assert slack.views(slack.user) == ["Ask for access"]

    async def test_an_open_form_is_replaced(self, slack: Harness) -> None:
        await slack.messenger.open_view(slack.trigger(slack.user), modal("Ask for access"))
        (view_id, seen) = slack.form(slack.user)
        await slack.messenger.update_view(view_id, seen, modal("Ask for more"))
        assert slack.views(slack.user) == ["Ask for more"]

    async def test_a_form_that_changed_meanwhile_stays_as_it_is(self, slack: Harness) -> None:
        await slack.messenger.open_view(slack.trigger(slack.user), modal("Ask for access"))
        (view_id, seen) = slack.form(slack.user)
        await slack.messenger.update_view(view_id, seen, modal("Newer"))
        await slack.messenger.update_view(view_id, seen, modal("Older"))
        assert slack.views(slack.user) == ["Newer"]

    async def test_a_form_that_was_closed_is_not_found(self, slack: Harness) -> None:
        with pytest.raises(NotFound, match="closed"):
            await slack.messenger.update_view("V0CLOSED", "h0", modal("Too late"))

    async def test_a_whisper_is_seen_by_one_person_in_the_channel(self, slack: Harness) -> None:
        await slack.messenger.ephemeral(slack.channel, slack.user, drawing("not you"))
        await slack.messenger.ephemeral(slack.channel, slack.user, Drawing("nor you", []))
        assert slack.whispers(slack.user) == ["not you", "nor you"]
        assert slack.messages(slack.channel) == []
