"""The Home tab: what waits for me, what I hold, what I asked for. Most urgent first."""

from dataclasses import dataclass

from integrations.ports import Blocks
from playbooks.access.blocks.card import compact_state
from playbooks.access.blocks.choices import decision_choices, requester_choices
from playbooks.access.blocks.ids import Action
from playbooks.access.blocks.parts import Block, actions, button, context, header, plain, section
from playbooks.access.blocks.sheet import Sheet
from playbooks.access.blocks.state import who

_MOST = 10
"""Entries per list, so that a Home stays within Slack's 100 blocks."""


@dataclass(frozen=True, slots=True)
class Home:
    """What one person's Home shows: requests they may decide, access they hold, and what they asked for lately."""

    name: str
    waiting: tuple[Sheet, ...]
    holding: tuple[Sheet, ...]
    recent: tuple[Sheet, ...]


def home(view: Home) -> Blocks:
    """The blocks of the Home tab."""
    ask = button("Request access", Action.open_form, "home", style="primary")
    blocks: Blocks = [header("Production access"), actions(ask)]
    blocks += _listed(
        "Waiting for you", [_to_decide(sheet) for sheet in view.waiting], "Nothing waits for your decision."
    )
    blocks += _listed("You hold", [_held(sheet) for sheet in view.holding], "You hold no temporary access.")
    recent = [[section(compact_state(sheet))] for sheet in view.recent]
    nothing = "Nothing else lately." if view.holding else "You have not asked for anything yet."
    return blocks + _listed("You asked lately", recent, nothing)


def _listed(title: str, entries: list[list[Block]], empty: str) -> list[Block]:
    shown = [block for entry in entries[:_MOST] for block in entry]
    more = [context(f"… and {len(entries) - _MOST} more")] if len(entries) > _MOST else []
    return [{"type": "divider"}, header(title), *(shown or [context(empty)]), *more]


def _to_decide(sheet: Sheet) -> list[Block]:
    text = f"{who(sheet)} asks for {sheet.asked_for}\n>{plain(sheet.request.reason)}"
    return [section(text), actions(*decision_choices(sheet))]


def _held(sheet: Sheet) -> list[Block]:
    choices = requester_choices(sheet)
    return [section(compact_state(sheet)), *([actions(*choices)] if choices else [])]
