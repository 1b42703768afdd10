"""Whole messages and views: how many blocks, no id twice, titles, sizes."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.slack.blocks.layout import LIMIT, block
from sandbox.slack.blocks.rules import Fault, Place, Rule, Shape, Surface, boolean, listing, one_of, string
from sandbox.slack.blocks.texts import OPTION_GROUP, PLAIN, option, text
from sandbox.slack.workspace import Blocks

VIEW_BYTES = 250_000


def elements_of(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The elements of a block: of actions and context, an accessory, an input's element."""
    inner = [*one.get("elements", []), one.get("accessory"), one.get("element")]
    return [element for element in inner if isinstance(element, dict)]


def _twice(values: list[Any]) -> list[str]:
    return [str(value) for value, count in Counter(map(str, values)).items() if count > 1]


def _unique(blocks: list[Any], at: Place) -> Iterator[Fault]:
    shaped = [one for one in blocks if isinstance(one, dict)]
    for name in _twice([one["block_id"] for one in shaped if "block_id" in one]):
        yield at.fault(f"block_id must be unique: `{name}` appears more than once")
    for index, one in enumerate(shaped):
        inner = elements_of(one) if one.get("type") != "rich_text" else []
        for name in _twice([element["action_id"] for element in inner if "action_id" in element]):
            yield at.under(index).fault(f"action_id must be unique in its block: `{name}` appears more than once")


def _one_focus(blocks: list[Any], at: Place) -> Iterator[Fault]:
    inner = [element for one in blocks if isinstance(one, dict) for element in elements_of(one)]
    if sum(element.get("focus_on_load") is True for element in inner) > 1:
        yield at.fault("only one element may set focus_on_load")


def _check_blocks(blocks: Any, at: Place) -> Iterator[Fault]:
    faults = list(listing(block, most=LIMIT[at.surface], least=0)(blocks, at))
    yield from faults
    if isinstance(blocks, list) and not faults:
        yield from _unique(blocks, at)
        yield from _one_focus(blocks, at)


def check_message_blocks(blocks: Any, pointer: str = "/blocks") -> list[Fault]:
    """What Slack would refuse in a message's blocks. Empty: nothing."""
    return list(_check_blocks(blocks, Place("message", pointer)))


_SHARED: Mapping[str, Rule] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_TITLE = text(24, PLAIN)
VIEWS: Mapping[Surface, Shape] = {
    "modal": Shape(
        {"type": one_of("modal"), "title": _TITLE, "blocks": _check_blocks},
        {**_SHARED, "submit": _TITLE, "close": _TITLE, "clear_on_close": boolean, "notify_on_close": boolean},
    ),
    "home": Shape({"type": one_of("home"), "blocks": _check_blocks}, _SHARED),
}


def _submit_for_inputs(view: dict[str, Any]) -> Iterator[Fault]:
    blocks = view["blocks"] if isinstance(view.get("blocks"), list) else []
    for index, one in enumerate(blocks):
        if isinstance(one, dict) and one.get("type") == "input" and "submit" not in view:
            yield Fault("must define `submit` to use an `input` block in a modal", f"/view/blocks/{index}")


def check_view(view: Any, surface: Surface) -> list[Fault]:
    """What Slack would refuse in a view. ``surface`` is "modal" or "home"."""
    if not isinstance(view, dict):
        return [Fault("must provide an object", "/view")]
    faults = list(VIEWS[surface](view, Place(surface, "/view")))
    return [*faults, *(_submit_for_inputs(view) if surface == "modal" else ())]


def too_large(view: Any) -> bool:
    """Whether a view is over Slack's 250 kB."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


_ANSWER = Shape(
    optional={
        "options": listing(option(), most=100, least=0),
        "option_groups": listing(OPTION_GROUP, most=100, least=0),
    }
)


def check_options_answer(answer: Any) -> list[Fault]:
    """What Slack would refuse in an app's answer to a block_suggestion."""
    if isinstance(answer, dict) and not {"options", "option_groups"} & answer.keys():
        return [Fault("must define either `options` or `option_groups`", "")]
    return list(_ANSWER(answer, Place("modal", "")))


def _spelled_out(value: Any) -> Any:
    if isinstance(value, list):
        return [_spelled_out(one) for one in value]
    if not isinstance(value, dict):
        return value
    default = {"plain_text": {"emoji": True}, "mrkdwn": {"verbatim": False}}.get(str(value.get("type")), {})
    return {
        **{name: _spelled_out(inner) for name, inner in value.items()},
        **{k: v for k, v in default.items() if k not in value},
    }


def prepare(blocks: Blocks, new_id: Callable[[str], str]) -> Blocks:
    """A copy as Slack keeps it: every block with a ``block_id``, every interactive element with an ``action_id``."""
    kept: Blocks = _spelled_out(copy.deepcopy(blocks))
    for one in kept:
        one.setdefault("block_id", new_id("b"))
        if one["type"] in {"actions", "section", "input"}:
            for inner in elements_of(one):
                if inner["type"] != "image":
                    inner.setdefault("action_id", new_id("a"))
    return kept
