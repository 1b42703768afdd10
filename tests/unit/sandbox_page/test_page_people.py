"""Who is who on the page, what is unread, and what typed names become."""

import pytest

from sandbox.slack.page.memory import Memory
from sandbox.slack.page.outgoing import outgoing
from sandbox.slack.page.people import avatar, badges, channel_title, initials, reader_for, zone_of
from sandbox.slack.page.sidebar import sidebar_of
from sandbox.slack.workspace import Channel, User
from tests.unit.sandbox_page.stage import ANN, BEN, CAM, DEE, OPS, SECRET, Stage


@pytest.mark.parametrize(
    ("name", "letters"), [("Ann Lee", "AL"), ("ben", "B"), ("Ana-Maria da Silva", "AS"), ("(ops)", "?"), ("", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_an_avatar_has_the_chosen_colour_and_never_anything_else() -> None:
    assert 'fill="#123456"' in avatar(User("U", "u", "U", avatar_color="#123456"))
    assert "red;x" not in avatar(User("U", "u", "U", avatar_color="red;x"))


@pytest.mark.parametrize(
    ("user", "marks"), [(ANN, []), (CAM, ["guest"]), (DEE, ["deactivated"]), ("U0CHAPERONE", ["app"])]
)
def test_badges_tell_people_apart(user: str, marks: list[str]) -> None:
    workspace = Stage().workspace
    assert list(badges(workspace.users[user], workspace)) == marks


def test_somebody_from_another_team_is_external() -> None:
    workspace = Stage().workspace
    assert list(badges(User("U", "u", "U", team_id="T0OTHER"), workspace)) == ["external"]


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc", ""])
def test_an_unknown_time_zone_is_utc(zone: str) -> None:
    assert zone_of(User("U", "u", "U", tz=zone)).key == "UTC"


def test_a_reader_learns_the_names_of_visible_channels_only() -> None:
    workspace = Stage().workspace
    assert reader_for(workspace.users[ANN], workspace).channels == {OPS: "ops"}
    assert reader_for(workspace.users[BEN], workspace).channels == {OPS: "ops", SECRET: "incident-7"}


def test_a_direct_message_is_called_after_the_other_person() -> None:
    workspace = Stage().workspace
    assert channel_title(workspace.dm(ANN, BEN), ANN, workspace) == "Ben Okafor"
    assert channel_title(Channel("D1", "", is_im=True, members={ANN, "U0GONE"}), ANN, workspace) == "U0GONE"


def test_what_others_wrote_is_unread_until_it_is_looked_at() -> None:
    stage, memory = Stage(), Memory()
    stage.post("one", BEN)
    stage.post("mine", ANN)
    stage.post("for Ben", ephemeral_for=BEN)
    assert [one.text for one in memory.unread(ANN, stage.ops, stage.workspace)] == ["one"]
    assert memory.mark_read(ANN, stage.ops)
    assert not memory.mark_read(ANN, stage.ops)
    assert memory.unread(ANN, stage.ops, stage.workspace) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [("hello", 0), (f"<@{ANN}> hello", 1), ("<!here> look", 1), ("<!subteam^S0ONCALL> look", 1), (f"<@{BEN}> look", 0)],
)
def test_only_what_calls_me_is_counted_in_a_channel(text: str, count: int) -> None:
    stage = Stage()
    stage.post(text, BEN)
    (entry,) = sidebar_of(stage.workspace.users[ANN], stage.workspace, Memory()).channels
    assert (entry.fresh, entry.count) == (True, count)


def test_every_direct_message_is_counted() -> None:
    stage = Stage()
    stage.post("hi", BEN, stage.workspace.dm(ANN, BEN))
    stage.post("ends soon", None, stage.workspace.dm(ANN, stage.bot))
    found = sidebar_of(stage.workspace.users[ANN], stage.workspace, Memory())
    assert [entry.count for entry in found.direct] == [1]
    assert found.bot is not None
    assert found.bot.count == 1


def test_public_channels_that_one_could_join_stand_apart() -> None:
    stage = Stage()
    stage.workspace.add_channel(Channel("C0NEW", "new", members={BEN}))
    people = stage.workspace.users
    assert [one.title for one in sidebar_of(people[ANN], stage.workspace, Memory()).other_channels] == ["new"]
    assert sidebar_of(people[CAM], stage.workspace, Memory()).other_channels == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("@Ann Lee look", f"<@{ANN}> look"),
        ("thanks @ben!", f"thanks <@{BEN}>!"),
        ("@on-call and @here", "<!subteam^S0ONCALL> and <!here>"),
        ("see #ops", f"see <#{OPS}>"),
        ("see #incident-7", "see #incident-7"),
        ("mail ann@ann.example", "mail ann@ann.example"),
        ("@annabel", "@annabel"),
        ("<@U0BEN>", "&lt;@U0BEN&gt;"),
    ],
)
def test_typed_names_become_mentions_and_typed_markup_does_not(typed: str, sent: str) -> None:
    assert outgoing(typed, ANN, Stage().workspace) == sent
