"""``advance()`` is the only writer of a status. The database refuses others as well; this finds them while writing."""

import ast
import re

import pytest

from tests.architecture.source_tree import PRODUCT, Source, sources

THE_WRITER = "core/ledger/advance.py"
SQL = re.compile(
    r"\bUPDATE\s+\S+\s+(AS\s+\w+\s+)?SET\b(?:(?!\bWHERE\b).)*\bstatus\s*=|\bINSERT\s+INTO\s+\S+\s*\([^)]*\bstatus\b",
    re.IGNORECASE | re.DOTALL,
)


def writes(source: Source) -> list[str]:
    statements = [line for line, text in source.texts() if SQL.search(text)]
    return [f"{source.name}:{line}" for line in statements + [n.lineno for n in _through_the_orm(source.tree)]]


def _through_the_orm(tree: ast.Module) -> list[ast.stmt | ast.expr]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr) and _assigns(node)]


def _assigns(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=targets):
            return any(isinstance(each, ast.Attribute) and each.attr == "status" for each in targets)
        case ast.AugAssign(target=ast.Attribute(attr="status")) | ast.AnnAssign(target=ast.Attribute(attr="status")):
            return True
        case ast.Call(func=ast.Attribute(attr="values"), keywords=keywords):
            return any(each.arg == "status" for each in keywords)
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="status"), *_]):
            return True
    return False


def test_nothing_but_advance_writes_a_status() -> None:
    assert [found for each in sources(*PRODUCT) if each.name != THE_WRITER for found in writes(each)] == []


def test_advance_itself_would_be_found() -> None:
    (writer,) = (each for each in sources("core") if each.name == THE_WRITER)
    assert len(writes(writer)) == len({"its INSERT", "its UPDATE"})


@pytest.mark.parametrize(
    "code",
    [
        "'UPDATE access_grant SET claim = NULL, status = $1 WHERE id = $2'",
        "f'UPDATE {table} SET status = {value}'",
        "'insert into access_grant (id, status) values (1, 2)'",
        "grant.status = 'active'",
        "update(AccessGrant).values(status='active')",
        "setattr(grant, 'status', 'active')",
    ],
)
def test_a_write_is_noticed(code: str) -> None:
    assert writes(Source("some.py", code, ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "'UPDATE access_grant SET claim = $1 WHERE id = $2 AND status = $3'",
        "'SELECT id FROM access_grant WHERE status = 1'",
        "status = grant.status",
    ],
)
def test_reading_a_status_is_fine(code: str) -> None:
    assert not writes(Source("some.py", code, ast.parse(code)))
