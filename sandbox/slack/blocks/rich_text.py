"""The shape of rich text: sections, lists, quotes and code, and the runs inside them.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.slack.blocks.rules import Fault, Place, Rule, Shape, boolean, integer, link, listing, one_of, string

STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
STYLE = Shape(optional=dict.fromkeys(STYLES, boolean))


def _run(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Shape:
    return Shape({"type": string(), **required}, {"style": STYLE, **(optional or {})})


RUNS: Mapping[str, Shape] = {
    "text": _run({"text": string(40_000)}),
    "link": _run({"url": link("http", "https", "mailto", "slack")}, {"text": string(3000), "unsafe": boolean}),
    "emoji": _run({"name": string(255)}, {"unicode": string(255), "skin_tone": integer(1, 6), "url": string()}),
    "user": _run({"user_id": string(255)}),
    "channel": _run({"channel_id": string(255)}),
    "usergroup": _run({"usergroup_id": string(255)}),
    "team": _run({"team_id": string(255)}),
    "broadcast": _run({"range": one_of("here", "channel", "everyone")}),
    "color": _run({"value": string(255)}),
    "date": _run(
        {"timestamp": integer(0, 9_999_999_999), "format": string(255)}, {"url": string(), "fallback": string()}
    ),
}


def _inline(value: Any, at: Place) -> Iterator[Fault]:
    kind = str(value.get("type")) if isinstance(value, dict) else ""
    if kind not in RUNS:
        yield at.under("type").fault(f"unsupported type: {kind}")
        return
    yield from RUNS[kind](value, at)


_RUNS = listing(_inline, most=1000, least=0)
_SECTION = Shape({"type": one_of("rich_text_section"), "elements": _RUNS})
_BORDER = integer(0, 1)

PARTS: Mapping[str, Shape] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": Shape({"type": string(), "elements": _RUNS}, {"border": _BORDER}),
    "rich_text_preformatted": Shape(
        {"type": string(), "elements": _RUNS}, {"border": _BORDER, "language": string(255)}
    ),
    "rich_text_list": Shape(
        {"type": string(), "style": one_of("bullet", "ordered"), "elements": listing(_SECTION, most=1000)},
        {"indent": integer(0, 8), "offset": integer(0, 1_000_000), "border": _BORDER},
    ),
}


def part(value: Any, at: Place) -> Iterator[Fault]:
    """The rule for one element of a rich_text block."""
    kind = str(value.get("type")) if isinstance(value, dict) else ""
    if kind not in PARTS:
        yield at.under("type").fault(f"unsupported type: {kind}")
        return
    yield from PARTS[kind](value, at)
