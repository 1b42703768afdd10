"""Blocks as a table: what each takes and which surfaces show it.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.slack.blocks.elements import EVERYWHERE, element
from sandbox.slack.blocks.rich_text import part
from sandbox.slack.blocks.rules import (
    Fault,
    Place,
    Rule,
    Shape,
    Surface,
    at_least_one,
    boolean,
    exactly_one,
    link,
    listing,
    string,
)
from sandbox.slack.blocks.texts import PLAIN, SLACK_FILE, text

MESSAGE: frozenset[Surface] = frozenset({"message"})
LIMIT: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
"""The most blocks that one surface shows."""


@dataclass(frozen=True)
class Block:
    """One row of the table."""

    shape: Shape
    surfaces: frozenset[Surface] = EVERYWHERE


def _context_item(value: Any, at: Place) -> Iterator[Fault]:
    rule: Rule = element if isinstance(value, dict) and value.get("type") == "image" else text(3000)
    yield from rule(value, at)


def _row(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Shape:
    return Shape({"type": string(), **required}, {"block_id": string(255), **(optional or {})})


BLOCKS: Mapping[str, Block] = {
    "divider": Block(_row({})),
    "header": Block(_row({"text": text(150, PLAIN)})),
    "section": Block(
        replace(
            _row(
                {},
                {
                    "text": text(3000),
                    "fields": listing(text(2000), most=10),
                    "accessory": element,
                    "expand": boolean,
                },
            ),
            whole=(at_least_one("text", "fields"),),
        )
    ),
    "context": Block(_row({"elements": listing(_context_item, most=10)})),
    "actions": Block(_row({"elements": listing(element, most=25)})),
    "input": Block(
        _row(
            {"label": text(2000, PLAIN), "element": element},
            {"hint": text(2000, PLAIN), "optional": boolean, "dispatch_action": boolean},
        )
    ),
    "image": Block(
        replace(
            _row(
                {"alt_text": string(2000)},
                {"image_url": link("http", "https"), "slack_file": SLACK_FILE, "title": text(2000, PLAIN)},
            ),
            whole=(exactly_one("image_url", "slack_file"),),
        )
    ),
    "video": Block(
        _row(
            {
                "alt_text": string(2000),
                "title": text(199, PLAIN),
                "thumbnail_url": link("http", "https"),
                "video_url": link("https"),
            },
            {
                "author_name": string(49),
                "description": text(199, PLAIN),
                "provider_name": string(255),
                "provider_icon_url": link("http", "https"),
                "title_url": link("https"),
            },
        )
    ),
    "markdown": Block(_row({"text": string(12_000)}), MESSAGE),
    "rich_text": Block(_row({"elements": listing(part, most=1000)})),
}


def block(value: Any, at: Place) -> Iterator[Fault]:
    """The rule for one block of a message or view."""
    if not isinstance(value, dict):
        yield at.fault("must provide an object")
        return
    kind = value.get("type")
    row = BLOCKS.get(kind) if isinstance(kind, str) else None
    if row is None:
        yield at.under("type").fault(f"unsupported type: {kind}")
    elif at.surface not in row.surfaces:
        yield at.fault(f"unsupported block: {kind} may not stand in a {at.surface}")
    else:
        yield from row.shape(value, replace(at, block=str(kind)))
