"""Reads HTML back: which elements and attributes there are, and what a person would read."""

from html.parser import HTMLParser

FOLLOWED = ("https://", "http://", "mailto:", "tel:", "/", "#")


class Read(HTMLParser):
    """``elements`` are (name, attributes) in order; ``text`` is everything between the tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(str(html))  # Markup would escape what is added to it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def one(self, **wanted: str) -> dict[str, str]:
        """The attributes of the only element that has the wanted ones (``data_action_id`` for data-action-id)."""
        asked = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        found = [attributes for _, attributes in self.elements if asked.items() <= attributes.items()]
        assert len(found) == 1, (asked, found)
        return found[0]

    def dangers(self) -> list[str]:
        """What would run or load something that the page did not mean to."""
        found = [name for name, _ in self.elements if name in {"script", "iframe", "object", "style", "link", "form"}]
        for _, attributes in self.elements:
            found += [name for name in attributes if name.startswith("on") or name in {"style", "srcdoc", "formaction"}]
            address = attributes.get("href", "/")
            found += [address] if not address.lower().startswith(FOLLOWED) else []
        return found
