"""How the tour speaks: numbered scenes, what happens, where to look, what held."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from sandbox.tour.mrkdwn import readable
from sandbox.tour.proof import Check

_BREATH = 1.5
"""Seconds between scenes when somebody reads along."""


@dataclass(slots=True)
class Narrator:
    """``unhurried``: somebody sits at the terminal. ``names``: people's names by Slack id."""

    console: Console
    names: Mapping[str, str]
    unhurried: bool = False
    _scene: int = field(default=0, init=False)

    async def scene(self, title: str) -> None:
        if self._scene and self.unhurried:
            await asyncio.sleep(_BREATH)
        self._scene += 1
        self.console.print(f"\n[bold cyan]{self._scene}. {escape(title)}[/]")

    def say(self, text: str) -> None:
        self.console.print(f"   {escape(text)}", highlight=False)

    def look(self, where: str) -> None:
        """Where to see it in the page."""
        self.console.print(f"   [dim]👀 {escape(where)}[/]", highlight=False)

    def show(self, title: str, lines: list[str]) -> None:
        """Something that a person or a machine said, as it looks in Slack."""
        self.console.print(f"   [dim]{escape(title)}[/]", highlight=False)
        for line in "\n".join(lines).splitlines():
            self.console.print(f"   [dim]│[/] {escape(readable(line, self.names))}", highlight=False, emoji=False)

    def checked(self, check: Check) -> None:
        sign, colour = ("✓", "green") if check.held else ("✗", "bold red")
        seen = f" [dim]({escape(check.seen)})[/]" if check.seen else ""
        self.console.print(f"   [{colour}]{sign}[/] {escape(check.what)}{seen}", highlight=False, emoji=False)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """A spinner in a terminal, nothing elsewhere."""
        if not self.console.is_terminal:
            yield
            return
        with self.console.status(f"   {escape(what)}"):
            yield
