"""Every state of a request is drawn as Slack takes it, and says what is."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from integrations.ports import Drawing
from playbooks.access.blocks import Action, Sheet, alert, card, compact_state, mine, reminder
from playbooks.access.blocks.parts import plain, short
from sandbox.slack.blocks import check_message_blocks
from tests.unit.access_blocks.sheets import HOSTILE, LONG, TEXTS, every_grant, every_sheet, grant, request, sheet

DRAWERS: dict[str, Callable[[Sheet], Drawing | None]] = {
    "card": card,
    "mine": mine,
    "alert": alert,
    "reminder": reminder,
}
SHEETS = [(f"{words}: {name}", each) for words, text in TEXTS.items() for name, each in every_sheet(text)]

each_sheet = pytest.mark.parametrize("shown", [each for _, each in SHEETS], ids=[name for name, _ in SHEETS])
each_drawer = pytest.mark.parametrize("draw", DRAWERS.values(), ids=DRAWERS)


def words(drawing: Drawing) -> str:
    return json.dumps([drawing.text, drawing.blocks], ensure_ascii=False)


def buttons(drawing: Drawing) -> list[str]:
    return [e["action_id"] for block in drawing.blocks if block["type"] == "actions" for e in block["elements"]]


@each_drawer
@each_sheet
def test_slack_takes_every_state_with_any_words(shown: Sheet, draw: Callable[[Sheet], Drawing | None]):
    drawing = draw(shown)
    if drawing is None:
        assert draw is reminder
        assert shown.grant is None
        return
    assert check_message_blocks(drawing.blocks) == []
    assert 0 < len(drawing.text) <= 40_000
    assert json.loads(json.dumps(drawing.blocks)) == drawing.blocks


@each_drawer
@pytest.mark.parametrize("shown", [each for _, each in every_sheet(HOSTILE)], ids=[n for n, _ in every_sheet(HOSTILE)])
def test_nobody_forges_a_mention_or_a_link_with_their_words(shown: Sheet, draw: Callable[[Sheet], Drawing | None]):
    drawing = draw(shown)
    if drawing is None:
        return
    for text in _mrkdwn(drawing.blocks):
        assert "<!channel>" not in text
        assert "<https://evil" not in text
        asked = {f"<@{user}>" for user in [*shown.approvers, shown.request.requester_slack]}
        assert set(re.findall(r"<@\w+>", text)) <= asked
        assert len(re.findall(r"<@U0BENOKAF>", text)) <= 1
    assert "<!channel>" not in drawing.text


def _mrkdwn(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if node.get("type") == "mrkdwn" else []
        return own + [text for value in node.values() for text in _mrkdwn(value)]
    return [text for value in node for text in _mrkdwn(value)] if isinstance(node, list) else []


def test_granted_is_said_of_an_active_grant_alone():
    for name, one in every_grant("because"):
        said = words(card(sheet(request("approved"), one)))
        assert ("Granted (approved by Ben Okafor)" in said) is (name == "active"), name
        assert ("read back as gone" in said) is (name == "gone"), name


def test_red_is_a_revoke_that_fails():
    for name, one in every_grant("It says no."):
        said = words(card(sheet(request("approved"), one)))
        assert (":red_circle:" in said) is (name in {"ending, failing", "ending, paged"}), name
        assert ("Somebody has been paged" in said) is (name == "ending, paged"), name


def test_what_stays_is_never_called_gone():
    for name, one in every_grant("another grant"):
        said = words(card(sheet(request("approved"), one)))
        if name.endswith("kept"):
            assert "The entitlement stays: another grant" in said
            assert "nothing is there" not in said
        if name == "never began":
            assert "Another grant. Read back: nothing is there." in said


def test_the_reason_of_a_failure_keeps_its_capitals():
    one = grant("revoked", active_at=None, lag_seconds=0.0, end_reason="could not be granted: AWS refused INC-4711.")
    assert "Could not be granted: AWS refused INC-4711. Read back" in words(card(sheet(request("approved"), one)))


def test_approvers_choose_while_it_waits_and_no_longer():
    for name, shown in every_sheet("because"):
        pending = shown.request.status == "pending"
        assert (Action.approve in buttons(card(shown))) is pending, name
        assert (Action.deny in buttons(card(shown))) is pending, name


def test_the_requester_withdraws_or_ends_what_can_be():
    for name, shown in every_sheet("because"):
        status = shown.grant.status if shown.grant else ""
        assert (Action.withdraw in buttons(mine(shown))) is (shown.request.status == "pending"), name
        assert (Action.done in buttons(mine(shown))) is (status in {"granting", "active"}), name


def test_the_requester_is_told_how_to_use_it_while_it_lives():
    for name, one in every_grant("because"):
        assert ("How to use it" in words(mine(sheet(request("approved"), one)))) is (name == "active")


def test_a_reminder_is_for_a_grant_and_says_when_it_is_over():
    assert reminder(sheet(request())) is None
    living = reminder(sheet(request("approved"), grant("active")))
    over = reminder(sheet(request("approved"), grant("revoking")))
    assert living is not None
    assert over is not None
    assert "ends soon" in words(living)
    assert "ends soon" not in words(over)


def test_an_alert_is_about_approvers_or_about_a_revoke_and_settles():
    assert "nobody may approve it" in words(alert(sheet(request("refused"), approvers=())))
    assert "Needs a person" in words(alert(sheet(request("approved"), grant("revoking", failures=5, last_error="x"))))
    gone = grant("revoked", lag_seconds=1.0, after={"present": False})
    assert "Settled" in words(alert(sheet(request("approved"), gone)))


def test_history_and_counts_are_told():
    assert "First time on this target" in words(card(sheet(request())))
    assert "Granted once" in words(card(sheet(request(), past_grants=1)))
    assert "Granted 3 times" in words(card(sheet(request(), past_grants=3)))
    crowd = sheet(request(approvals_needed=2), approvers=tuple(f"U{n}" for n in range(12)))
    assert "(0 of 2 approvals)" in words(card(crowd))
    assert "and 2 more" in words(card(crowd))
    assert "Waiting for approval" in compact_state(crowd)


def test_what_is_cut_is_visibly_cut():
    assert short("abcdef", 4) == "abc…"
    assert short("abcd", 4) == "abcd"
    assert plain("<a & b>") == "&lt;a &amp; b&gt;"
    assert len(LONG) == 1000
