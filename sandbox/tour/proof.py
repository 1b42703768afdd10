"""What the tour proved: every line measured in this run, none written beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, and what was seen."""

    what: str
    held: bool
    seen: str = ""


@dataclass(slots=True)
class Proof:
    """``facts``: measurements by name. ``checks``: what had to hold. ``fault``: what stopped the tour, if anything."""

    facts: dict[str, Any] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    fault: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the tour reached its end and everything held."""
        return self.fault is None and bool(self.checks) and all(check.held for check in self.checks)

    def check(self, what: str, held: bool, seen: str = "") -> Check:
        made = Check(what, bool(held), seen)
        self.checks.append(made)
        return made

    def as_json(self) -> dict[str, Any]:
        return {
            "proven": self.holds,
            "fault": self.fault,
            "facts": self.facts,
            "checks": [{"what": each.what, "held": each.held, "seen": each.seen} for each in self.checks],
        }

    def summary(self) -> Table:
        """The measurements."""
        table = Table(title="Proof summary", title_justify="left")
        table.add_column("what")
        table.add_column("measured in this run", overflow="fold")
        for name, value in self.facts.items():
            table.add_row(escape(name), escape(_spoken(value)))
        kept = sum(check.held for check in self.checks)
        table.add_row("checks", f"{'✓' if self.holds else '✗'} {kept} of {len(self.checks)} held")
        return table

    def failures(self) -> Iterator[str]:
        """What did not hold, in words."""
        if self.fault:
            yield self.fault
        for check in self.checks:
            if not check.held:
                yield f"{check.what}: {check.seen or 'it did not hold'}"


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_spoken, value))
    return f"{value:.1f} s" if isinstance(value, float) else str(value)
