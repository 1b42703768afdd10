"""Telling the acting person something in a message of its own: by a job, or directly while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.dispatch import Payload
from bot.errors_to_slack import DATABASE_LOST
from bot.slack_front.answers import where
from core.database import Database
from core.errors import ChaperoneError, described
from core.jobs import enqueue
from core.trace import traced
from integrations.messages import tell_job

log = structlog.get_logger()

TellNow = Callable[[str, str, str], Awaitable[None]]
"""``(channel, user, text)``, straight to Slack."""


class Teller:
    """A job survives us and knows Slack's limits; where none can be committed, we say it ourselves, once."""

    def __init__(self, database: Database, tell_now: TellNow, *, patience: float = 1.0) -> None:
        self._database = database
        self._tell_now = tell_now
        self._patience = patience
        self._telling: set[asyncio.Task[None]] = set()

    async def __call__(self, payload: Payload, text: str) -> None:
        if not payload.user:
            return
        channel = where(payload)
        try:
            async with asyncio.timeout(self._patience), self._database.autocommit() as connection:
                await enqueue(connection, [tell_job(channel, payload.user, text)])
        except (TimeoutError, *DATABASE_LOST) as error:
            log.warning("slack.told_directly", **described(error))
            task = asyncio.create_task(self._directly(payload, channel, text))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _directly(self, payload: Payload, channel: str, text: str) -> None:
        with traced(payload.trace):
            try:
                await self._tell_now(channel, payload.user, text)
            except ChaperoneError as error:
                log.warning("slack.not_told", **described(error))
