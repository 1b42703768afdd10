"""The layout blocks: what stands where in a message, a modal or a Home tab."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from markupsafe import Markup

from sandbox.slack.page.blocks.elements import element
from sandbox.slack.page.blocks.picture import picture
from sandbox.slack.page.blocks.surface import Json, Slot, Surface, bare, html_id, words
from sandbox.slack.page.markup import tag
from sandbox.slack.page.mrkdwn import plain
from sandbox.slack.page.rich_text import rich_text


def section(block: Json, surface: Surface) -> Markup:
    reader = surface.reader
    fields = [tag("div", words(field, reader), class_="field-cell") for field in block.get("fields") or ()]
    text = tag("div", words(block["text"], reader), class_="section-text") if block.get("text") else None
    accessory = block.get("accessory")
    return tag(
        "div",
        tag("div", text, tag("div", *fields, class_="fields") if fields else None, class_="section-main"),
        tag("div", element(accessory, _slot(block, accessory, surface)), class_="accessory") if accessory else None,
        class_="block block-section",
    )


def header(block: Json, surface: Surface) -> Markup:
    return tag("h3", words(block.get("text"), surface.reader), class_="block block-header")


def divider(_block: Json, _surface: Surface) -> Markup:
    return tag("hr", class_="block block-divider")


def context(block: Json, surface: Surface) -> Markup:
    parts = [
        picture(part) if part.get("type") == "image" else tag("div", words(part, surface.reader), class_="context-text")
        for part in block.get("elements", ())
    ]
    return tag("div", *parts, class_="block block-context")


def actions(block: Json, surface: Surface) -> Markup:
    parts = [element(part, _slot(block, part, surface)) for part in block.get("elements", ())]
    return tag("div", *parts, class_="block block-actions", role="group", aria_label="Actions")


def image(block: Json, surface: Surface) -> Markup:
    title = block.get("title")
    caption = tag("figcaption", words(title, surface.reader)) if title else None
    return tag("figure", caption, picture(block), class_="block block-image")


def input_block(block: Json, surface: Surface) -> Markup:
    """A labelled field with its hint and, after a refused submission, its error."""
    inner = block.get("element") or {}
    block_id, required = str(block.get("block_id", "")), not block.get("optional", False)
    error, hint = surface.errors.get(block_id), block.get("hint")
    base = html_id(surface.name, block_id, str(inner.get("action_id", "")))
    notes = [f"{base}-error" if error else "", f"{base}-hint" if hint else ""]
    slot = Slot(
        surface,
        block_id,
        str(inner.get("action_id", "")),
        described_by=" ".join(note for note in notes if note) or None,
        invalid=error is not None,
        required=required,
        dispatches=bool(block.get("dispatch_action")),
    )
    return tag(
        "div",
        _label(block, surface, base, required=required, grouped=inner.get("type") in ("checkboxes", "radio_buttons")),
        element(inner, slot),
        tag("p", error, id=f"{base}-error", class_="field-error", data_error=True) if error else None,
        tag("p", words(hint, surface.reader), id=f"{base}-hint", class_="field-hint") if hint else None,
        class_="block block-input has-error" if error else "block block-input",
    )


def _label(block: Json, surface: Surface, base: str, *, required: bool, grouped: bool) -> Markup:
    text = words(block.get("label"), surface.reader)
    optional = None if required else tag("span", " (optional)", class_="optional")
    name, target = ("span", None) if grouped else ("label", base)
    return tag(name, text, optional, id=f"{base}-label", class_="label", for_=target)


def _slot(block: Json, inner: Json, surface: Surface) -> Slot:
    label = inner.get("accessibility_label") or bare(inner.get("placeholder")) or bare(block.get("text")) or None
    short = label.split("\n")[0][:75] if label else None
    return Slot(surface, str(block.get("block_id", "")), str(inner.get("action_id", "")), label=short)


def _markdown(block: Json, _surface: Surface) -> Markup:
    return tag("div", plain(str(block.get("text", ""))), class_="block block-section")


def _rich_text(block: Json, surface: Surface) -> Markup:
    return tag("div", rich_text(block, surface.reader), class_="block block-rich-text")


def _unknown(block: Json, _surface: Surface) -> Markup:
    return tag("p", f"The sandbox cannot show a block of type “{block.get('type')}”.", class_="block unsupported")


_BLOCKS: Mapping[str, Callable[[Json, Surface], Markup]] = MappingProxyType(
    {
        "section": section,
        "header": header,
        "divider": divider,
        "context": context,
        "actions": actions,
        "image": image,
        "input": input_block,
        "rich_text": _rich_text,
        "markdown": _markdown,
    }
)


def render(block: Json, surface: Surface) -> Markup:
    """One block, in a wrapper that names it."""
    return tag(
        "div",
        _BLOCKS.get(str(block.get("type")), _unknown)(block, surface),
        class_="block-wrap",
        data_key=f"block-{block['block_id']}" if block.get("block_id") else None,
        data_block_id=block.get("block_id"),
        data_block_type=block.get("type"),
    )
