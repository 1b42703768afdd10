"""Looking after a sandbox that runs in another process: how it fares, ending it, asking its database as a person."""

import asyncio
import os
import shlex
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from core.clock import TravellingClock
from sandbox.house.faults import SandboxFault
from sandbox.house.places import Place, Record, running
from sandbox.house.readiness import readiness

_ENDS_WITHIN = 40.0
_OUTSIDE = ("slack", "aws", "aws-front")


@dataclass(frozen=True, slots=True)
class Look:
    """``parts``: what each says of itself, by name. ``now`` is the sandbox's own time."""

    folder: Path
    page_url: str
    now: datetime
    ahead: timedelta
    parts: Mapping[str, str]

    @property
    def well(self) -> bool:
        return set(self.parts.values()) <= {"ready", "listens"}


async def look(place: Place, record: Record) -> Look:
    """Ask every part."""
    clock = TravellingClock(place.clock)
    names = list(record.ports)
    said = await asyncio.gather(_database(record.admin_url), *(_asked(name, record.ports[name]) for name in names))
    parts = dict(zip(["database", *names], said, strict=True))
    return Look(place.folder, record.page_url, clock.now(), clock.offset(), parts)


def stop(place: Place) -> None:
    """End it as Ctrl-C would, and wait. Raises NotRunning, and SandboxFault when it does not end."""
    os.kill(running(place).pid, signal.SIGTERM)
    deadline = time.monotonic() + _ENDS_WITHIN
    while place.in_use:
        if time.monotonic() > deadline:
            raise SandboxFault(f"The sandbox in {place.folder} does not end. Look for its process and end it.")
        time.sleep(0.1)


def export_lines(environment: Mapping[str, str]) -> str:
    """For a shell's ``eval``."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in sorted(environment.items()))


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database answered; ``columns`` is empty for a statement that answers nothing."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def ask(logins: Mapping[str, str], person: str, statement: str) -> Rows:
    """Ask the clinic's database as this person's own login. Raises SandboxFault with the server's own words."""
    login = next((each for each in logins if person.lower() in {each, each.partition("_")[0]}), None)
    if login is None:
        raise SandboxFault(f"{person} has no login at the clinic's database. There are: {', '.join(sorted(logins))}")
    try:
        with psycopg.connect(logins[login], autocommit=True, application_name="sandbox query") as connection:
            cursor = connection.execute(statement.encode())
            if cursor.description is None:
                return Rows((), ())
            return Rows([column.name for column in cursor.description], cursor.fetchall())
    except psycopg.Error as error:
        raise SandboxFault(f"The database refuses {login}: {last_words(error)}") from None


def last_words(error: Exception) -> str:
    """The server's own words, without where it was found."""
    line = next((each for each in str(error).strip().splitlines() if each), "no reason given")
    return line.rpartition("FATAL:")[2].strip()


async def _database(url: str) -> str:
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5):
            return "ready"
    except psycopg.OperationalError:
        return "does not answer"


async def _asked(name: str, port: int) -> str:
    if name not in _OUTSIDE:
        report = await readiness(port)
        return str(report["status"]) if report else "does not answer"
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 5)
    except (OSError, TimeoutError):
        return "does not answer"
    writer.close()
    await writer.wait_closed()
    return "listens"
