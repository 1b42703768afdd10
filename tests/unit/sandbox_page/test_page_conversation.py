"""A conversation's rows: days, authors, threads, pins, and what stays private."""

from datetime import timedelta

from core.clock import ManualClock
from sandbox.slack.page.conversation import Scene
from sandbox.slack.page.people import reader_for
from sandbox.slack.workspace import Channel, File
from tests.unit.sandbox_page.reading import Read
from tests.unit.sandbox_page.stage import ANN, BEN, NOON, Stage


def scene(stage: Stage, user: str = ANN, channel: Channel | None = None) -> Scene:
    person = stage.workspace.users[user]
    return Scene(stage.workspace, channel or stage.ops, person, reader_for(person, stage.workspace))


def test_an_author_is_named_once_until_a_pause_a_day_or_another_author() -> None:
    clock = ManualClock(NOON)
    stage = Stage(clock=clock)
    for pause, author in ((0, ANN), (60, ANN), (600, ANN), (1, BEN), (1, BEN), (86_400, BEN)):
        clock.advance(timedelta(seconds=pause))
        stage.post("x", author)
    assert [row.first for row in scene(stage).rows()] == [True, False, True, True, False, True]


def test_a_day_begins_with_its_name_in_the_readers_zone() -> None:
    clock = ManualClock(NOON - timedelta(days=1))
    stage = Stage(clock=clock)
    stage.post("x", ANN)
    clock.advance(timedelta(days=1))
    stage.post("y", ANN)
    assert [row.divider for row in scene(stage).rows()] == ["Yesterday", "Today"]
    assert [row.time for row in scene(stage).rows()] == ["12:00 PM", "12:00 PM"]
    assert scene(stage, BEN).rows()[0].time == "5:00 PM"
    assert scene(stage, BEN).rows()[0].full_time == "Sunday, March 1, 2026 at 5:00 PM GMT"


def test_replies_stand_in_the_thread_and_are_counted_at_their_parent() -> None:
    stage = Stage()
    parent = stage.post("question", ANN)
    stage.post("answer", BEN, thread_ts=parent.ts)
    stage.post("psst", BEN, thread_ts=parent.ts, ephemeral_for=BEN)
    (row,) = scene(stage).rows()
    assert (row.replies, row.last_reply, [one.id for one in row.repliers]) == (1, "Last reply today at 12:00 PM", [BEN])
    assert [one.message.text for one in scene(stage).thread(parent.ts)] == ["question", "answer"]
    assert scene(stage).thread("1.0") == []


def test_ephemeral_messages_are_for_one_pair_of_eyes() -> None:
    stage = Stage()
    stage.post("only Ann", ephemeral_for=ANN)
    assert len(scene(stage, ANN).rows()) == 1
    assert scene(stage, BEN).rows() == []


def test_blocks_are_shown_instead_of_the_text_and_carry_the_lane() -> None:
    stage = Stage()
    card = stage.card()
    stage.ops.pins.append(card.ts)
    (row,) = scene(stage).rows()
    assert "Access request" in row.body
    assert "Ann Lee asks for patient-db" not in row.body
    assert (row.lane, row.pinned) == ("acc:r1", True)
    ((pinned, text),) = scene(stage).pins()
    assert (pinned.message, text) == (card, "<p>Ann Lee asks for patient-db</p>")


def test_odd_metadata_names_no_lane() -> None:
    stage = Stage()
    for metadata in (None, {}, {"event_payload": "x"}, {"event_payload": {"lane": 7}}):
        stage.post("x", metadata=metadata)
    assert [row.lane for row in scene(stage).rows()] == [None, None, None, None]


def test_files_reactions_and_strangers() -> None:
    stage = Stage()
    stage.workspace.files["F1"] = File("F1", "log.txt", "Log", 3, BEN)
    stage.post("x", "U0GONE", files=["F1", "F2"], reactions={"eyes": [ANN, BEN]})
    (row,) = scene(stage).rows()
    assert [one.id for one in row.files] == ["F1"]
    assert row.reactions == [("eyes", 2)]
    assert row.author.shown_name == "Unknown member"


def test_only_the_latest_two_hundred_are_drawn() -> None:
    stage = Stage()
    for number in range(203):
        stage.post(str(number), ANN)
    assert [row.message.text for row in scene(stage).rows()][::199] == ["3", "202"]


def test_a_card_in_a_thread_shares_no_id_with_its_twin_in_the_channel() -> None:
    stage = Stage()
    card = stage.card()
    bodies = [scene(stage).rows()[0].body, scene(stage).thread(card.ts)[0].body]
    ids = [{found["id"] for _, found in Read(body).elements if "id" in found} for body in bodies]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])
