"""The workspace: seeding from people.yaml, timestamps, news, what is installed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.clock import ManualClock
from sandbox.slack.seeding import read_people, workspace_of
from sandbox.slack.testing import SMALL_CLINIC
from sandbox.slack.workspace import Change, Channel, Installation, Message, Shortcut, Workspace

CLINIC = Path(__file__).parents[3] / "examples" / "clinic"


@pytest.fixture
def workspace() -> Workspace:
    return workspace_of(SMALL_CLINIC, clock=ManualClock())


def test_timestamps_are_unique_and_increasing_even_while_time_stands_still() -> None:
    clock = ManualClock()
    workspace = Workspace(clock=clock)
    stamps = [workspace.next_ts() for _ in range(3)]
    clock.advance(timedelta(seconds=1))
    stamps.append(workspace.next_ts())
    assert stamps == ["1772420400.000000", "1772420400.000001", "1772420400.000002", "1772420401.000000"]


def test_the_example_clinic_makes_a_workspace() -> None:
    workspace = workspace_of(read_people(CLINIC), clock=ManualClock())
    people = [user for user in workspace.users.values() if not user.is_bot]
    assert (workspace.team_id, workspace.users["U0ANARUIZ"].name) == ("T0CLINIC", "ana.ruiz")
    assert workspace.users["U0DANAWEL"].deleted
    assert workspace.users["U0GUSMORE"].is_guest
    assert workspace.users["U0ANAPHON"].real_name == "Ana Ruiz (2)"
    assert len({user.email for user in people}) == len(people)
    assert workspace.channels["C0SECURTY"].is_private
    assert "sre-leads" in {group.handle for group in workspace.usergroups.values()}
    assert {"U0MARCUSL", "U0TOMBECK"} == set(
        next(group.users for group in workspace.usergroups.values() if group.handle == "sre-leads")
    )


def test_channels_are_filled_by_name_group_or_everybody() -> None:
    people: dict[str, Any] = {
        "people": [
            {"subject": "p-1", "slack_user": "U1", "name": "One", "email": "one@a.example", "groups": ["dba"]},
            {"subject": "p-2", "slack_user": "U2", "name": "Two", "email": "two@a.example"},
            {"subject": "p-3", "slack_user": "U3", "name": "Three Tall", "guest": True},
            {"subject": "p-4", "name": "Nobody in Slack"},
        ],
        "slack": {
            "channels": [
                "everybody",
                {"name": "by-subject", "members": ["p-1", "bot"]},
                {"name": "by-group", "members": ["dba", "two@a.example"]},
                {"name": "by-star", "members": ["*"]},
            ]
        },
    }
    workspace = workspace_of(people, clock=ManualClock())
    bot = workspace.app.bot_user
    members = {channel.name: channel.members for channel in workspace.channels.values()}
    assert members == {
        "general": {"U1", "U2"},
        "everybody": {"U1", "U2"},
        "by-subject": {"U1", bot},
        "by-group": {"U1", "U2"},
        "by-star": {"U1", "U2", bot},
    }
    assert workspace.users["U3"].name == "three.tall"
    people["slack"] = {"channels": [{"name": "x", "members": ["p-4"]}]}
    with pytest.raises(ValueError, match="a channel lists “p-4”, who is nobody with a slack_user"):
        workspace_of(people, clock=ManualClock())


def test_no_people_at_all_still_make_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("")
    workspace = workspace_of(read_people(tmp_path), clock=ManualClock())
    assert [channel.name for channel in workspace.channels.values()] == ["general"]


async def test_news_arrive_until_the_subscription_is_closed(workspace: Workspace) -> None:
    room = workspace.channels["C01OPS"]
    with workspace.subscribe() as first, workspace.subscribe() as second:
        workspace.post(room, Message("1.1", "U01ANA", "x", ephemeral_for="U01ANA"))
        assert await anext(first) == Change("message", "C01OPS", "U01ANA")
        workspace.close_subscriptions()
        assert [change async for change in first] == []
        assert [change async for change in second] == [Change("message", "C01OPS", "U01ANA")]
    workspace.changed("user", user="U01ANA")


async def test_joins_topics_and_departures_are_news_and_lines_in_the_channel(workspace: Workspace) -> None:
    room = workspace.channels["C01OPS"]
    workspace.join(room, "U01GUS", inviter="U01ANA")
    workspace.leave(room, "U01GUS")
    workspace.set_purpose(room, "U01ANA", "Operations")
    assert [message.subtype for message in room.messages] == ["channel_join", "channel_leave", "channel_purpose"]
    dm = workspace.dm("U01ANA", "U01BEN")
    assert workspace.dm("U01BEN", "U01ANA") is dm
    workspace.notice(dm, "U01ANA", "topic", "x")
    assert dm.messages == []


def test_a_guest_sees_only_the_channels_that_they_are_in(workspace: Workspace) -> None:
    seen = [channel.name for channel in workspace.channels.values() if workspace.may_see("U01GUS", channel)]
    assert seen == []
    assert [channel.name for channel in workspace.channels_of("U01BEN")] == ["general", "ops", "secret"]
    workspace.channels["C01SECR"].is_archived = True
    assert [channel.name for channel in workspace.channels_of("U01BEN")] == ["general", "ops"]


def test_deleting_a_pinned_message_takes_the_pin_along(workspace: Workspace) -> None:
    room = workspace.add_channel(Channel("C1", "one"))
    message = workspace.post(room, Message("1.1", "U01ANA", "x"))
    room.pins.append("1.1")
    workspace.delete(room, message)
    assert (room.pins, room.messages) == ([], [])


def test_an_installation_follows_its_manifest() -> None:
    app = Installation.from_manifest(
        {
            "display_information": {"name": "Chaperone"},
            "features": {
                "app_home": {"home_tab_enabled": True},
                "slash_commands": [{"command": "/access", "description": "Ask", "usage_hint": "[target]"}],
                "shortcuts": [{"name": "Request access", "type": "global", "callback_id": "ask"}],
            },
            "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
        }
    )
    command = app.command("/access")
    assert command is not None
    assert (command.usage_hint, app.command("/review")) == ("[target]", None)
    assert app.shortcut("ask", "global") == Shortcut("ask", "Request access", "global")
    assert app.shortcut("ask", "message") is None
    assert (app.home_tab, app.events) == (True, frozenset({"app_home_opened"}))
    assert app.tokens["xoxb-sandbox"].scopes == {"commands", "chat:write"}
