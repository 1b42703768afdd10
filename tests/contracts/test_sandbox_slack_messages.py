"""chat.*, history, pins, bookmarks, reactions and files of the simulated Slack, through slack_sdk's own client."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.testing import RunningSlack, running_slack
from sandbox.slack.workspace import DEFAULT_SCOPES, Installation
from tests.contracts.slack_refusals import code, refusal

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}


@pytest.fixture
async def slack() -> AsyncIterator[RunningSlack]:
    async with running_slack() as running:
        yield running


@pytest.fixture
def client(slack: RunningSlack) -> AsyncWebClient:
    return AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)


async def test_a_message_is_posted_updated_and_deleted(slack: RunningSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C01OPS", text="Hello", blocks=[SECTION])
    assert posted["message"]["blocks"][0]["block_id"]
    assert posted["message"]["bot_id"] == "B0CHAPERONE"
    room = slack.workspace.channels["C01OPS"]
    assert [(message.ts, message.text) for message in room.messages] == [(posted["ts"], "Hello")]
    await client.chat_update(channel="C01OPS", ts=posted["ts"], text="Done")
    assert (room.messages[0].text, room.messages[0].blocks) == ("Done", None)
    assert room.messages[0].edited_ts
    await client.chat_delete(channel="C01OPS", ts=posted["ts"])
    assert room.messages == []
    assert await code(client.chat_update(channel="C01OPS", ts=posted["ts"], text="x")) == "message_not_found"
    assert await code(client.chat_delete(channel="C01OPS", ts=posted["ts"])) == "message_not_found"


async def test_a_message_without_text_is_taken_with_a_warning(client: AsyncWebClient) -> None:
    call = {"channel": "C01OPS", "blocks": [SECTION]}
    answer = await client.api_call("chat.postMessage", json=call)
    assert answer["response_metadata"]["warnings"] == ["missing_text_in_message"]


async def test_broken_blocks_are_refused_with_their_place(client: AsyncWebClient) -> None:
    long = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    answer = await refusal(client.chat_postMessage(channel="C01OPS", text="x", blocks=[long]))
    assert answer["error"] == "invalid_blocks"
    text = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [text]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {text}"]
    assert await code(client.chat_postMessage(channel="C01OPS", text="x", blocks="{")) == "invalid_blocks_format"
    assert await code(client.chat_postMessage(channel="C01OPS", text="x", blocks="{}")) == "invalid_blocks_format"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C01OPS"}, "no_text"),
        ({"channel": "C01OPS", "text": "", "blocks": []}, "no_text"),
        ({"channel": "C01OPS", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C01OPS", "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        ({"channel": "C01OPS", "text": "x", "metadata": "no"}, "invalid_metadata_format"),
        ({"channel": "C01OPS", "text": "x", "metadata": {"event_type": "lane"}}, "invalid_metadata_format"),
        (
            {"channel": "C01OPS", "text": "x", "metadata": {"event_type": "l", "event_payload": {"x": "x" * 20_000}}},
            "metadata_too_large",
        ),
        ({"channel": "C01OPS", "text": "x", "attachments": [{"text": "old"}]}, "attachments_not_simulated"),
        ({"channel": "C01SECR", "text": "x"}, "channel_not_found"),
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "U01EVE", "text": "x"}, "channel_not_found"),
        ({"channel": "U0CHAPERONE", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "invalid_arguments"),
    ],
)
async def test_a_post_is_refused_with_its_reason(client: AsyncWebClient, arguments: Any, error: str) -> None:
    assert await code(client.api_call("chat.postMessage", json=arguments)) == error


async def test_an_archived_channel_takes_nothing(slack: RunningSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C01OPS", text="x")
    slack.workspace.channels["C01OPS"].is_archived = True
    assert await code(client.chat_postMessage(channel="C01OPS", text="x")) == "is_archived"
    assert await code(client.chat_update(channel="C01OPS", ts=posted["ts"], text="y")) == "is_archived"
    assert await code(client.pins_add(channel="C01OPS", timestamp=posted["ts"])) == "is_archived"


async def test_the_bot_writes_into_public_channels_that_it_is_not_in_only_with_the_scope() -> None:
    async with running_slack() as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        assert (await client.chat_postMessage(channel="#open", text="x"))["channel"] == "C01OPEN"
        assert await code(client.conversations_history(channel="C01OPEN")) == "not_in_channel"
    async with running_slack(app=Installation(scopes=DEFAULT_SCOPES - {"chat:write.public"})) as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        assert await code(client.chat_postMessage(channel="C01OPEN", text="x")) == "not_in_channel"


async def test_only_own_messages_are_updated_and_deleted(slack: RunningSlack, client: AsyncWebClient) -> None:
    said = await slack.actions.say("U01ANA", "C01OPS", "mine")
    assert await code(client.chat_update(channel="C01OPS", ts=str(said.ts), text="x")) == "cant_update_message"
    assert await code(client.chat_delete(channel="C01OPS", ts=str(said.ts))) == "cant_delete_message"
    posted = await client.chat_postMessage(channel="C01OPS", text="x")
    assert await code(client.chat_update(channel="C01OPS", ts=posted["ts"], text="x" * 4001)) == "msg_too_long"


async def test_a_user_id_as_channel_is_the_direct_message(slack: RunningSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U01ANA", text="psst")
    assert posted["channel"] == slack.workspace.dm("U0CHAPERONE", "U01ANA").id
    history = await client.conversations_history(channel=posted["channel"])
    assert [message["text"] for message in history["messages"]] == ["psst"]


async def test_an_ephemeral_message_is_for_one_person_and_in_no_history(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    answer = await client.chat_postEphemeral(channel="C01OPS", user="U01ANA", text="for you")
    room = slack.workspace.channels["C01OPS"]
    assert [message.text for message in slack.workspace.messages_for("U01ANA", room)] == ["for you"]
    assert slack.workspace.messages_for("U01BEN", room) == []
    assert (await client.conversations_history(channel="C01OPS"))["messages"] == []
    ts = answer["message_ts"]
    assert await code(client.chat_update(channel="C01OPS", ts=ts, text="x")) == "message_not_found"
    assert await code(client.conversations_replies(channel="C01OPS", ts=ts)) == "thread_not_found"
    assert await code(client.chat_postEphemeral(channel="C01PRIV", user="U01BEN", text="x")) == "user_not_in_channel"
    assert await code(client.chat_postEphemeral(channel="C01OPS", user="U0NO", text="x")) == "user_not_found"


async def test_threads_are_kept_apart_from_the_channel(client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel="C01OPS", text="parent"))["ts"]
    reply = (await client.chat_postMessage(channel="C01OPS", text="one", thread_ts=parent))["ts"]
    await client.chat_postMessage(channel="C01OPS", text="two", thread_ts=reply)
    shown = (await client.conversations_history(channel="C01OPS"))["messages"]
    assert [(message["text"], message["reply_count"]) for message in shown] == [("parent", 2)]
    thread = (await client.conversations_replies(channel="C01OPS", ts=parent))["messages"]
    assert [message["text"] for message in thread] == ["parent", "one", "two"]
    link = (await client.chat_getPermalink(channel="C01OPS", message_ts=reply))["permalink"]
    assert f"/archives/C01OPS/p{reply.replace('.', '')}?thread_ts={parent}" in link


async def test_history_is_read_between_two_instants_newest_first(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel="C01OPS", text=str(n)))["ts"] for n in range(4)]

    async def texts(**bounds: Any) -> list[str]:
        answer = await client.conversations_history(channel="C01OPS", **bounds)
        return [message["text"] for message in answer["messages"]]

    assert await texts() == ["3", "2", "1", "0"]
    assert await texts(oldest=stamps[0], latest=stamps[3]) == ["2", "1"]
    assert await texts(oldest=stamps[0], latest=stamps[3], inclusive=True) == ["3", "2", "1", "0"]
    first = await client.conversations_history(channel="C01OPS", limit=3)
    assert first["has_more"]
    assert await texts(limit=3, cursor=first["response_metadata"]["next_cursor"]) == ["0"]
    assert await code(client.conversations_history(channel="C01OPS", oldest="yesterday")) == "invalid_ts_oldest"


async def test_metadata_is_shown_only_to_those_who_ask_and_survives_an_update(client: AsyncWebClient) -> None:
    metadata = {"event_type": "lane", "event_payload": {"lane": "request/7"}}
    posted = await client.chat_postMessage(channel="C01OPS", text="x", metadata=metadata)
    await client.chat_update(channel="C01OPS", ts=posted["ts"], text="y")
    plain = (await client.conversations_history(channel="C01OPS"))["messages"][0]
    full = (await client.conversations_history(channel="C01OPS", include_all_metadata=True))["messages"][0]
    assert "metadata" not in plain
    assert full["metadata"] == metadata


async def test_pins_bookmarks_and_reactions_are_set_once(slack: RunningSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C01OPS", text="x"))["ts"]
    await client.pins_add(channel="C01OPS", timestamp=ts)
    await client.reactions_add(channel="C01OPS", timestamp=ts, name="eyes")
    await client.bookmarks_add(channel_id="C01OPS", title="Runbook", type="link", link="https://a.example")
    room = slack.workspace.channels["C01OPS"]
    assert (room.pins, room.messages[0].reactions, room.bookmarks[0].title) == (
        [ts],
        {"eyes": ["U0CHAPERONE"]},
        "Runbook",
    )
    (shown,) = (await client.conversations_history(channel="C01OPS"))["messages"]
    assert shown["reactions"] == [{"name": "eyes", "users": ["U0CHAPERONE"], "count": 1}]
    assert await code(client.pins_add(channel="C01OPS", timestamp=ts)) == "already_pinned"
    assert await code(client.reactions_add(channel="C01OPS", timestamp=ts, name="eyes")) == "already_reacted"
    assert await code(client.pins_list(channel="C01OPS")) == "missing_scope"
    await client.pins_remove(channel="C01OPS", timestamp=ts)
    assert await code(client.pins_remove(channel="C01OPS", timestamp=ts)) == "no_pin"
    bookmark = client.bookmarks_add(channel_id="C01OPS", title="T", type="link", link="ftp://a.example")
    assert await code(bookmark) == "invalid_link"
    assert await code(client.bookmarks_add(channel_id="C01OPS", title="T", type="folder")) == "invalid_bookmark_type"


async def test_pins_are_listed_with_the_scope() -> None:
    async with running_slack(app=Installation(scopes=DEFAULT_SCOPES | {"pins:read"})) as slack:
        client = AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)
        ts = (await client.chat_postMessage(channel="C01OPS", text="x"))["ts"]
        await client.pins_add(channel="C01OPS", timestamp=ts)
        assert [item["message"]["ts"] for item in (await client.pins_list(channel="C01OPS"))["items"]] == [ts]


async def test_a_file_is_uploaded_in_slacks_three_steps(slack: RunningSlack, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel="C01OPS", text="x"))["ts"]
    answer = await client.files_upload_v2(
        channel="C01OPS", content=b"evidence", filename="e.txt", title="E", initial_comment="Here", thread_ts=parent
    )
    shape = answer["files"][0]
    message = slack.workspace.channels["C01OPS"].messages[-1]
    assert (message.text, message.files, message.thread_ts) == ("Here", [shape["id"]], parent)
    assert (shape["title"], shape["mimetype"], shape["size"]) == ("E", "text/plain", 8)
    async with httpx.AsyncClient() as browser:
        download = await browser.get(shape["url_private"])
        assert (download.content, download.headers["content-disposition"]) == (b"evidence", "attachment")
        assert (await browser.get(f"{slack.base_url}/files/F0NONE/x")).status_code == 404


async def test_a_file_that_never_arrived_cannot_be_shared(slack: RunningSlack, client: AsyncWebClient) -> None:
    issued = await client.files_getUploadURLExternal(filename="e.txt", length=8)
    files = [{"id": issued["file_id"], "title": "E"}]
    assert await code(client.files_completeUploadExternal(files=files)) == "file_not_found"
    async with httpx.AsyncClient() as browser:
        assert (await browser.post(issued["upload_url"], content=b"short")).status_code == 400
        form = {"file": ("e.txt", b"evidence")}
        assert (await browser.post(issued["upload_url"], files=form)).text == "OK - 8"
        assert (await browser.post(issued["upload_url"], content=b"evidence")).status_code == 400
    assert (await client.files_completeUploadExternal(files=files))["files"][0]["name"] == "e.txt"
    assert await code(client.files_completeUploadExternal(files=files)) == "file_not_found"
    assert await code(client.api_call("files.completeUploadExternal", json={"files": []})) == "invalid_arguments"
    assert await code(client.files_getUploadURLExternal(filename="e.txt", length=0)) == "invalid_arguments"


async def test_arguments_come_as_json_form_query_or_multipart(slack: RunningSlack) -> None:
    bearer = {"authorization": "Bearer xoxb-sandbox"}
    async with httpx.AsyncClient(base_url=slack.api_url, headers=bearer) as browser:
        assert (await browser.get("users.info", params={"user": "U01ANA"})).json()["ok"]
        assert (await browser.post("users.info", data={"user": "U01ANA"})).json()["ok"]
        assert (await browser.post("users.info", json={"user": "U01ANA"})).json()["ok"]
        noise = {"noise": ("n.txt", b"n")}
        assert (await browser.post("users.info", data={"user": "U01ANA"}, files=noise)).json()["ok"]
        json_type = {"content-type": "application/json"}
        assert (await browser.post("users.info", content="{", headers=json_type)).json()["error"] == "invalid_json"
        assert (await browser.post("users.info", content="[]", headers=json_type)).json()["error"] == "json_not_object"
    async with httpx.AsyncClient(base_url=slack.api_url) as browser:
        in_form = {"token": "xoxb-sandbox", "user": "U01ANA"}
        assert (await browser.post("users.info", data=in_form)).json()["ok"]
    assert all("token" not in call.arguments for call in slack.engine.journal.calls)
