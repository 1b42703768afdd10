"""The Home tab as Slack takes it: empty, full, and with any words."""

from typing import Any

import pytest

from playbooks.access.blocks import Action, Home, home
from sandbox.slack.blocks import check_view, too_large
from tests.unit.access_blocks.sheets import TEXTS, every_sheet, grant, request, sheet


def view(**lists: Any) -> dict[str, Any]:
    parts = {"waiting": (), "holding": (), "recent": ()} | lists
    return {"type": "home", "blocks": home(Home("Ana Ruiz", **parts))}


def test_an_empty_home_says_so_and_offers_to_ask():
    drawn = view()
    assert check_view(drawn, "home") == []
    for said in ("Nothing waits for your decision", "You hold no temporary access", "You have not asked for anything"):
        assert said in str(drawn)
    assert Action.open_form in str(drawn)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_slack_takes_a_home_with_every_state(text: str):
    sheets = tuple(each for _, each in every_sheet(text))
    waiting = tuple(each for each in sheets if each.request.status == "pending")  # nothing else waits for anybody
    drawn = view(waiting=waiting, holding=sheets, recent=sheets)
    assert check_view(drawn, "home") == []
    assert not too_large(drawn)


def test_a_crowded_home_stays_within_slacks_blocks_and_counts_the_rest():
    waiting = (sheet(request()),) * 50
    holding = (sheet(request("approved"), grant("active")),) * 50
    drawn = view(waiting=waiting, holding=holding, recent=holding)
    assert check_view(drawn, "home") == []
    assert str(drawn).count("… and 40 more") == 3


def test_what_waits_can_be_decided_and_what_is_held_can_be_ended():
    drawn = str(view(waiting=(sheet(request()),), holding=(sheet(request("approved"), grant("active")),)))
    for action in (Action.approve, Action.deny, Action.done):
        assert f"'{action}'" in drawn or f"{action!r}" in drawn
    ending = str(view(holding=(sheet(request("approved"), grant("revoking")),)))
    assert "access.done" not in ending
