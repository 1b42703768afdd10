"""Slack's text format as HTML, in tables; and what hostile people might type."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack.page.mrkdwn import mrkdwn, plain
from sandbox.slack.page.reader import Reader
from tests.unit.sandbox_page.reading import Read

READER = Reader(
    now=datetime(2026, 3, 2, 17, tzinfo=UTC),
    user="U1",
    people={"U1": "Ann Lee", "U2": "<b>Ben</b>"},
    channels={"C1": "ops"},
    groups={"S1": "on-call"},
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "<p>plain</p>"),
        ("*bold*", "<p><strong>bold</strong></p>"),
        ("_italic_ ~gone~", "<p><em>italic</em> <s>gone</s></p>"),
        ("*bold _and italic_*", "<p><strong>bold <em>and italic</em></strong></p>"),
        ("2*3*4 and snake_case_name", "<p>2*3*4 and snake_case_name</p>"),
        ("* not bold *", "<p>* not bold *</p>"),
        ("**neither**", "<p>**neither**</p>"),
        ("a\nb", "<p>a<br>b</p>"),
        ("`*code*`", "<p><code>*code*</code></p>"),
        ("`a < b &amp;&amp; c`", "<p><code>a &lt; b &amp;&amp; c</code></p>"),
        ("```one\n*two*```", "<pre><code>one\n*two*</code></pre>"),
        ("before ```code``` after", "<p>before </p><pre><code>code</code></pre><p> after</p>"),
        ("> said\n&gt; more\nme", "<blockquote>said<br>more</blockquote><p>me</p>"),
        (">>> all\nof it", "<blockquote>all<br>of it</blockquote>"),
        ("• one\n• *two*", "<ul><li>one</li><li><strong>two</strong></li></ul>"),
        ("done :white_check_mark: :wave::skin-tone-3: :unknown: 10:30:20", "<p>done ✅ 👋 :unknown: 10:30:20</p>"),
        ("&lt;b&gt; &amp;amp;", "<p>&lt;b&gt; &amp;amp;</p>"),
        ("", ""),
    ],
)
def test_text_becomes_the_markup_that_slack_shows(text: str, html: str) -> None:
    assert mrkdwn(text, READER) == html


@pytest.mark.parametrize(
    ("text", "words", "attributes"),
    [
        ("<@U1>", "@Ann Lee", {"class": "mention mention-me", "data-user": "U1"}),
        ("<@U2>", "@<b>Ben</b>", {"class": "mention", "data-user": "U2"}),
        ("<@U9|zoe>", "@zoe", {"class": "mention", "data-user": "U9"}),
        ("<@U9>", "@someone", {"class": "mention", "data-user": "U9"}),
        ("<#C1>", "#ops", {"class": "mention", "href": "/as/U1/c/C1", "data-goto": "C1"}),
        ("<#C9>", "🔒 private channel", {"class": "mention"}),
        ("<!subteam^S1|@old-name>", "@on-call", {"class": "mention", "data-group": "S1"}),
        ("<!here>", "@here", {"class": "mention mention-me"}),
        ("<!channel|channel>", "@channel", {"class": "mention mention-me"}),
        ("<!nonsense>", "<!nonsense>", {}),
    ],
)
def test_mentions_show_todays_names(text: str, words: str, attributes: dict[str, str]) -> None:
    read = Read(mrkdwn(text, READER))
    assert read.text == words
    assert read.elements[1][1] == attributes


@pytest.mark.parametrize(
    ("text", "words", "address"),
    [
        ("<https://a.example/x?y=1&amp;z=2|here>", "here", "https://a.example/x?y=1&z=2"),
        ("<https://a.example>", "https://a.example", "https://a.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example", "mailto:a@b.example"),
        ("see https://a.example/x_y_z.", "see https://a.example/x_y_z.", "https://a.example/x_y_z"),
        ("*<https://a.example|bold>*", "bold", "https://a.example"),
    ],
)
def test_links_open_elsewhere_and_carry_no_referrer(text: str, words: str, address: str) -> None:
    read = Read(mrkdwn(text, READER))
    assert read.text == words
    assert read.one(href=address) | {"href": address} == {
        "href": address,
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<javascript:alert(1)|click>",
        "<JaVaScRiPt:alert(1)>",
        "<data:text/html,x|click>",
        '<https://a.example/" onmouseover="x|*l*>',
        '<@U1" onclick="x>',
        "<@U9|<img src=x onerror=alert(1)>>",
        "`</code><script>`",
        "```</pre><script>x</script>```",
        "<!date^1^{date}^javascript:alert(1)|x>",
        "<!subteam^S9|<script>>",
        "\x000\x00 <@U1>",
        "\x007\x00",
    ],
)
def test_hostile_text_stays_text(text: str) -> None:
    assert Read(mrkdwn(text, READER)).dangers() == []


@given(st.text(st.sampled_from("<>&\"'`*_~|!@#^:/\n\x00 ascript=on0{}•"), max_size=80))
def test_no_mixture_of_signs_becomes_dangerous(text: str) -> None:
    assert Read(mrkdwn(text, READER)).dangers() == []


def test_plain_text_has_emoji_and_lines_but_no_markup() -> None:
    assert plain("*a* <b>\n:key:") == "*a* &lt;b&gt;<br>🔑"
    assert plain(":key:", emoji=False) == ":key:"
