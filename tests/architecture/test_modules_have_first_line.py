"""One line at the top of each module says what lives there."""

import ast

from tests.architecture.source_tree import PRODUCT, Source, sources

MODULES = [each for each in sources(*PRODUCT, "sandbox", "benchmarks", "tests", "docs") if each.text.strip()]


def says_in_one_line(source: Source) -> bool:
    """Whether the docstring is one line, or one line with a blank line below it."""
    first, *others = (ast.get_docstring(source.tree) or "").split("\n")
    return bool(first) and (not others or others[0] == "")


def test_every_module_says_in_one_line_what_lives_there() -> None:
    assert [each.name for each in MODULES if not says_in_one_line(each)] == []


def test_a_line_that_runs_on_is_noticed() -> None:
    assert not says_in_one_line(Source("some.py", "", ast.parse('"""Runs on\nand on."""')))
