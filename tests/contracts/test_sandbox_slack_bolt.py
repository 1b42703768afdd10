"""slack_bolt's AsyncApp behind the simulated Slack: what people do, over signed HTTP and over Socket Mode."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from sandbox.slack.actions import InHome, InMessage
from sandbox.slack.testing import RunningSlack, poll
from tests.contracts.slack_bolt_app import CARD, HOURS, BoltApp, over_http, over_sockets

Pair = tuple[RunningSlack, BoltApp]


@pytest.fixture(params=["http", "socket"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        if request.param == "http":
            yield await stack.enter_async_context(over_http())
        else:
            slack, apps = await stack.enter_async_context(over_sockets())
            yield slack, apps[0]


async def modal(slack: RunningSlack) -> str:
    """Open the request's modal as Ana; the view's id."""
    assert (await slack.actions.slash("U01ANA", "C01OPS", "/access modal")).ok
    view = slack.workspace.top_view("U01ANA")
    assert view is not None
    return view.id


async def test_a_command_opens_a_modal_whose_submission_carries_every_value(pair: Pair) -> None:
    slack, app = pair
    view_id = await modal(slack)
    outcome = await slack.actions.submit_view("U01ANA", view_id, {"why": "fix the database", "hours": "4"})
    assert (outcome.closed, slack.workspace.top_view("U01ANA")) == (True, None)
    (command,) = app.of("command")
    assert (command["text"], command["channel_name"], command["user_name"]) == ("modal", "ops", "ana")
    (body,) = app.of("view_submission")
    values = body["view"]["state"]["values"]
    assert values["why"]["it"] == {"type": "plain_text_input", "value": "fix the database"}
    assert values["hours"]["it"]["selected_option"]["value"] == "4"
    assert values["until"]["it"]["selected_date"] == "2026-03-02"
    assert values["witness"]["it"]["selected_users"] == []
    assert body["view"]["private_metadata"] == "request/7"


async def test_the_answer_to_a_command_is_an_ephemeral_message(pair: Pair) -> None:
    slack, app = pair
    app.command_answer = {"text": "One moment"}
    await slack.actions.slash("U01ANA", "C01OPS", "/access")
    app.command_answer = {"text": "All of you", "response_type": "in_channel", "blocks": CARD[:1]}
    await slack.actions.slash("U01ANA", "C01OPS", "/access prod db")
    shown = [(message.text, message.ephemeral_for) for message in slack.workspace.channels["C01OPS"].messages]
    assert shown == [("One moment", "U01ANA"), ("All of you", None)]
    assert app.of("command")[-1]["text"] == "prod db"


async def test_home_is_published_when_it_is_opened_and_its_buttons_work(pair: Pair) -> None:
    slack, app = pair
    await slack.actions.open_home("U01ANA")
    await poll(lambda: "U01ANA" in slack.workspace.homes)
    assert (await slack.actions.press("U01ANA", InHome(), "decide", "approve")).ok
    (body,) = app.of("block_actions")
    assert body["container"] == {"type": "view", "view_id": slack.workspace.homes["U01ANA"].id}
    assert (body["view"]["type"], body["actions"][0]["value"]) == ("home", "7")
    assert "response_url" not in body
    await slack.actions.open_home("U01ANA")
    await slack.engine.delivery.idle()
    assert app.of("app_home_opened")[-1]["event"]["view"]["type"] == "home"


async def test_elements_of_a_message_tell_what_was_done_with_them(pair: Pair) -> None:
    slack, app = pair
    posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
    place = InMessage("C01OPS", posted["ts"])
    await slack.actions.press("U01BEN", place, "decide", "approve", values={"note": "fine by me"})
    await slack.actions.press("U01BEN", place, "decide", "shorten", "2")
    await slack.actions.press("U01BEN", place, "decide", "more", "1")
    press, choose, more = app.of("block_actions")
    assert press["actions"][0]["type"] == "button"
    assert press["container"]["message_ts"] == posted["ts"]
    assert press["message"]["text"] == "card"
    assert press["user"]["id"] == "U01BEN"
    assert press["state"]["values"]["note"]["it"]["value"] == "fine by me"
    assert choose["actions"][0]["selected_option"]["text"] == {"type": "plain_text", "text": "2 h", "emoji": True}
    assert choose["state"]["values"]["decide"]["shorten"]["selected_option"]["value"] == "2"
    assert more["actions"][0]["selected_option"]["value"] == "1"
    assert "more" not in more["state"]["values"]["decide"]


async def test_shortcuts_reach_the_app(pair: Pair) -> None:
    slack, app = pair
    said = await slack.actions.say("U01ANA", "C01OPS", "look at this")
    assert (await slack.actions.global_shortcut("U01ANA", "ask")).ok
    assert (await slack.actions.message_shortcut("U01BEN", "C01OPS", str(said.ts), "take")).ok
    assert app.of("shortcut")[0]["callback_id"] == "ask"
    taken = app.of("message_action")[0]
    assert (taken["message"]["text"], taken["channel"]["id"]) == ("look at this", "C01OPS")


async def test_messages_and_joins_arrive_as_events(pair: Pair) -> None:
    slack, app = pair
    await slack.actions.say("U01ANA", "C01PRIV", "in private")
    await slack.actions.say("U01ANA", "C01OPEN", "where the bot is not")
    await slack.actions.invite("U01ANA", "C01PRIV", "U01BEN")
    dm = await slack.actions.open_dm("U01ANA", "U0CHAPERONE")
    await slack.actions.say("U01ANA", str(dm.channel), "hello bot")
    await slack.engine.delivery.idle()
    await poll(lambda: len(app.of("message")) == 3)
    events = {body["event"]["text"]: body["event"] for body in app.of("message")}
    assert events["in private"]["channel_type"] == "group"
    assert events["hello bot"]["channel_type"] == "im"
    assert events["<@U01BEN> has joined the channel"]["subtype"] == "group_join"
    assert app.of("member_joined_channel")[0]["event"]["inviter"] == "U01ANA"


async def test_an_external_select_offers_what_the_app_answers(pair: Pair) -> None:
    slack, app = pair
    posted = await app.app.client.chat_postMessage(channel="C01OPS", text="card", blocks=CARD)
    place = InMessage("C01OPS", posted["ts"])
    offered = await slack.actions.options("U01ANA", place, "decide", "target", "h")
    assert offered.options == HOURS
    assert app.of("block_suggestion")[0]["value"] == "h"
    await slack.actions.press("U01ANA", place, "decide", "target", "4")
    assert app.of("block_actions")[0]["actions"][0]["selected_option"] == HOURS[2]


async def test_errors_of_the_app_stand_under_their_inputs_and_the_modal_stays(pair: Pair) -> None:
    slack, app = pair
    view_id = await modal(slack)
    app.answer = {"response_action": "errors", "errors": {"why": "Say more"}}
    outcome = await slack.actions.submit_view("U01ANA", view_id, {"why": "because"})
    assert (outcome.errors, outcome.closed) == ({"why": "Say more"}, False)
    top = slack.workspace.top_view("U01ANA")
    assert top is not None
    assert top.state_values["why"]["it"]["value"] == "because"
