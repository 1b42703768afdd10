"""The jobs that draw and tell, and how long they try."""

from datetime import timedelta

from core.jobs import Backoff, JobRun, Registry
from integrations.messages import DRAW_JOB, HOME_JOB, TELL_JOB
from integrations.slack.lanes.engine import Lanes

DRAWING = Backoff(first=timedelta(seconds=0.5), longest=timedelta(minutes=1))
"""For ever: a card that shows the past is a lie."""

TELLING = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=30), attempts=6)
"""About a minute: an answer that comes later helps nobody."""


def register(registry: Registry, lanes: Lanes) -> None:
    """Add the handlers of ``integrations.messages``' jobs."""

    async def draw(run: JobRun) -> None:
        await lanes.draw(run.payload["subject"])

    async def draw_home(run: JobRun) -> None:
        await lanes.draw_home(run.payload["user"])

    async def tell(run: JobRun) -> None:
        await lanes.tell(run.payload["channel"], run.payload["user"], run.payload["text"])

    registry.add(DRAW_JOB, draw, DRAWING)
    registry.add(HOME_JOB, draw_home, DRAWING)
    registry.add(TELL_JOB, tell, TELLING)
