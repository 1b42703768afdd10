"""Which interactive element is drawn by whom."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from markupsafe import Markup

from sandbox.slack.page.blocks.buttons import button, overflow
from sandbox.slack.page.blocks.choices import boxes, select
from sandbox.slack.page.blocks.fields import FIELDS
from sandbox.slack.page.blocks.picture import picture
from sandbox.slack.page.blocks.surface import Json, Slot, bare
from sandbox.slack.page.markup import tag

_PICKED_FROM = ("static", "external", "users", "conversations", "channels")
_SELECTS = [f"{many}{source}_select" for source in _PICKED_FROM for many in ("", "multi_")]


def _unknown(element: Json, _slot: Slot) -> Markup:
    text = f"The sandbox cannot show an element of type “{bare(element.get('type'))}”."
    return tag("span", text, class_="unsupported")


_ELEMENTS: Mapping[str, Callable[[Json, Slot], Markup]] = MappingProxyType(
    {
        **FIELDS,
        **dict.fromkeys(_SELECTS, select),
        "button": button,
        "workflow_button": button,
        "overflow": overflow,
        "checkboxes": boxes,
        "radio_buttons": boxes,
        "image": lambda image, _slot: picture(image),
    }
)


def element(block_element: Json, slot: Slot) -> Markup:
    """One interactive element, or an accessory image."""
    return _ELEMENTS.get(str(block_element.get("type")), _unknown)(block_element, slot)
