"""Composition objects: text, options, confirm dialogs, filters. Limits in characters.

Source: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.blocks.rules import (
    Fault,
    Place,
    Rule,
    Shape,
    at_least_one,
    boolean,
    link,
    listing,
    one_of,
    string,
)

PLAIN = ("plain_text",)
EITHER = ("plain_text", "mrkdwn")


def text(most: int, kinds: tuple[str, ...] = EITHER) -> Rule:
    """A text object of one of ``kinds`` with 1 to ``most`` characters."""
    own = {"plain_text": {"emoji": boolean}, "mrkdwn": {"verbatim": boolean}}

    def check(value: Any, at: Place) -> Iterator[Fault]:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(value, dict) and kind not in kinds:
            yield at.under("type").fault(f"must be one of: {', '.join(kinds)}")
            return
        shape = Shape({"type": one_of(*kinds), "text": string(most)}, own.get(str(kind), {}))
        yield from shape(value, at)

    return check


def option(kinds: tuple[str, ...] = PLAIN, *, with_url: bool = False) -> Rule:
    """One option; ``with_url`` in overflow menus only."""
    url: dict[str, Rule] = {"url": link("http", "https", "mailto", "slack")} if with_url else {}
    return Shape({"text": text(75, kinds), "value": string(150)}, {"description": text(75, kinds), **url})


CONFIRM = Shape(
    {"title": text(100, PLAIN), "text": text(300), "confirm": text(30, PLAIN), "deny": text(30, PLAIN)},
    {"style": one_of("primary", "danger")},
)

OPTION_GROUP = Shape({"label": text(75, PLAIN), "options": listing(option(), most=100)})

CONVERSATION_FILTER = Shape(
    optional={
        "include": listing(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    whole=(at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)

DISPATCH = Shape(
    {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), most=2)},
)

SLACK_FILE = Shape(
    optional={"id": string(255), "url": link("http", "https")},
    whole=(at_least_one("id", "url"),),
)
