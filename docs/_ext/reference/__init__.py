"""Reference pages written from the code whenever the documentation is built."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata

from docs._ext.reference import command_line, errors, house_file, manifest, metrics, settings, transition_tables

PAGES: Mapping[str, Callable[[], str]] = {
    "lifecycles": transition_tables.lifecycles_page,
    "events": transition_tables.events_page,
    "command-line": command_line.page,
    "settings": settings.page,
    "chaperone-yaml": house_file.page,
    "slack-manifest": manifest.page,
    "errors": errors.page,
    "metrics": metrics.page,
}
"""Each page's name below ``reference/generated`` and the function that answers its Markdown."""


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("builder-inited", _write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        _write(folder / f"{name}.md", _made(name, page))


def _made(name: str, page: Callable[[], str]) -> str:
    try:
        return page()
    except (ImportError, AttributeError) as error:
        text = f"reference/generated/{name}.md is written from the code, and the code is not as expected: {error}."
        raise ExtensionError(f"{text} Mend the code or docs/_ext/reference.", error) from error


def _write(file: Path, text: str) -> None:
    # An unchanged page keeps its time, so that Sphinx reads again only what is new.
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
