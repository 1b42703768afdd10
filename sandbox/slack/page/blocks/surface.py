"""Where blocks stand: a message, a modal or a Home tab, with what is typed and wrong there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import Any, Literal

from markupsafe import Markup

from sandbox.slack.page.markup import tag
from sandbox.slack.page.mrkdwn import mrkdwn, plain
from sandbox.slack.page.reader import Reader

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Surface:
    """``name`` (a message's ts, a view's id) keeps its HTML ids apart from those of other surfaces.

    ``values`` is Slack's state shape (block id, action id, state); ``errors`` goes from block id to text.
    ``people`` and ``conversations`` are the (id, name) pairs that the pickers offer.
    """

    reader: Reader
    kind: Literal["message", "modal", "home"] = "message"
    name: str = ""
    values: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[tuple[str, str]] = ()
    conversations: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Slot:
    """One element's place in its block. ``label`` names it for assistive technology where no label element does."""

    surface: Surface
    block_id: str
    action_id: str = ""
    label: str | None = None
    described_by: str | None = None
    invalid: bool = False
    required: bool = False
    dispatches: bool = True

    @property
    def html_id(self) -> str:
        """Safe in an attribute and in aria-describedby, whatever the app chose as ids."""
        return html_id(self.surface.name, self.block_id, self.action_id)

    @property
    def state(self) -> Json | None:
        """What the person has chosen or typed since the app sent the element, if anything."""
        return self.surface.values.get(self.block_id, {}).get(self.action_id)


def html_id(*parts: str) -> str:
    return "i" + blake2s("\x1f".join(parts).encode(), digest_size=6).hexdigest()


def words(text: Json | str | None, reader: Reader) -> Markup:
    """A text object as HTML: mrkdwn or plain_text."""
    if not isinstance(text, Mapping):
        return plain(text or "")
    written = str(text.get("text", ""))
    if text.get("type") == "mrkdwn":
        return mrkdwn(written, reader)
    return plain(written, emoji=text.get("emoji", True) is not False)


def bare(text: Json | str | None) -> str:
    """A text object's characters, for attributes."""
    return str(text.get("text", "")) if isinstance(text, Mapping) else str(text or "")


def confirmation(element: Json, reader: Reader) -> Markup | None:
    """The dialog that an element asks for first; the page clones it from the template when the time comes."""
    confirm = element.get("confirm")
    if not confirm:
        return None
    danger = confirm.get("style") == "danger"
    heading = tag("h2", words(confirm.get("title"), reader), class_="dialog-title")
    body = tag("div", words(confirm.get("text"), reader), class_="dialog-body")
    deny = tag("button", words(confirm.get("deny"), reader), type="button", class_="btn", data_deny=True)
    kind = "btn btn-danger" if danger else "btn btn-primary"
    agree = tag("button", words(confirm.get("confirm"), reader), type="button", class_=kind, data_agree=True)
    return tag("template", heading, body, tag("div", deny, agree, class_="dialog-foot"), data_confirm=True)
