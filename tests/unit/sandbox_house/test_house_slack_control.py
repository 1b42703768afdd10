"""Acting in the sandbox's Slack from outside, through its control API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.house import CannotAct, SandboxFault, SlackControl, until, words
from sandbox.house.slack_control import block_of
from sandbox.house.slack_set_up import invite_the_bot
from sandbox.slack.testing import RunningSlack, running_slack
from sandbox.slack.workspace import Message


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        yield running


@pytest.fixture
async def control(slack: RunningSlack) -> AsyncIterator[SlackControl]:
    async with SlackControl(slack.base_url) as made:
        yield made


async def test_people_go_by_first_name_handle_or_id(control: SlackControl) -> None:
    assert {await control.user_id(each) for each in ("ana", "U01ANA")} == {"U01ANA"}
    with pytest.raises(CannotAct, match="nobody here is called zoe"):
        await control.user_id("zoe")
    with pytest.raises(CannotAct, match="no channel nowhere"):
        await control.channel("nowhere")


async def test_what_a_browser_does_not_offer_cannot_be_done(control: SlackControl) -> None:
    with pytest.raises(CannotAct, match="sees no channel"):
        await control.act("gus", "say", channel="ops", text="hello")
    with pytest.raises(CannotAct, match="“do” must be one of"):
        await control.administer("dance")


async def test_a_person_sees_what_is_said_and_not_what_is_for_others(
    slack: RunningSlack, control: SlackControl
) -> None:
    await control.act("ana", "say", channel="ops", text="the lag is back")
    ops = slack.workspace.channels["C01OPS"]
    bot = slack.workspace.app.bot_user
    slack.workspace.post(ops, Message(slack.workspace.next_ts(), bot, "for Ben alone", ephemeral_for="U01BEN"))
    assert [words(each) for each in await control.person("ana").messages("ops")][-1] == "the lag is back"
    assert [words(each) for each in await control.person("ben").messages("ops")][-1] == "for Ben alone"
    await control.act("ana", "open_dm", **{"with": bot})
    assert await control.person("ana").direct() == []
    assert await control.person("ana").home() is None
    assert await control.person("ana").modal() is None
    assert await control.complaints() == []


async def test_a_button_that_is_gone_cannot_be_pressed(slack: RunningSlack, control: SlackControl) -> None:
    posted = await control.act("ana", "say", channel="ops", text="no buttons here")
    message = {"channel": posted["channel"], "ts": posted["ts"]}
    with pytest.raises(CannotAct, match=r"there is no access.approve here"):
        await control.person("ben").press(message, "access.approve")
    with pytest.raises(CannotAct, match="sees this message no longer"):
        await control.person("ben").press(message | {"ts": "1.0"}, "access.approve")
    with pytest.raises(CannotAct, match=r"there is no access.done here"):
        await control.person("ben").press_home("access.done")


async def test_faults_are_injected_and_calls_are_listed(control: SlackControl) -> None:
    assert (await control.inject(method="chat.postMessage", kind="500"))["ok"]
    assert await control.calls("chat.postMessage") == []
    assert await control.calls() == []


def test_an_element_is_found_where_it_stands() -> None:
    blocks = [{"block_id": "a"}, {"block_id": "b", "accessory": {"action_id": "go"}}]
    assert block_of(blocks, "go") == "b"


async def test_waiting_ends_with_what_was_waited_for() -> None:
    async def never() -> None:
        return None

    with pytest.raises(SandboxFault, match="did not come: the card turns"):
        await until(never, "the card turns", within=0.1)


def house_file(folder: Path, channel: str, alerts: str) -> Path:
    (folder / "chaperone.yaml").write_text(f"slack: {{channel: {channel}, alerts_channel: {alerts}}}")
    return folder


async def test_somebody_in_the_channel_invites_the_bot(
    slack: RunningSlack, control: SlackControl, tmp_path: Path
) -> None:
    for _ in range(2):
        await invite_the_bot(control, house_file(tmp_path, "C01OPEN", "C01SECR"))
    bot = slack.workspace.app.bot_user
    assert all(bot in slack.workspace.channels[each].members for each in ("C01OPEN", "C01SECR"))


async def test_a_channel_with_nobody_in_it_is_a_fault(
    slack: RunningSlack, control: SlackControl, tmp_path: Path
) -> None:
    slack.workspace.channels["C01OPEN"].members.clear()
    with pytest.raises(SandboxFault, match="Nobody is in C01OPEN"):
        await invite_the_bot(control, house_file(tmp_path, "C01OPEN", "C01OPS"))
