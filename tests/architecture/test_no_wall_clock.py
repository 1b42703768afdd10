"""Only core/clock.py reads time: everywhere else the clock is injected, or tests and the sandbox could not travel."""

import ast

import pytest

from tests.architecture.source_tree import PRODUCT, Source, sources

READS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}
"""Reading a stopwatch (``monotonic``, ``perf_counter``) is no reading of time."""


def readings(source: Source) -> list[str]:
    imported = {
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in READS["time"]
    }
    expressions = (node for node in ast.walk(source.tree) if isinstance(node, ast.expr))
    return [f"{source.name}:{node.lineno}" for node in expressions if _reads(node, imported)]


def _reads(node: ast.expr, imported: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in imported
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attribute):
            return attribute in READS.get(owner, set())
    return False


def test_only_the_clock_reads_time() -> None:
    found = {line.partition(":")[0]: line for source in sources(*PRODUCT) for line in readings(source)}
    assert set(found) == {"core/clock.py"}, list(found.values())


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "dt.datetime.utcnow()",
        "time.time()",
        "from time import time as wall\nwall()",
        "field(default_factory=datetime.now)",
        "datetime.date.today()",
    ],
)
def test_a_reading_is_noticed(code: str) -> None:
    assert readings(Source("some.py", code, ast.parse(code)))


@pytest.mark.parametrize("code", ["time.monotonic()", "clock.now()", "from time import perf_counter\nperf_counter()"])
def test_a_stopwatch_and_the_clock_are_fine(code: str) -> None:
    assert not readings(Source("some.py", code, ast.parse(code)))
