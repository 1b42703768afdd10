"""A package's ``__all__`` is its public surface, whole: an accidental export fails here."""

import ast
from importlib import import_module
from inspect import ismodule

import pytest

from tests.architecture.source_tree import sources

PACKAGES = [
    each.name.removesuffix("/__init__.py").replace("/", ".")
    for each in sources("core", "integrations", "playbooks")
    if each.name.endswith("/__init__.py") and any(isinstance(node, ast.ImportFrom) for node in each.tree.body)
]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_exports_what_it_gathers_and_nothing_else(package: str) -> None:
    module = import_module(package)
    gathered = {name for name, value in vars(module).items() if not name.startswith("_") and not ismodule(value)}
    assert set(module.__all__) == gathered
