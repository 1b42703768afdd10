"""The tree of errors that everything of ours ends in."""

from collections.abc import Iterator

import core.proof.errors  # noqa: F401  its errors join the tree when they are imported
from core.errors import ChaperoneError
from docs._ext.reference import markdown


def page() -> str:
    return markdown.page(
        "Errors",
        "Every error of Chaperone's own is one of these, and its text names the cure. The edge turns them into Slack "
        "answers and exit codes: 1 for a refusal, 2 for a fault of use or configuration.",
        "".join(_branch(ChaperoneError, depth=0)),
    )


def _branch(error: type[Exception], *, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}- `{error.__name__}`: {markdown.prose(error.__doc__)}\n"
    for each in error.__subclasses__():
        # Only core's: which others are loaded depends on what else the build has imported.
        if each.__module__.startswith("core."):
            yield from _branch(each, depth=depth + 1)
