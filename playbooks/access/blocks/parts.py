"""The small pieces that every card is made of: escaped text, dates, durations, buttons."""

from datetime import datetime, timedelta
from typing import Any

from core.policy import in_words

Block = dict[str, Any]

SECTION_LIMIT = 3000
"""Characters in a section's text (Slack's block reference)."""


def plain(text: str) -> str:
    """Text from people, so that nobody can forge a mention or a link with it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short(text: str, limit: int) -> str:
    """At most ``limit`` characters, visibly cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def moment(at: datetime) -> str:
    """An instant in the reader's own zone, with UTC where dates are not rendered."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def length(duration: timedelta) -> str:
    return in_words(duration)


def mention(slack_user: str | None, name: str) -> str:
    return f"<@{slack_user}>" if slack_user else plain(name)


def section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": short(text, SECTION_LIMIT)}}


def facts(pairs: list[tuple[str, str]]) -> Block:
    """Labelled values in two columns; at most ten (Slack's limit), each cut to what fits."""
    fields = [{"type": "mrkdwn", "text": short(f"*{label}*\n{value}", 2000)} for label, value in pairs[:10]]
    return {"type": "section", "fields": fields}


def context(*texts: str) -> Block:
    elements = [{"type": "mrkdwn", "text": short(text, SECTION_LIMIT)} for text in texts]
    return {"type": "context", "elements": elements}


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": short(text, 150)}}


def button(
    text: str, action_id: str, value: str, *, style: str = "", confirm: Block | None = None, label: str = ""
) -> Block:
    """``label`` is read by screen readers where the text alone does not say about whom or what."""
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action_id,
        "value": value,
    }
    made |= {"style": style} if style else {}
    made |= {"confirm": confirm} if confirm else {}
    return made | ({"accessibility_label": short(label, 75)} if label else {})


def confirm(title: str, text: str, yes: str, *, danger: bool = False) -> Block:
    asked: Block = {
        "title": {"type": "plain_text", "text": short(title, 100)},
        "text": {"type": "mrkdwn", "text": short(text, 300)},
        "confirm": {"type": "plain_text", "text": short(yes, 30)},
        "deny": {"type": "plain_text", "text": "Go back"},
    }
    return asked | ({"style": "danger"} if danger else {"style": "primary"})


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}
