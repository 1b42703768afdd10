"""Block Kit as HTML: pure functions from a block to markup, everything escaped."""

from collections.abc import Iterable

from markupsafe import Markup

from sandbox.slack.page.blocks.choices import option_item
from sandbox.slack.page.blocks.layout import render
from sandbox.slack.page.blocks.surface import Json, Slot, Surface
from sandbox.slack.page.markup import join

__all__ = ["Slot", "Surface", "option_item", "render_blocks"]


def render_blocks(blocks: Iterable[Json], surface: Surface) -> Markup:
    """The blocks, one under the other. A block that the sandbox cannot show says so in its place."""
    return join(*(render(block, surface) for block in blocks))
