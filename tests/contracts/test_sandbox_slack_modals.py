"""How strictly the simulated Slack treats modals: triggers, stacks, hashes, required inputs, answers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from core.clock import ManualClock
from sandbox.slack.actions import CannotDo, InHome, InMessage, InView
from sandbox.slack.actions.modals import TROUBLE
from sandbox.slack.faults import InjectedFault
from sandbox.slack.inputs import REQUIRED
from sandbox.slack.testing import RunningSlack
from tests.contracts.slack_bolt_app import CARD, HOURS, REQUEST, BoltApp, asked, over_http, plain, view
from tests.contracts.slack_refusals import code, refusal


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def pair(clock: ManualClock) -> AsyncIterator[tuple[RunningSlack, BoltApp]]:
    async with over_http(clock=clock) as running:
        yield running


@pytest.fixture
def slack(pair: tuple[RunningSlack, BoltApp]) -> RunningSlack:
    return pair[0]


@pytest.fixture
def app(pair: tuple[RunningSlack, BoltApp]) -> BoltApp:
    return pair[1]


@pytest.fixture
def client(slack: RunningSlack) -> AsyncWebClient:
    return AsyncWebClient("xoxb-sandbox", base_url=slack.api_url)


def trigger(slack: RunningSlack) -> str:
    return slack.engine.triggers.issue("U01ANA")


async def opened(slack: RunningSlack, client: AsyncWebClient, what: dict[str, Any] | None = None) -> str:
    answer = await client.views_open(trigger_id=trigger(slack), view=what or REQUEST)
    return str(answer["view"]["id"])


async def test_a_trigger_is_good_once_and_for_three_seconds(
    slack: RunningSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    first, late = trigger(slack), trigger(slack)
    clock.advance(timedelta(seconds=3))
    await client.views_open(trigger_id=first, view=REQUEST)
    assert await code(client.views_open(trigger_id=first, view=REQUEST)) == "exchanged_trigger_id"
    clock.advance(timedelta(microseconds=1))
    assert await code(client.views_open(trigger_id=late, view=REQUEST)) == "expired_trigger_id"
    assert await code(client.views_open(trigger_id="made.up", view=REQUEST)) == "invalid_trigger_id"
    assert await code(client.api_call("views.open", json={"view": REQUEST})) == "invalid_arguments"
    assert await code(client.api_call("views.open", json={"trigger_id": "x"})) == "invalid_arguments"


async def test_a_wrong_view_is_refused_with_its_place_before_it_costs_more(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    answer = await refusal(client.views_open(trigger_id=trigger(slack), view=view("x", title=plain("t" * 25))))
    assert answer["error"] == "invalid_arguments"
    text = "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    assert answer["response_metadata"]["messages"] == [text]
    huge = view("x", *[{"type": "section", "text": plain("x" * 3000)}] * 90)
    assert await code(client.views_open(trigger_id=trigger(slack), view=huge)) == "view_too_large"


async def test_a_stack_holds_three_views_and_an_opened_one_starts_anew(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    assert await code(client.views_push(trigger_id=trigger(slack), view=REQUEST)) == "not_found"
    root = await opened(slack, client)
    second = (await client.views_push(trigger_id=trigger(slack), view=REQUEST))["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (root, root)
    await client.views_push(trigger_id=trigger(slack), view=REQUEST)
    assert await code(client.views_push(trigger_id=trigger(slack), view=REQUEST)) == "push_limit_reached"
    await opened(slack, client)
    assert len(slack.workspace.view_stacks["U01ANA"]) == 1


async def test_an_update_keeps_what_was_typed_and_checks_the_hash(slack: RunningSlack, client: AsyncWebClient) -> None:
    other = view("request", *REQUEST["blocks"], external_id="mine")
    view_id = await opened(slack, client, other)
    before = slack.workspace.view(view_id)
    assert before is not None
    await slack.actions.press("U01ANA", InView(view_id), "why", "it", "typed so far")
    hours = asked("hours", {"type": "static_select", "options": HOURS[1:]})
    fresh = {**other, "blocks": [REQUEST["blocks"][0], hours], "title": plain("New")}
    updated = (await client.views_update(view_id=view_id, hash=before.hash, view=fresh))["view"]
    assert updated["state"]["values"]["why"]["it"]["value"] == "typed so far"
    assert updated["state"]["values"]["hours"]["it"]["selected_option"] is None
    assert await code(client.views_update(view_id=view_id, hash=before.hash, view=other)) == "hash_conflict"
    assert (await client.views_update(external_id="mine", view=other))["view"]["id"] == view_id
    assert await code(client.views_update(view_id="V0NONE", view=other)) == "not_found"
    assert await code(
        client.views_publish(user_id="U01ANA", view={"type": "home", "blocks": [], "external_id": "mine"})
    ) == ("duplicate_external_id")


async def test_required_inputs_are_checked_before_the_app_hears_of_it(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient
) -> None:
    view_id = await opened(slack, client)
    assert (await slack.actions.submit_view("U01ANA", view_id)).errors == {"why": REQUIRED}
    short = await slack.actions.submit_view("U01ANA", view_id, {"why": "no"})
    assert short.errors == {"why": "Please enter at least 5 characters."}
    assert app.of("view_submission") == []
    assert (await slack.actions.submit_view("U01ANA", view_id, {"why": {"it": "long enough"}})).closed


async def test_the_app_may_update_push_or_clear_in_its_answer(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient
) -> None:
    view_id, values = await opened(slack, client), {"why": "long enough"}
    app.answer = {"response_action": "update", "view": view("second")}
    updated = (await slack.actions.submit_view("U01ANA", view_id, values)).updated
    assert updated is not None
    assert (updated.id, updated.callback_id) == (view_id, "second")
    app.answer = {"response_action": "push", "view": REQUEST}
    pushed = (await slack.actions.submit_view("U01ANA", view_id)).pushed
    assert pushed is not None
    assert pushed.previous_view_id == view_id
    app.answer = {}
    closed = await slack.actions.submit_view("U01ANA", pushed.id, values)
    assert (closed.closed, closed.updated and closed.updated.id) == (True, view_id)
    app.answer = {"response_action": "clear"}
    assert (await slack.actions.submit_view("U01ANA", view_id)).closed
    assert slack.workspace.top_view("U01ANA") is None
    assert slack.workspace.complaints == []


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "not keyed by the inputs"),
        ({"response_action": "errors", "errors": {"note": "x"}}, "not keyed by the inputs"),
        ({"response_action": "errors", "errors": {"why": ""}}, "not all texts"),
        ({"response_action": "update", "view": {"type": "modal"}}, "missing required field: title"),
        ({"response_action": "push", "view": view("x", title=plain("t" * 25))}, "less than 25"),
        ({"response_action": "explode"}, "no response_action that Slack knows"),
    ],
)
async def test_an_answer_that_slack_would_not_take_leaves_the_modal_and_a_complaint(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient, answer: dict[str, Any], complaint: str
) -> None:
    note = {"type": "section", "block_id": "note", "text": plain("No input")}
    view_id = await opened(slack, client, view("request", *REQUEST["blocks"], note))
    app.answer = answer
    outcome = await slack.actions.submit_view("U01ANA", view_id, {"why": "long enough"})
    assert outcome.failed == TROUBLE
    assert complaint in slack.workspace.complaints[0]
    assert slack.workspace.top_view("U01ANA") is not None


async def test_a_silent_app_leaves_the_modal_open(slack: RunningSlack, client: AsyncWebClient) -> None:
    view_id = await opened(slack, client)
    slack.engine.faults.add(InjectedFault("interactivity:view_submission", "lost_reply"))
    outcome = await slack.actions.submit_view("U01ANA", view_id, {"why": "long enough"})
    assert (outcome.failed, outcome.closed) == (TROUBLE, False)
    assert (await slack.actions.submit_view("U01ANA", view_id)).closed


async def test_closing_tells_the_app_when_it_asked_to_know(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient
) -> None:
    first = await opened(slack, client)
    second = (await client.views_push(trigger_id=trigger(slack), view=view("second")))["view"]["id"]
    assert (await slack.actions.close_view("U01ANA", second)).updated is not None
    await slack.actions.close_view("U01ANA", first)
    await slack.engine.delivery.idle()
    (body,) = app.of("view_closed")
    assert (body["view"]["id"], body["is_cleared"]) == (first, False)
    await opened(slack, client)
    third = (await client.views_push(trigger_id=trigger(slack), view=REQUEST))["view"]["id"]
    await slack.actions.close_view("U01ANA", third, clear=True)
    await slack.engine.delivery.idle()
    assert [body["is_cleared"] for body in app.of("view_closed")] == [False, True, True]
    assert slack.workspace.top_view("U01ANA") is None


async def test_a_select_of_a_channel_can_bring_a_response_url(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient
) -> None:
    where = asked("where", {"type": "conversations_select", "response_url_enabled": True})
    view_id = await opened(slack, client, view("request", where))
    await slack.actions.submit_view("U01ANA", view_id, {"where": "C01OPS"})
    (url,) = app.of("view_submission")[0]["response_urls"]
    assert (url["block_id"], url["channel_id"]) == ("where", "C01OPS")
    optional = asked("where", {"type": "channels_select", "response_url_enabled": True}, optional=True)
    view_id = await opened(slack, client, view("request", optional))
    await slack.actions.submit_view("U01ANA", view_id)
    assert app.of("view_submission")[1]["response_urls"] == []


async def test_home_is_published_for_one_person_and_guarded_by_its_hash(
    slack: RunningSlack, client: AsyncWebClient
) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await client.views_publish(user_id="U01ANA", view=home))["view"]
    second = (await client.views_publish(user_id="U01ANA", view=home, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    assert await code(client.views_publish(user_id="U01ANA", view=home, hash=first["hash"])) == "hash_conflict"
    assert await code(client.views_publish(user_id="U0NONE", view=home)) == "user_not_found"
    slack.workspace.app.home_tab = False
    assert await code(client.views_publish(user_id="U01ANA", view=home)) == "not_enabled"


async def test_a_person_cannot_do_what_their_browser_does_not_offer(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient
) -> None:
    act = slack.actions
    posted = await client.chat_postEphemeral(channel="C01OPS", user="U01ANA", text="x", blocks=[{"type": "divider"}])
    for_ana = InMessage("C01OPS", posted["message_ts"])
    view_id = await opened(slack, client)
    closed = await opened(slack, client, {"type": "modal", "title": plain("Told"), "blocks": []})
    card = await client.chat_postMessage(channel="C01OPEN", text="x", blocks=CARD)
    slack.workspace.channels["C01OPEN"].is_archived = True
    in_open = InMessage("C01OPEN", card["ts"])
    attempts = [
        (act.say("U01ANA", "C01OPEN", "x"), "#open is archived"),
        (act.options("U01ANA", in_open, "decide", "shorten", "x"), "no external select"),
        (act.say("U01EVE", "C01OPS", "x"), "deactivated"),
        (act.say("U0NONE", "C01OPS", "x"), "nobody who can sign in"),
        (act.say("U0CHAPERONE", "C01OPS", "x"), "nobody who can sign in"),
        (act.say("U01BEN", "C01PRIV", "x"), "sees no channel"),
        (act.say("U01BEN", "C01OPEN", "x"), "is not in #open"),
        (act.say("U01GUS", "C01OPS", "x"), "sees no channel"),
        (act.say("U01ANA", "C01OPS", " "), "empty message"),
        (act.say("U01ANA", "C01OPS", "x", "1.1"), "sees no message"),
        (act.slash("U01BEN", "C01OPEN", "/access"), "is not in #open"),
        (act.press("U01BEN", for_ana, "b", "a"), "sees no message"),
        (act.press("U01ANA", for_ana, "b", "a"), "no element a"),
        (act.press("U01ANA", InHome(), "b", "a"), "has no Home yet"),
        (act.press("U01ANA", InView(view_id), "b", "a"), "is not the modal"),
        (act.submit_view("U01BEN", closed, {}), "is not the modal"),
        (act.submit_view("U01ANA", closed, {}), "has no Submit"),
        (act.close_view("U01BEN", closed), "is not the modal"),
        (act.global_shortcut("U01ANA", "take"), "no global shortcut"),
        (act.message_shortcut("U01ANA", "C01OPS", posted["message_ts"], "ask"), "no message shortcut"),
        (act.open_dm("U01ANA", "U0NONE"), "nobody called"),
        (act.open_dm("U01ANA", "U01ANA"), "nobody called"),
        (act.join("U01BEN", "C01PRIV"), "sees no channel"),
        (act.join("U01ANA", "C01PRIV"), "cannot join"),
        (act.invite("U01ANA", "C01OPS", "U01EVE"), "cannot be invited"),
    ]
    for attempt, text in attempts:
        with pytest.raises(CannotDo, match=text):
            await attempt


async def test_only_offered_values_can_be_chosen(slack: RunningSlack, client: AsyncWebClient) -> None:
    view_id = await opened(slack, client)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"hours": "99"}, "not among the options"),
        ({"witness": ["U0NONE"]}, "nothing that this person can choose"),
        ({"nowhere": "x"}, "no input in a block nowhere"),
    ]
    for values, text in refused:
        with pytest.raises(CannotDo, match=text):
            await slack.actions.submit_view("U01ANA", view_id, values)


async def test_people_join_invite_upload_and_cannot_forge_mentions(slack: RunningSlack) -> None:
    act = slack.actions
    await act.join("U01BEN", "C01OPEN")
    await act.join("U01BEN", "C01OPEN")
    await act.invite("U01ANA", "C01PRIV", "U01BEN")
    await act.invite("U01ANA", "C01PRIV", "U01BEN")
    assert "U01BEN" in slack.workspace.channels["C01OPEN"].members & slack.workspace.channels["C01PRIV"].members
    said = await act.say("U01ANA", "C01OPS", "a < b & <@U01BEN> <http://evil.example|here>")
    message = slack.workspace.channels["C01OPS"].message(str(said.ts))
    assert message is not None
    assert message.text == "a &lt; b &amp; <@U01BEN> &lt;http://evil.example|here&gt;"
    file_id = await act.upload("U01ANA", "e.txt", b"x")
    assert slack.workspace.files[file_id].content == b"x"
    shared = await act.say("U01ANA", "C01OPS", "", files=[file_id])
    message = slack.workspace.channels["C01OPS"].message(str(shared.ts))
    assert message is not None
    assert message.files == [file_id]
    with pytest.raises(CannotDo, match="has uploaded no file"):
        await act.say("U01BEN", "C01OPS", "", files=[file_id])


async def test_a_dispatching_input_tells_the_app_and_an_ordinary_one_does_not(
    slack: RunningSlack, app: BoltApp, client: AsyncWebClient
) -> None:
    dispatching = asked("find", {"type": "plain_text_input"}, dispatch_action=True)
    view_id = await opened(slack, client, view("request", dispatching, *REQUEST["blocks"]))
    await slack.actions.press("U01ANA", InView(view_id), "why", "it", "quietly")
    await slack.actions.press("U01ANA", InView(view_id), "find", "it", "loudly")
    (body,) = app.of("block_actions")
    assert (body["actions"][0]["value"], body["actions"][0]["type"]) == ("loudly", "plain_text_input")
    assert body["view"]["state"]["values"]["why"]["it"]["value"] == "quietly"
    assert (body["container"], "response_url" in body) == ({"type": "view", "view_id": view_id}, False)
