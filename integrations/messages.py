"""How playbooks ask for messages: lane rows in their own transaction, and the jobs that draw them. Names no vendor."""

from datetime import datetime
from typing import Protocol

from core.database.connections import Connection
from core.jobs import Job
from integrations.ports import Messenger, Posted

DRAW_JOB = "message.draw"
TELL_JOB = "message.tell"
HOME_JOB = "home.draw"

HOME_PREFIX = "home"
"""The kind of lane that is a person's Home tab: ``home:<user id>``."""

LANE_INSERT = """
INSERT INTO message_lane (lane, subject, channel) VALUES (%(lane)s, %(subject)s, %(channel)s)
ON CONFLICT (lane) DO NOTHING
"""
"""Opens a lane. A lane that is open already stays as it is."""


class ThreadMessenger(Messenger, Protocol):
    """A messenger that can also look for a lane's message inside a thread, where a channel's history does not reach."""

    async def find(
        self, channel: str, *, lane: str, since: datetime, thread_ts: str | None = None
    ) -> Posted | None: ...


async def open_lane(connection: Connection, *, lane: str, subject: str, channel: str) -> None:
    """Open a lane as part of the transaction on this connection; ``draw_job(subject)`` then draws it.

    ``lane`` is ``<kind>:<key>``: the kind names the drawer, the key is what the drawer is given. ``channel`` is a
    channel id, or a user id for a direct message.
    """
    await connection.execute(LANE_INSERT, {"lane": lane, "subject": subject, "channel": channel})


def draw_job(subject: str) -> Job:
    """Draw every message of the subject as it should look now.

    Without a ``once`` key on purpose: a job that is running may have read its rows before the present change.
    """
    return Job(DRAW_JOB, {"subject": subject})


def sweep_job(subject: str) -> Job:
    """The same for the periodic sweep: while Slack is away, sweeps do not pile up jobs that try for ever."""
    return Job(DRAW_JOB, {"subject": subject}, once=f"sweep:{subject}")


def tell_job(channel: str, user: str, text: str) -> Job:
    """Say something that only this person sees, in the channel where they are (or in a direct message)."""
    return Job(TELL_JOB, {"channel": channel, "user": user, "text": text})


def home_job(user: str) -> Job:
    """Draw the Home tab of this Slack user."""
    return Job(HOME_JOB, {"user": user})
