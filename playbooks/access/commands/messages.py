"""The messages of a request: which lanes there are, and the jobs that draw them again."""

from uuid import UUID

from core.database.connections import Connection
from core.jobs import Job
from integrations.messages import draw_job, open_lane


def subject(request_id: UUID) -> str:
    """The name under which all messages about one request are drawn together."""
    return f"access:{request_id}"


async def open_lanes(connection: Connection, request_id: UUID, *, channel: str, requester_slack: str | None) -> None:
    """One card for everybody in the channel, one message for the requester."""
    about = subject(request_id)
    await open_lane(connection, lane=f"access.card:{request_id}", subject=about, channel=channel)
    if requester_slack:
        await open_lane(connection, lane=f"access.mine:{request_id}", subject=about, channel=requester_slack)


async def open_alert(connection: Connection, request_id: UUID, *, channel: str) -> None:
    """One message to those who keep the house when something about this request needs a person."""
    await open_lane(connection, lane=f"access.alert:{request_id}", subject=subject(request_id), channel=channel)


async def open_reminder(connection: Connection, request_id: UUID, *, requester_slack: str | None) -> None:
    """A message of its own, since a redrawn one notifies nobody."""
    if requester_slack:
        lane = f"access.reminder:{request_id}"
        await open_lane(connection, lane=lane, subject=subject(request_id), channel=requester_slack)


def redraw(request_id: UUID) -> Job:
    return draw_job(subject(request_id))
