"""What stands between angle brackets in a Slack text: mentions, links, dates."""

from markupsafe import Markup

from sandbox.slack.page.dates import date_text
from sandbox.slack.page.emoji import with_emoji
from sandbox.slack.page.markup import tag
from sandbox.slack.page.reader import Reader

_FOLLOWED = ("https://", "http://", "mailto:", "tel:")
BROADCASTS = frozenset({"here", "channel", "everyone"})


def told(text: str) -> str:
    """The characters behind Slack's three escapes. Not HTML: whoever writes it into a page escapes it again."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def sequence(inside: str, reader: Reader) -> Markup:
    """One ``<...>``; ``inside`` has no brackets. What Slack does not know is shown as it was written."""
    target, bar, written = inside.partition("|")
    label = told(written) if bar and written else None
    match target[:1]:
        case "@":
            return person(target[1:], label, reader)
        case "#":
            return channel(target[1:], label, reader)
        case "!":
            return _special(target[1:], label, reader)
    return link(told(target), label)


def person(user: str, label: str | None, reader: Reader) -> Markup:
    name = reader.people.get(user) or label or "someone"
    mine = " mention-me" if user == reader.user else ""
    return tag("span", f"@{name.removeprefix('@')}", class_=f"mention{mine}", data_user=user)


def channel(channel_id: str, label: str | None, reader: Reader) -> Markup:
    """A link to a conversation that the reader may see; the others keep their name to themselves."""
    name = reader.channels.get(channel_id)
    if name is None:
        return tag("span", f"#{label}" if label else "🔒 private channel", class_="mention")
    return tag("a", f"#{name}", class_="mention", href=f"/as/{reader.user}/c/{channel_id}", data_goto=channel_id)


def group(group_id: str, label: str | None, reader: Reader) -> Markup:
    name = reader.groups.get(group_id) or label or "group"
    return tag("span", f"@{name.removeprefix('@')}", class_="mention", data_group=group_id)


def broadcast(name: str) -> Markup:
    return tag("span", f"@{name}", class_="mention mention-me")


def date(seconds: float, pattern: str, fallback: str, address: str | None, reader: Reader) -> Markup:
    """An instant in the reader's words; ``fallback`` where the pattern or the instant means nothing."""
    words = date_text(seconds, pattern, reader)
    if words is None:
        return tag("span", fallback)
    when = tag("time", words, datetime=reader.local(seconds).isoformat(), title=fallback or None)
    return link(address, when) if address else when


def link(address: str, label: str | Markup | None) -> Markup:
    """A link, or its words alone where the scheme is none that a person should follow."""
    shown = label if isinstance(label, Markup) else with_emoji(label or address.removeprefix("mailto:"))
    if not address.lower().startswith(_FOLLOWED):
        return tag("span", shown)
    return tag("a", shown, href=address, target="_blank", rel="noopener noreferrer nofollow")


def _special(name: str, label: str | None, reader: Reader) -> Markup:
    kind, *rest = name.split("^")
    if kind in BROADCASTS:
        return broadcast(kind)
    if kind == "subteam" and rest:
        return group(rest[0], label, reader)
    if kind == "date" and len(rest) > 1 and rest[0].removeprefix("-").isdecimal():
        return date(int(rest[0]), told(rest[1]), label or "", told(rest[2]) if len(rest) > 2 else None, reader)  # noqa: PLR2004  the link is the third part
    return tag("span", label or f"<!{name}>")
