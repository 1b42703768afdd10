"""The whole sandbox: every part on loopback, started together, ended together."""

import asyncio
import os
import signal
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from core.clock import TravellingClock
from sandbox.house import clinic_database, programs, travelling
from sandbox.house.database import DatabasePart
from sandbox.house.faults import PartFailed
from sandbox.house.options import Options, Tell
from sandbox.house.parts import Part, Warden
from sandbox.house.places import Place, Record
from sandbox.house.readiness import await_ready
from sandbox.house.slack_control import SlackControl
from sandbox.house.start import House

_LAST_LINES = 5


def _silent(_what: str) -> None:
    """Nobody watches."""


class Sandbox:
    """Everything on this machine. ``async with Sandbox(folder) as sandbox`` starts it and leaves nothing behind.

    Parts are named ``database``, ``aws``, ``aws-front``, ``slack``, ``web-1``, ``worker-1``, ``clock-1`` and so on.
    Starting raises PartFailed with the end of the log of whatever did not start, and SandboxFault where another
    sandbox has the folder.
    """

    def __init__(self, folder: Path, options: Options | None = None, *, tell: Tell = _silent) -> None:
        self.place = Place(folder)
        self.options = options or Options()
        self._tell = tell
        self._closing = ExitStack()
        self._house: House | None = None

    async def __aenter__(self) -> Self:
        self.place.prepare()
        self._closing.enter_context(self.place.taken())
        try:
            if self.options.fresh:
                self.place.forget()
                self.place.prepare()
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _start(self) -> None:
        keeper = self._closing.enter_context(Warden())
        database = DatabasePart(self.place.postgres, durable=self.options.durable)
        self._house = House(self.place, self.options, keeper, self._tell, database)
        await self._house.start()
        self._record().write(self.place)

    async def _end(self) -> None:
        if self._house:
            await self._house.end()
        self.place.record.unlink(missing_ok=True)
        self._closing.close()

    # --- what others see ------------------------------------------------------------------------------------

    @property
    def house(self) -> House:
        if self._house is None:
            raise PartFailed("The sandbox", "has not been started")
        return self._house

    @property
    def slack(self) -> SlackControl:
        if self.house.slack is None:
            raise PartFailed("slack", "has not been started")
        return self.house.slack

    @property
    def environment(self) -> dict[str, str]:
        """What every process of Chaperone was told."""
        return dict(self.house.environment)

    @property
    def page_url(self) -> str:
        """Where people look: the sandbox's Slack."""
        return self.slack.url

    @property
    def web_urls(self) -> tuple[str, ...]:
        ports = self.house.ports.items()
        return tuple(f"http://127.0.0.1:{port}" for name, port in ports if name.startswith("web-"))

    @property
    def database_url(self) -> str:
        """Chaperone's database as the application."""
        return self.house.database.cluster.app_url

    @property
    def admin_url(self) -> str:
        """Chaperone's database as the superuser."""
        return self.house.database.cluster.url("postgres", "chaperone")

    @property
    def moto_url(self) -> str:
        """The simulator itself, which tells how things stand without moving them on as the front does."""
        return f"http://127.0.0.1:{self.house.ports['aws']}"

    def login_url(self, login: str) -> str:
        """The clinic's database as somebody's own login."""
        return self.house.login_url(login)

    # --- one part at a time ---------------------------------------------------------------------------------

    async def kill(self, name: str, order: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a part; by default end it at once."""
        await asyncio.to_thread(self._part(name).kill, order)

    async def start(self, name: str, **extra: str) -> None:
        """Start a part that is not running and wait until it is ready. ``extra`` joins its environment, this once."""
        part = self._part(name)
        if isinstance(part, DatabasePart):
            await asyncio.to_thread(part.start)
        else:
            part.start(**extra)
            await await_ready(part, self.house.ports[name])

    def alive(self, name: str) -> bool:
        return self._part(name).alive

    def died(self) -> list[str]:
        """Parts that ended though nobody asked them to."""
        everything: dict[str, Part | DatabasePart] = {**self.house.parts, "database": self.house.database}
        return [name for name, part in everything.items() if part.expected_to_live and not part.alive]

    def restartable(self, name: str) -> bool:
        """Whether its memory is in the database. Slack's and AWS's is their own, and gone with them."""
        return name == "database" or name in self.options.names()

    def give_up(self, name: str) -> None:
        """Expect it to live no longer."""
        self._part(name).expected_to_live = False

    def how_it_ended(self, name: str) -> str:
        """In words, with the end of its log."""
        part = self._part(name)
        last = "\n".join(f"    {line}" for line in part.said().strip().splitlines()[-_LAST_LINES:])
        return f"{name} {part.how_it_ended()}. Its log ends:\n{last}"

    def _part(self, name: str) -> Part | DatabasePart:
        return self.house.database if name == "database" else self.house.parts[name]

    # --- the house as a whole -------------------------------------------------------------------------------

    async def travel(self, by: timedelta) -> travelling.Journey:
        """Move every clock. What is due by the new time is seen to at once."""
        return await travelling.travel(by, clock_file=self.place.clock, database_url=self.database_url)

    async def travel_to(self, instant: datetime) -> travelling.Journey:
        """Move every clock to this instant, or not at all where it has passed."""
        by = instant - TravellingClock(self.place.clock).now()
        return await self.travel(max(by, timedelta()))

    async def chaperone(self, *words: str, within: float = 60) -> programs.Done:
        """Run Chaperone's command line against this sandbox. ``within`` is in seconds."""
        return await asyncio.to_thread(programs.chaperone, *words, environment=self.environment, within=within)

    def _record(self) -> Record:
        logins = {name: word for name, word in self.house.passwords.items() if name != clinic_database.GRANTER}
        return Record(
            pid=os.getpid(),
            page_url=self.page_url,
            environment=self.environment,
            admin_url=self.admin_url,
            logins={name: self.login_url(name) for name in logins},
            ports=dict(self.house.ports),
        )
