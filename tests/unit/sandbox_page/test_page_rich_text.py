"""rich_text blocks as HTML."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.slack.page.reader import Reader
from sandbox.slack.page.rich_text import rich_text
from tests.unit.sandbox_page.reading import Read

READER = Reader(
    now=datetime(2026, 3, 2, 17, tzinfo=UTC),
    user="U1",
    people={"U1": "Ann"},
    channels={"C1": "ops"},
    groups={"S1": "on-call"},
)


def drawn(*elements: dict[str, Any]) -> str:
    return rich_text({"type": "rich_text", "elements": list(elements)}, READER)


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


@pytest.mark.parametrize(
    ("element", "html"),
    [
        ({"type": "text", "text": "a <b>\nc"}, "a &lt;b&gt;<br>c"),
        ({"type": "text", "text": "x", "style": {"bold": True, "italic": True}}, "<em><strong>x</strong></em>"),
        ({"type": "text", "text": "x", "style": {"strike": True, "code": True}}, "<s><code>x</code></s>"),
        ({"type": "emoji", "name": "tada"}, '<span class="emoji" title=":tada:">🎉</span>'),
        ({"type": "emoji", "name": "ours"}, '<span class="emoji" title=":ours:">:ours:</span>'),
        ({"type": "user", "user_id": "U1"}, '<span class="mention mention-me" data-user="U1">@Ann</span>'),
        ({"type": "usergroup", "usergroup_id": "S1"}, '<span class="mention" data-group="S1">@on-call</span>'),
        ({"type": "channel", "channel_id": "C1"}, '<a class="mention" href="/as/U1/c/C1" data-goto="C1">#ops</a>'),
        ({"type": "broadcast", "range": "here"}, '<span class="mention mention-me">@here</span>'),
        ({"type": "link", "url": "javascript:x", "text": "go"}, "<span>go</span>"),
        ({"type": "color", "value": "#ff0000"}, "<span>#ff0000</span>"),
        (
            {"type": "date", "timestamp": 1772474400, "format": "{time}", "fallback": "6 pm"},
            '<time datetime="2026-03-02T18:00:00+00:00" title="6 pm">6:00 PM</time>',
        ),
    ],
)
def test_each_piece_of_a_section(element: dict[str, Any], html: str) -> None:
    assert drawn(section(element)) == f'<div class="rich-text"><p>{html}</p></div>'


def test_lists_quotes_and_code() -> None:
    text = {"type": "text", "text": "x"}
    html = drawn(
        {"type": "rich_text_list", "style": "ordered", "offset": 2, "indent": 1, "elements": [section(text)]},
        {"type": "rich_text_list", "style": "bullet", "elements": [section(text)]},
        {"type": "rich_text_quote", "elements": [text]},
        {"type": "rich_text_preformatted", "elements": [text]},
    )
    assert '<ol start="3" class="indent-1"><li>x</li></ol>' in html
    assert '<ul class="indent-0"><li>x</li></ul>' in html
    assert "<blockquote>x</blockquote><pre><code>x</code></pre>" in html


def test_hostile_rich_text_stays_text() -> None:
    bad = "<script>x</script>"
    kinds = [
        {"type": kind, "text": bad, "name": bad, "url": bad, "user_id": bad, "range": bad}
        for kind in ("text", "emoji", "link", "user", "broadcast", bad)
    ]
    assert Read(drawn(section(*kinds))).dangers() == []
