"""Log lines: JSON, traced, without secrets and stack traces."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from bot import logs
from core.trace import traced


@pytest.fixture
def lines() -> Any:
    """The log set up as in a process; call it for the lines so far."""
    stream = io.StringIO()
    logs.configure(logging.INFO, process="web", stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_is_json_with_its_process_and_its_trace(lines: Any) -> None:
    with traced("ab" * 16):
        structlog.get_logger().info("slack.payload", kind="command")
    structlog.get_logger().info("process.ended")
    inside, outside = lines()
    assert inside | {"timestamp": ""} == {
        "event": "slack.payload",
        "kind": "command",
        "level": "info",
        "process": "web",
        "timestamp": "",
        "trace": "ab" * 16,
    }
    assert "trace" not in outside


def test_levels_below_the_chosen_one_are_left_out(lines: Any) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("botocore.endpoint").info("quiet too")
    assert lines() == []


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234-abcd",
        "xoxe.xoxb-1-abc",
        "xapp-1-A0-xyz",
        "hvs.CAESIJ",
        "AKIAIOSFODNN7EXAMPLE",
        "PRIVATE+KEY+log+0123+AAAA",
        "Bearer abcdefgh",
    ],
)
def test_what_looks_like_a_secret_is_taken_out_wherever_it_hides(lines: Any, secret: str) -> None:
    structlog.get_logger().info("x", a=f"before {secret} after", b={"c": [secret]}, d=(secret,))
    logging.getLogger("library").warning("it said %s", secret)
    assert secret not in json.dumps(lines())
    assert lines()[0]["a"].startswith("before [redacted]")


def test_a_password_in_a_url_and_a_secret_by_name_are_taken_out(lines: Any) -> None:
    structlog.get_logger().info("x", url="postgresql://ana:hunter2@db:5432/ehr", signing_secret="plain words")
    (line,) = lines()
    assert line["url"] == "postgresql://[redacted]@db:5432/ehr"
    assert line["signing_secret"] == "[redacted]"


def test_an_error_is_named_and_its_stack_and_words_are_left_out(lines: Any) -> None:
    try:
        int("MRN 12345")
    except ValueError:
        logging.getLogger("library").exception("it failed")
        structlog.get_logger().exception("ours")
        structlog.get_logger().info("given", exc_info=ValueError("MRN 12345"))
    for line in lines():
        assert line["error"] == "ValueError"
        assert "12345" not in json.dumps(line)
        assert "Traceback" not in json.dumps(line)


def test_a_terminal_gets_lines_for_people() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    logs.configure(logging.INFO, process="check", stream=stream)
    structlog.get_logger().info("hello.there", number=5)
    assert "hello.there" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
