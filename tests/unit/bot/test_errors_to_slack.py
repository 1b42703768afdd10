"""What people are told of an error: our own words, a cure, a reference, nothing foreign."""

import pytest
from psycopg import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from bot.errors_to_slack import error_view, reference, text_for, will_pass
from core.errors import Conflict, NotFound, Permanent, Refused, Transient

TRACE = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("kind", [Refused, NotFound, Conflict])
def test_our_decisions_are_told_as_they_are(kind: type[Exception]) -> None:
    assert text_for(kind("Not you. Ask Ben."), trace=TRACE) == "Not you. Ask Ben."


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Transient("The directory does not answer."), "The directory does not answer. Nothing is lost"),
        (Permanent("Slack lacks a scope."), "Slack lacks a scope. If you cannot mend this"),
        (TimeoutError(), "look before you try again"),
        (OperationalError("host=db password=hunter2"), "cannot reach its database"),
        (PoolExhausted("QueuePool limit"), "cannot reach its database"),
        (ConnectionResetError("peer 10.0.0.1"), "cannot reach its database"),
        (ValueError("MRN 98765"), "Something went wrong inside Chaperone"),
        (KeyError("xoxb-secret"), "Something went wrong inside Chaperone"),
    ],
)
def test_everything_else_is_told_with_a_reference_and_without_foreign_words(error: Exception, says: str) -> None:
    text = text_for(error, trace=TRACE)
    assert says in text
    assert text.endswith("Reference: 01234567")
    for foreign in ("hunter2", "10.0.0.1", "98765", "xoxb", "QueuePool"):
        assert foreign not in text


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Transient("later"), True),
        (OperationalError(), True),
        (TimeoutError(), True),
        (Refused("no"), False),
        (ValueError(), False),
    ],
)
def test_only_what_may_pass_is_asked_for_again(error: Exception, passes: bool) -> None:
    assert will_pass(error) is passes


def test_a_modal_that_says_it_keeps_to_slacks_limits() -> None:
    view = error_view("x" * 5000, title="a title that is far too long for Slack")
    assert len(view["title"]["text"]) <= 24
    assert len(view["blocks"][0]["text"]["text"]) <= 3000


def test_the_reference_is_the_beginning_of_the_trace() -> None:
    assert TRACE.startswith(reference(TRACE))
