"""Starting the sandbox from a terminal, the tour, and staying until somebody ends it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from sandbox import telling
from sandbox.house import Options, PartFailed, Place, Sandbox
from sandbox.house.options import Tell
from sandbox.tour import play

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def run(place: Place, options: Options, *, tour: bool, named: bool) -> int:
    """Until Ctrl-C, or until the tour is over where nobody watches. Answers the exit code.

    ``named``: the place was asked for, so other commands have to be told of it. Raises SandboxFault for what did not
    start.
    """
    session = Session(place, options, telling.console(), tour=tour, named=named, watched=_somebody_watches())
    with _signalled() as ended:
        running, ending = asyncio.create_task(session.run()), asyncio.create_task(ended.wait())
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not running.done():
            session.out.print("\nEnding everything …")
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        if not running.cancelled():
            return running.result()
    return session.code


@dataclass(slots=True)
class Session:
    """``code`` is what the command ends with when it is ended from outside. ``look_every`` is in seconds."""

    place: Place
    options: Options
    out: Console
    tour: bool
    named: bool
    watched: bool
    code: int = 1
    make: Callable[..., Sandbox] = Sandbox
    look_every: float = 0.5
    restarted: set[str] = field(default_factory=set)

    async def run(self) -> int:
        async with contextlib.AsyncExitStack() as stack:
            with self._progress() as tell:
                sandbox = await stack.enter_async_context(self.make(self.place.folder, self.options, tell=tell))
            self.code = await self._play(sandbox) if self.tour else 0
            if self.watched or not self.tour:
                telling.where_to_look(sandbox, self.out, named=self.place.folder if self.named else None)
                await self._stay(sandbox)
        return self.code

    @contextlib.contextmanager
    def _progress(self) -> Iterator[Tell]:
        """A spinner in a terminal; elsewhere a line for each step."""
        if not self.out.is_terminal:
            yield lambda what: self.out.print(f"[dim]{escape(what)} …[/]")
            return
        with self.out.status("Starting") as status:
            yield lambda what: status.update(escape(what))

    async def _play(self, sandbox: Sandbox) -> int:
        proof = await play(sandbox, self.out, unhurried=self.watched)
        return 0 if proof.holds else 1

    async def _stay(self, sandbox: Sandbox) -> None:
        """Until cancelled. Whoever dies is told of, and started again once."""
        while True:
            for name in sandbox.died():
                self.out.print(f"[bold red]{escape(sandbox.how_it_ended(name))}[/]")
                await self._again(sandbox, name)
            await asyncio.sleep(self.look_every)

    async def _again(self, sandbox: Sandbox, name: str) -> None:
        if name in self.restarted or not sandbox.restartable(name):
            self.out.print(f"{name} stays down. Press Ctrl-C and start anew when you have seen enough.")
            sandbox.give_up(name)
            return
        self.restarted.add(name)
        try:
            await sandbox.start(name)
        except PartFailed as failed:
            self.out.print(f"[bold red]{escape(str(failed))}[/]")
            sandbox.give_up(name)
        else:
            self.out.print(f"{name} was started again.")


def _somebody_watches() -> bool:
    """A terminal at both ends, and no machine that merely builds."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


@contextlib.contextmanager
def _signalled() -> Iterator[asyncio.Event]:
    """Set once Ctrl-C or its like has come."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for each in _SIGNALS:
        loop.add_signal_handler(each, ended.set)
    try:
        yield ended
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)
