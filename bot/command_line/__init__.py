"""The command `chaperone`. Errors name the cure; exit codes are 0, 1 (refused, not proven) and 2 (bad use)."""

from bot.command_line.application import app, main, run

__all__ = ["app", "main", "run"]
