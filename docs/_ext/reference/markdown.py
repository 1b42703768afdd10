"""The little Markdown that the generated pages are made of."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table. Cells are Markdown; pipes and line ends in them are taken care of."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def code(text: object) -> str:
    """Inline code; nothing at all for an empty text."""
    return f"`{text}`" if str(text) else ""


def block(text: str, language: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


def prose(docstring: str | None) -> str:
    """The first paragraph of a docstring on one line, its double backticks as Markdown has them."""
    return " ".join((docstring or "").strip().partition("\n\n")[0].split()).replace("``", "`")


def page(title: str, about: str, *parts: str) -> str:
    return "\n".join([f"# {title}\n", f"{about}\n", *parts])


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
