"""Slack's mrkdwn as a terminal can show it: names for mentions, words for dates, signs for emoji."""

import html
import re
from collections.abc import Mapping

from sandbox.slack.page.emoji import with_emoji

_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_MENTION = re.compile(r"<@(\w+)>")
_EMPHASIS = re.compile(r"(?<!\w)[*_`]([^*_`\n]+)[*_`](?!\w)")


def readable(text: str, names: Mapping[str, str]) -> str:
    """``names``: people's names by Slack id."""
    text = _DATE.sub(r"\1", text)
    text = _MENTION.sub(lambda match: names.get(match[1], match[1]), text)
    return html.unescape(with_emoji(_EMPHASIS.sub(r"\1", text)))
