"""The page over HTTP: what is shown, what is refused, and what reaches the simulator's hands."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.clock import TravellingClock
from sandbox.slack.page import routes
from sandbox.slack.page.option_list import option_list
from sandbox.slack.page.orders import HomeSpot, Options
from sandbox.slack.page.parts import _span
from sandbox.slack.workspace import Channel, File
from tests.unit.sandbox_page.reading import Read
from tests.unit.sandbox_page.stage import ANN, BEN, CAM, DEE, NOON, OPS, SECRET, Stage, option, plain

OURS = {"x-sandbox-page": "1"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(stage.workspace, stage))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def test_the_chooser_lists_everybody_and_says_what_this_is(page: httpx.AsyncClient) -> None:
    answer = await page.get("/")
    read = Read(answer.text)
    assert "simulator of Slack on this machine" in read.text
    assert "Harbour Clinic" in read.text
    assert {one.get("href") for name, one in read.elements if name == "a"} == {
        f"/as/{who}/home" for who in (ANN, BEN, CAM)
    }
    assert [mark for mark in ("guest", "deactivated", "@on-call") if mark not in read.text] == []


async def test_every_answer_carries_a_strict_policy(page: httpx.AsyncClient) -> None:
    for path in ("/", f"/as/{ANN}", f"/as/{ANN}/home", f"/as/{ANN}/part/main", "/as/U0NOBODY/home"):
        answer = await page.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in answer.headers["content-security-policy"]


async def test_no_page_holds_inline_script_or_anything_from_elsewhere(page: httpx.AsyncClient, stage: Stage) -> None:
    stage.card()
    stage.open(ANN)
    answer = await page.get(f"/as/{ANN}/c/{OPS}")
    read = Read(answer.text)
    loaded = [one.get("src") or one.get("href") for name, one in read.elements if name in {"script", "link", "img"}]
    assert all(address and address.startswith("/page-static/") for address in loaded)
    assert [name for name in Read(answer.text).dangers() if name not in {"script", "link", "form"}] == []
    for address in loaded:
        assert (await page.get(str(address))).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"/as/{ANN}/c/{OPS}", 200, "Access and on-call"),
        (f"/as/{BEN}/c/{SECRET}", 200, "incident-7"),
        (f"/as/{ANN}/c/{SECRET}", 404, "private and you are not in it"),
        (f"/as/{ANN}/c/C0NOWHERE", 404, "no such conversation"),
        (f"/as/{ANN}/part/nonsense", 404, "no such part"),
        (f"/as/{ANN}/part/main?channel={SECRET}", 404, "private"),
        (f"/as/{DEE}/home", 403, "deactivated"),
        (f"/as/{DEE}/events", 403, "deactivated"),
        (f"/as/{DEE}/files/F1", 403, "deactivated"),
        ("/as/U0CHAPERONE/home", 404, "no such person"),
        ("/as/%3Cscript%3E/home", 404, "no such person"),
    ],
)
async def test_people_see_what_they_may(page: httpx.AsyncClient, path: str, status: int, words: str) -> None:
    answer = await page.get(path)
    assert (answer.status_code, words in Read(answer.text).text) == (status, True)


async def test_the_front_door_leads_home(page: httpx.AsyncClient) -> None:
    answer = await page.get(f"/as/{ANN}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/as/{ANN}/home")


async def test_home_says_when_the_app_has_not_written_it(page: httpx.AsyncClient, stage: Stage) -> None:
    assert "has not written your Home yet" in (await page.get(f"/as/{ANN}/part/main")).text
    await page.post(f"/as/{ANN}/enter", json={"tab": "home"}, headers=OURS)
    assert "Hello Ann Lee" in (await page.get(f"/as/{ANN}/part/main")).text
    assert stage.deeds == [("home", "home")]


async def test_a_message_carries_what_tests_and_screen_readers_need(page: httpx.AsyncClient, stage: Stage) -> None:
    card = stage.card()
    card.edited_ts = card.ts
    read = Read((await page.get(f"/as/{ANN}/part/main?channel={OPS}")).text)
    found = read.one(data_lane="acc:r1")
    assert (found["data-ts"], found["data-channel"], found["data-author"]) == (card.ts, OPS, stage.bot)
    assert read.one(role="log")["aria-live"] == "polite"
    assert "(edited)" in read.text
    assert read.one(data_message_shortcut="evidence")
    assert read.one(data_global_shortcut="ask")


async def test_opening_a_channel_reads_it(page: httpx.AsyncClient, stage: Stage) -> None:
    stage.post(f"<@{ANN}> look", BEN)
    before = Read((await page.get(f"/as/{ANN}/part/sidebar")).text)
    assert before.one(data_count="")
    await page.get(f"/as/{ANN}/part/main?channel={OPS}")
    after = Read((await page.get(f"/as/{ANN}/part/sidebar")).text)
    assert [one for _, one in after.elements if "data-count" in one] == []


async def test_the_composer_gives_way_where_one_cannot_write(page: httpx.AsyncClient, stage: Stage) -> None:
    stage.workspace.add_channel(Channel("C0NEW", "new", members={BEN}))
    assert "Join channel" in (await page.get(f"/as/{ANN}/part/main?channel=C0NEW")).text
    stage.ops.is_archived = True
    assert "archived" in (await page.get(f"/as/{ANN}/part/main?channel={OPS}")).text


async def test_the_top_modal_is_drawn_with_its_errors(page: httpx.AsyncClient, stage: Stage) -> None:
    stage.open(ANN, title="Below")
    view = stage.open(ANN, title="Above", submit=None)
    read = Read((await page.get(f"/as/{ANN}/part/modal")).text)
    assert read.one(data_view_id=view.id)["data-depth"] == "2"
    assert "Above" in read.text
    assert "Below" not in read.text
    answer = await page.post(f"/as/{ANN}/submit", json={"view_id": view.id, "values": {}}, headers=OURS)
    assert answer.json()["errors"] == {"why": "Say why, in five characters or more."}
    assert "Say why, in five" in (await page.get(f"/as/{ANN}/part/modal")).text
    view.hash = "2"
    assert "Say why, in five" not in (await page.get(f"/as/{ANN}/part/modal")).text
    assert Read((await page.get(f"/as/{BEN}/part/modal")).text).elements == []


@pytest.mark.parametrize(
    ("deed", "order", "arrived"),
    [
        ("say", {"channel": OPS, "text": " hi @ben "}, ("say", f"hi <@{BEN}>")),
        ("say", {"channel": OPS, "text": "/access prod "}, ("slash", "/access prod")),
        ("say", {"channel": OPS, "text": "//not a command"}, ("say", "//not a command")),
        ("press", {"spot": {"kind": "home"}, "block_id": "b", "action_id": "go", "value": "1"}, ("go", "1")),
        (
            "press",
            {"spot": {"kind": "modal", "view_id": "V"}, "block_id": "b", "action_id": "go", "values": {"x": "y"}},
            ("go", {"x": "y"}),
        ),
        (
            "press",
            {"spot": {"kind": "home"}, "block_id": "b", "action_id": "at", "value": {"wall": "2026-03-02T13:00"}},
            ("at", 1772474400),
        ),
        ("submit", {"view_id": "V", "values": {"at": {"wall": "broken"}}}, ("submit", {"at": None})),
        ("shortcut", {"callback_id": "ask"}, ("global", "ask")),
        ("shortcut", {"callback_id": "evidence", "channel": OPS, "ts": "1.2"}, ("message", ("evidence", "1.2"))),
        ("enter", {"tab": "messages"}, ("home", "messages")),
    ],
)
async def test_deeds_reach_the_simulators_hands(
    page: httpx.AsyncClient, stage: Stage, deed: str, order: dict[str, Any], arrived: tuple[str, Any]
) -> None:
    answer = await page.post(f"/as/{ANN}/{deed}", json=order, headers=OURS)
    assert answer.status_code == 200
    assert stage.deeds == [arrived]


async def test_closing_meeting_joining_and_uploading(page: httpx.AsyncClient, stage: Stage) -> None:
    view = stage.open(ANN)
    await page.post(f"/as/{ANN}/close", json={"view_id": view.id, "clear": True}, headers=OURS)
    assert stage.workspace.top_view(ANN) is None
    met = await page.post(f"/as/{ANN}/meet", json={"other": BEN}, headers=OURS)
    assert met.json()["channel"] == stage.workspace.dm(ANN, BEN).id
    stage.workspace.add_channel(Channel("C0NEW", "new"))
    await page.post(f"/as/{ANN}/join", json={"channel": "C0NEW"}, headers=OURS)
    assert ANN in stage.workspace.channels["C0NEW"].members
    sent = await page.post(f"/as/{ANN}/upload?name=a.txt", content=b"abc", headers=OURS)
    assert (sent.json()["file"], stage.deeds[-1]) == ("F0NEW", ("upload", ("a.txt", b"abc")))


@pytest.mark.parametrize(
    "spot", [{"kind": "modal", "view_id": "V1"}, {"kind": "message", "channel": OPS, "ts": "1.2"}, {"kind": "home"}]
)
async def test_an_external_selects_options_come_as_lines(page: httpx.AsyncClient, spot: dict[str, str]) -> None:
    order = {"spot": spot, "block_id": "b", "action_id": "a", "query": "<slow>"}
    answer = await page.post(f"/as/{ANN}/options", json=order, headers=OURS)
    read = Read(answer.json()["html"])
    assert [one["data-value"] for _, one in read.elements if one.get("role") == "option"] == ["OPS-7", "OPS-8"]
    assert read.text == "OPS-7: <slow>OPS-8: <slow>"


@pytest.mark.parametrize("headers", [{}, OURS | {"sec-fetch-site": "cross-site"}, OURS | {"sec-fetch-site": "none"}])
@pytest.mark.parametrize("deed", ["say", "upload"])
async def test_other_sites_cannot_act(
    page: httpx.AsyncClient, stage: Stage, headers: dict[str, str], deed: str
) -> None:
    answer = await page.post(f"/as/{ANN}/{deed}", json={"channel": OPS, "text": "x"}, headers=headers)
    assert (answer.status_code, stage.deeds) == (403, [])


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        (f"/as/{ANN}/say", {"channel": OPS}, 400),
        (f"/as/{ANN}/say", {"channel": OPS, "text": "x", "more": 1}, 400),
        (f"/as/{ANN}/say", {"channel": OPS, "text": "x" * 40_001}, 400),
        (f"/as/{ANN}/press", {"spot": {"kind": "void"}, "block_id": "b", "action_id": "a"}, 400),
        (f"/as/{DEE}/say", {"channel": OPS, "text": "x"}, 403),
        (f"/as/{DEE}/upload", {}, 403),
        ("/as/U0NOBODY/say", {"channel": OPS, "text": "x"}, 404),
        (f"/as/{ANN}/press", {"spot": {"kind": "home"}, "block_id": "b", "action_id": "nothing-there"}, 409),
    ],
)
async def test_what_the_page_would_never_send_is_refused(
    page: httpx.AsyncClient, path: str, order: dict[str, Any], status: int
) -> None:
    answer = await page.post(path, json=order, headers=OURS)
    assert answer.status_code == status
    assert answer.json()["failed"]


async def test_broken_json_is_refused(page: httpx.AsyncClient) -> None:
    assert (await page.post(f"/as/{ANN}/say", content=b"{", headers=OURS)).status_code == 400


def test_grouped_options_keep_the_label_of_their_group(stage: Stage) -> None:
    asked = Options(spot=HomeSpot(kind="home"), block_id="b", action_id="a")
    groups = [{"label": plain("Open"), "options": [option("OPS-7", "7")]}]
    read = Read(option_list(groups, stage.workspace.users[ANN], stage.workspace, asked))
    assert read.one(data_value="7")["data-group"] == "Open"


async def test_what_the_app_failed_at_is_told(page: httpx.AsyncClient) -> None:
    answer = await page.post(f"/as/{ANN}/say", json={"channel": OPS, "text": "/breach"}, headers=OURS)
    assert answer.json()["failed"] == "/breach failed because the app did not respond."


async def test_files_are_downloads_for_those_who_see_the_channel(page: httpx.AsyncClient, stage: Stage) -> None:
    files = stage.workspace.files
    files["F1"] = File("F1", 'a"b.html', "A", 3, BEN, content=b"<b>", completed=True, channels=[SECRET, "C0GONE"])
    files["F2"] = File("F2", "late.txt", "L", 3, BEN, channels=[SECRET])
    answer = await page.get(f"/as/{BEN}/files/F1")
    assert (answer.content, answer.headers["content-type"]) == (b"<b>", "application/octet-stream")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22b.html"
    for user, file in ((ANN, "F1"), (BEN, "F2"), (BEN, "F3")):
        assert (await page.get(f"/as/{user}/files/{file}")).status_code == 404


async def test_a_journey_in_time_shows_in_the_sidebar(tmp_path: Path) -> None:
    clock = TravellingClock(tmp_path / "offset")
    stage = Stage(clock=clock)
    app = Starlette(routes=routes(stage.workspace, stage))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as page:
        assert "data-travelled" not in (await page.get(f"/as/{ANN}/part/sidebar")).text
        clock.travel(timedelta(hours=2))
        assert "2 h ahead of" in (await page.get(f"/as/{ANN}/part/sidebar")).text
        assert "chaperone sandbox travel 2h" in (await page.get(f"/as/{ANN}/part/about")).text


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(), None),
        (timedelta(minutes=5), "5 min ahead of this machine"),
        (timedelta(days=2, hours=1), "2 d 1 h ahead of this machine"),
        (-timedelta(hours=3), "3 h behind this machine"),
    ],
)
def test_how_far_the_sandbox_has_travelled(offset: timedelta, words: str | None) -> None:
    assert _span(offset) == words


async def test_the_about_panel_tells_time_and_complaints(page: httpx.AsyncClient, stage: Stage) -> None:
    stage.workspace.complaints.append("chat.update: <text> is too long")
    text = Read((await page.get(f"/as/{ANN}/part/about")).text).text
    assert f"Monday, March 2, 2026, {NOON.hour - 5}:00 PM (EST)" in text
    assert "chat.update: <text> is too long" in text
