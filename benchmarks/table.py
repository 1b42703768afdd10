"""Figures of one run, side by side with what they are held against."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """``reached`` is measured, never assumed; ``text`` says what was wanted."""

    text: str
    value: float
    reached: bool


def show(title: str, columns: list[str], rows: list[list[str]], goals: list[Goal]) -> None:
    """Print one benchmark: its figures, then each goal with what was measured."""
    console = Console(width=120)
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for goal in goals:
        console.print(f"  {'reached' if goal.reached else 'MISSED '}  {goal.text}: {goal.value:.2f}")
    console.print()
