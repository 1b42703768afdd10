"""rich_text blocks as HTML (docs.slack.dev/reference/block-kit/blocks/rich-text-block)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from sandbox.slack.page import control
from sandbox.slack.page.emoji import EMOJI
from sandbox.slack.page.markup import join, tag
from sandbox.slack.page.reader import Reader

Element = Mapping[str, Any]
_STYLES = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s"), ("underline", "u"))


def rich_text(block: Element, reader: Reader) -> Markup:
    """The block's sections, lists, quotes and preformatted texts, one under the other."""
    return tag("div", *(_part(part, reader) for part in block.get("elements", ())), class_="rich-text")


def _part(part: Element, reader: Reader) -> Markup:
    match part.get("type"):
        case "rich_text_list":
            return _list(part, reader)
        case "rich_text_quote":
            return tag("blockquote", _run(part, reader))
        case "rich_text_preformatted":
            return tag("pre", tag("code", _run(part, reader)))
    return tag("p", _run(part, reader))


def _list(part: Element, reader: Reader) -> Markup:
    ordered = part.get("style") == "ordered"
    items = [tag("li", _run(item, reader)) for item in part.get("elements", ())]
    start = int(part.get("offset", 0)) + 1 if ordered else None
    indent = min(int(part.get("indent", 0)), 8)
    return tag("ol" if ordered else "ul", *items, start=start, class_=f"indent-{indent}")


def _run(part: Element, reader: Reader) -> Markup:
    return join(*(_styled(piece, reader) for piece in part.get("elements", ())))


def _styled(piece: Element, reader: Reader) -> Markup:
    written = _PIECES.get(str(piece.get("type")), _unknown)(piece, reader)
    style = piece.get("style") or {}
    for name, element in _STYLES:
        written = tag(element, written) if style.get(name) else written
    return written


def _text(piece: Element, _reader: Reader) -> Markup:
    lines = str(piece.get("text", "")).split("\n")
    return Markup("<br>").join(lines)


def _emoji(piece: Element, _reader: Reader) -> Markup:
    name = str(piece.get("name", ""))
    return tag("span", EMOJI.get(name, f":{name}:"), class_="emoji", title=f":{name}:")


def _link(piece: Element, _reader: Reader) -> Markup:
    return control.link(str(piece.get("url", "")), piece.get("text") or None)


def _date(piece: Element, reader: Reader) -> Markup:
    pattern, fallback = str(piece.get("format", "")), str(piece.get("fallback", ""))
    return control.date(float(piece.get("timestamp", 0)), pattern, fallback, piece.get("url"), reader)


def _unknown(piece: Element, _reader: Reader) -> Markup:
    return tag("span", str(piece.get("text") or piece.get("value") or ""))


_PIECES: Mapping[str, Callable[[Element, Reader], Markup]] = MappingProxyType(
    {
        "text": _text,
        "emoji": _emoji,
        "link": _link,
        "date": _date,
        "user": lambda piece, reader: control.person(str(piece.get("user_id")), None, reader),
        "channel": lambda piece, reader: control.channel(str(piece.get("channel_id")), None, reader),
        "usergroup": lambda piece, reader: control.group(str(piece.get("usergroup_id")), None, reader),
        "broadcast": lambda piece, _reader: control.broadcast(str(piece.get("range"))),
    }
)
