"""Images, as far as they lie on this machine: the sandbox fetches nothing from elsewhere."""

from markupsafe import Markup

from sandbox.slack.page.blocks.surface import Json, bare
from sandbox.slack.page.markup import tag


def picture(image_object: Json) -> Markup:
    """The image where it lies on this machine; its alt text where it would have to be fetched from elsewhere."""
    address, alt = str(image_object.get("image_url") or ""), bare(image_object.get("alt_text"))
    here = address.startswith("data:image/") or (address.startswith("/") and not address.startswith(("//", "/\\")))
    if here:
        return tag("img", src=address, alt=alt, class_="picture")
    words = alt or "image"
    return tag("span", words, role="img", aria_label=words, class_="picture-alt", title=address or None)
