"""The one place where an exception becomes text for a person: what happened, the cure, and a reference to quote."""

from typing import Any

from psycopg import OperationalError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from core.errors import ChaperoneError, Permanent, Transient

DATABASE_LOST = (OperationalError, DBAPIError, PoolExhausted, ConnectionError)
"""What the database's absence looks like, through the driver and through SQLAlchemy."""

_REFERENCE = 8
_LONGEST_TITLE = 24  # https://docs.slack.dev/reference/views/modal-views


def text_for(error: BaseException, *, trace: str) -> str:
    """Two or three sentences. Texts that are not ours are never quoted: they may carry values out of rows."""
    match error:
        case TimeoutError():
            said = "This took longer than Slack waits. It may or may not have been taken: look before you try again."
        case Transient():
            said = f"{error} Nothing is lost: try again in a moment."
        case Permanent():
            said = f"{error} If you cannot mend this yourself, tell whoever keeps Chaperone."
        case ChaperoneError():
            return str(error)
        case _ if isinstance(error, DATABASE_LOST):
            said = "Chaperone cannot reach its database. Try again in a minute: what was taken is not taken twice."
        case _:
            said = "Something went wrong inside Chaperone. Try again; if it stays, tell whoever keeps Chaperone."
    return f"{said} Reference: {reference(trace)}"


def reference(trace: str) -> str:
    """The beginning of the trace id: short enough to be read aloud, long enough to be found in the log."""
    return trace[:_REFERENCE]


def will_pass(error: BaseException) -> bool:
    """Whether the same payload may succeed when Slack sends it again."""
    return isinstance(error, (Transient, TimeoutError, *DATABASE_LOST))


def error_view(text: str, *, title: str = "Not done") -> dict[str, Any]:
    """A modal that says it, for a form that has no field at which to say it."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title[:_LONGEST_TITLE]},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}],
    }
