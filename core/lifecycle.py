"""Transition tables: every move that a row may make. What is not declared here cannot happen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.errors import Conflict

NEW = ""
"""The state of a row that does not exist yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the ledger calls a move. The code is stable for ever; the name may be reworded."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One declared move: ``command`` takes a row from ``source`` to ``target`` and is recorded as ``event``."""

    command: str
    source: str
    target: str
    event: Event
    permission: str
    """Who may do it, in the words of the playbook's policy (``requester``, ``approver``, ``schedule`` ...)."""


class Lifecycle:
    """The transition table of one kind of row, kept in the table ``table`` with its state in ``status``."""

    def __init__(self, table: str, transitions: Iterable[Transition], *, terminal: frozenset[str]) -> None:
        self.table = table
        self.transitions = tuple(transitions)
        self.terminal = terminal
        self._by_move: Mapping[tuple[str, str], Transition] = MappingProxyType(
            {(move.command, move.source): move for move in self.transitions}
        )
        self._check()

    @property
    def states(self) -> frozenset[str]:
        return frozenset(state for move in self.transitions for state in (move.source, move.target)) - {NEW}

    def move(self, command: str, source: str) -> Transition:
        """The declared move. Raises Conflict where the table has none."""
        try:
            return self._by_move[command, source]
        except KeyError:
            raise Conflict(f"{self.table}: “{command}” does nothing to a row that is {source or 'new'}.") from None

    def sources(self, command: str) -> frozenset[str]:
        """Every state in which ``command`` is possible."""
        return frozenset(move.source for move in self.transitions if move.command == command)

    def markdown(self) -> str:
        """The table as a Markdown table, for the generated reference."""
        head = "| command | from | to | event | who may |\n|---|---|---|---|---|\n"
        return head + "".join(
            f"| {m.command} | {m.source or '(new)'} | {m.target} | `{m.event.code}` {m.event.name} | {m.permission} |\n"
            for m in self.transitions
        )

    def _check(self) -> None:
        if len(self._by_move) != len(self.transitions):
            raise ValueError(f"{self.table}: a command has two targets from one state")
        leaving = {move.source for move in self.transitions if move.source != move.target}
        if stuck := self.states - leaving - self.terminal:
            raise ValueError(f"{self.table}: no way out of {sorted(stuck)}, and not declared terminal")
        if undead := leaving & self.terminal:
            raise ValueError(f"{self.table}: {sorted(undead)} declared terminal, and yet left")
