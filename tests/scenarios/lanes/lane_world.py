"""A database, a Slack in memory and a whiteboard whose cards the lanes draw."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core.clock import ManualClock
from core.database import Database
from core.errors import ChaperoneError
from integrations.fake_messenger import FakeMessenger
from integrations.messages import open_lane
from integrations.ports import Drawing
from integrations.slack import Drawer, Lanes
from integrations.slack.lanes.engine import PATIENCE


@dataclass
class Whiteboard:
    """The rows that cards show. ``states`` maps a key to the text now; ``drawers`` draw from it."""

    states: dict[str, str] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    fault: ChaperoneError | None = None

    async def draw(self, key: str) -> Drawing | None:
        if self.fault:
            raise self.fault
        text = self.states.get(key)
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
        return Drawing(text, blocks, self.threads.get(key)) if text is not None else None


@dataclass
class World:
    database: Database
    board: Whiteboard
    slack: FakeMessenger
    clock: ManualClock
    lanes: Lanes

    def another_worker(self, *, patience: timedelta = PATIENCE, **drawers: Drawer) -> Lanes:
        """Lanes of their own on the same database and Slack; ``drawers`` replace or add to the whiteboard's."""
        every = {"card": self.board.draw, "home": self.board.draw} | drawers
        return Lanes(self.database, self.slack, self.clock, every, patience=patience)

    async def open(self, lane: str, *, subject: str = "access:1", channel: str = "C1") -> None:
        async with self.database.transaction() as transaction:
            await open_lane(transaction.connection, lane=lane, subject=subject, channel=channel)

    async def row(self, lane: str) -> dict[str, Any]:
        columns = "posted_channel, ts, drawn, intent_at, claim, claimed_until, fault"
        async with self.database.autocommit() as connection:
            cursor = await connection.execute(f"SELECT {columns} FROM message_lane WHERE lane = %s", [lane])
            values = await cursor.fetchone()
        assert values is not None
        return dict(zip(columns.split(", "), values, strict=True))

    async def change_row(self, lane: str, assignment: str) -> None:
        async with self.database.autocommit() as connection:
            await connection.execute(f"UPDATE message_lane SET {assignment} WHERE lane = %s", [lane])

    def shown(self, lane: str) -> list[str]:
        """The texts that stand in Slack for this lane: one, if all is well."""
        return [message.drawing.text for message in self.slack.of_lane(lane)]
