"""Slack's mrkdwn as HTML (docs.slack.dev/messaging/formatting-message-text). People's text can never become markup."""

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

from markupsafe import Markup, escape

from sandbox.slack.page import control
from sandbox.slack.page.emoji import with_emoji
from sandbox.slack.page.markup import join, tag
from sandbox.slack.page.reader import Reader

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_KEPT = re.compile(r"`([^`\n]+)`|<([^<>\n]+)>|(https?://[^\s<>|\x00]*[^\s<>|\x00.,;:!?)\]'\"*_~])")
_EMPHASIS = re.compile(r"(?<![\w*~])([*_~])(?!\s)((?:(?!\1)[^\n])+)(?<!\s)\1(?!\w)")
_PLACE = re.compile(r"\x00(\d+)\x00")
_ELEMENT = {"*": "strong", "_": "em", "~": "s"}
_QUOTE = re.compile(r"(?:>|&gt;) ?")
_REST_QUOTE = re.compile(r"(?:>|&gt;){3} ?")
_BULLET = "• "


def mrkdwn(text: str, reader: Reader) -> Markup:
    """The text as a reader sees it."""
    pieces = _FENCE.split(text.replace("\x00", ""))
    return join(*(_fence(piece) if odd else _prose(piece, reader) for odd, piece in _alternate(pieces)))


def plain(text: str, *, emoji: bool = True) -> Markup:
    """A plain_text object's text: nothing is markup in it but emoji shortcodes and line ends."""
    return _lines([escape(with_emoji(line) if emoji else line) for line in text.split("\n")])


def _alternate(pieces: list[str]) -> Iterator[tuple[bool, str]]:
    return ((index % 2 == 1, piece) for index, piece in enumerate(pieces))


def _fence(code: str) -> Markup:
    return tag("pre", tag("code", control.told(code.strip("\n"))))


def _prose(text: str, reader: Reader) -> Markup:
    """Lines, with neighbouring quoted or bulleted ones put together."""
    lines = text.strip("\n").split("\n") if text.strip("\n") else []
    parts: list[Markup] = []
    while lines:
        taken, part = _block(lines, reader)
        parts.append(part)
        lines = lines[taken:]
    return join(*parts)


def _block(lines: list[str], reader: Reader) -> tuple[int, Markup]:
    if match := _REST_QUOTE.match(lines[0]):
        rest = [lines[0][match.end() :], *lines[1:]]
        return len(lines), tag("blockquote", _lines([_inline(line, reader) for line in rest]))
    if quoted := _while(lines, lambda line: _QUOTE.match(line) is not None):
        return len(quoted), tag(
            "blockquote", _lines([_inline(_QUOTE.sub("", line, count=1), reader) for line in quoted])
        )
    if items := _while(lines, lambda line: line.startswith(_BULLET)):
        return len(items), tag("ul", *(tag("li", _inline(line.removeprefix(_BULLET), reader)) for line in items))
    prose = _while(lines, lambda line: not line.startswith(_BULLET) and _QUOTE.match(line) is None)
    return len(prose), tag("p", _lines([_inline(line, reader) for line in prose]))


def _while(lines: list[str], holds: Callable[[str], bool]) -> list[str]:
    return list(takewhile(holds, lines))


def _inline(line: str, reader: Reader) -> Markup:
    """One line. Code, mentions and links are set aside first: emphasis may span them but never look into them."""
    kept: list[Markup] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_kept(match, reader))
        return f"\x00{len(kept) - 1}\x00"

    return _emphasis(_KEPT.sub(keep, line), kept)


def _kept(match: re.Match[str], reader: Reader) -> Markup:
    code, sequence, address = match.groups()
    if code is not None:
        return tag("code", control.told(code))
    if sequence is not None:
        return control.sequence(sequence, reader)
    return control.link(control.told(address), None)


def _emphasis(line: str, kept: list[Markup]) -> Markup:
    match = _EMPHASIS.search(line)
    if match is None:
        return _words(line, kept)
    inner = tag(_ELEMENT[match[1]], _emphasis(match[2], kept))
    return join(_words(line[: match.start()], kept), inner, _emphasis(line[match.end() :], kept))


def _words(text: str, kept: list[Markup]) -> Markup:
    pieces = _PLACE.split(text)
    return join(*(kept[int(piece)] if odd else control.told(with_emoji(piece)) for odd, piece in _alternate(pieces)))


def _lines(lines: list[Markup]) -> Markup:
    return Markup("<br>").join(lines)
