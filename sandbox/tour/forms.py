"""Ana at her form: opening it, being refused at a field, reading what it asks."""

from typing import Any

from sandbox.house import CannotAct, words
from sandbox.house.slack_control import View
from sandbox.tour.stage import CHANNEL, Stage


async def opened(stage: Stage, command: str) -> View:
    """Ana's form, open. Raises CannotAct."""
    outcome = await stage.ana.slash(command, CHANNEL)
    if outcome["failed"]:
        raise CannotAct(outcome["failed"])
    view = await stage.ana.modal()
    if view is None:
        raise CannotAct(f"{command} opened no form")
    return view


async def closed(stage: Stage) -> None:
    """Ana closes her form."""
    view = await stage.ana.modal()
    if view:
        await stage.ana.close(view)


def at_field(stage: Stage, what: str, outcome: dict[str, Any], field: str) -> None:
    """Check that a refusal stands at this field, and show its first sentences."""
    said = str((outcome.get("errors") or {}).get(field, ""))
    stage.narrator.show(f"At the field “{field}”:", [said or f"nothing ({outcome})"])
    stage.check(what, bool(said))


def terms(view: View) -> str:
    """What the form says of the chosen target."""
    return next((words(block["elements"][0]) for block in view["blocks"] if block["type"] == "context"), "nothing")
