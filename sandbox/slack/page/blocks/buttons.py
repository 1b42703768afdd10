"""Buttons and overflow menus."""

from markupsafe import Markup

from sandbox.slack.page.blocks.surface import Json, Slot, bare, confirmation, words
from sandbox.slack.page.markup import tag

_STYLED = {"primary": "btn btn-primary", "danger": "btn btn-danger"}
_FOLLOWED = ("https://", "http://")


def button(element: Json, slot: Slot) -> Markup:
    """A button, or a link that looks like one and tells the app as well."""
    reader = slot.surface.reader
    address = str(element.get("url") or "")
    link = address.lower().startswith(_FOLLOWED)
    return tag(
        "a" if link else "button",
        words(element.get("text"), reader),
        confirmation(element, reader),
        class_=_STYLED.get(str(element.get("style")), "btn"),
        type=None if link else "button",
        href=address if link else None,
        target="_blank" if link else None,
        rel="noopener noreferrer" if link else None,
        aria_label=element.get("accessibility_label"),
        data_element=True,
        data_type=element.get("type", "button"),
        data_action_id=slot.action_id,
        data_block_id=slot.block_id,
        data_value=element.get("value"),
    )


def overflow(element: Json, slot: Slot) -> Markup:
    """The menu behind three dots."""
    menu = f"{slot.html_id}-menu"
    opener = tag(
        "button",
        "⋯",
        type="button",
        class_="btn btn-icon",
        aria_label=slot.label or "More actions",
        aria_haspopup="menu",
        aria_expanded="false",
        aria_controls=menu,
        data_menu=True,
    )
    items = [_item(option, slot) for option in element.get("options", ())]
    return tag(
        "div",
        opener,
        tag("div", *items, id=menu, role="menu", class_="menu", hidden=True),
        confirmation(element, slot.surface.reader),
        class_="overflow",
        data_element=True,
        data_type="overflow",
        data_action_id=slot.action_id,
        data_block_id=slot.block_id,
    )


def _item(option: Json, slot: Slot) -> Markup:
    note = option.get("description")
    return tag(
        "button",
        words(option.get("text"), slot.surface.reader),
        tag("small", bare(note)) if note else None,
        type="button",
        role="menuitem",
        tabindex="-1",
        data_value=option.get("value"),
    )
