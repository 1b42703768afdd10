"""How the sandbox says that it cannot go on: which part, what it said last, and the cure."""

from core.errors import ChaperoneError


class SandboxFault(ChaperoneError):  # noqa: N818  the family's names say what happened
    """Shown as it is; the command ends with 1."""


class NotRunning(SandboxFault):
    """There is no sandbox in that folder."""


class PartFailed(SandboxFault):
    """A part did not start, or ended by itself. ``said`` is the end of its log."""

    def __init__(self, part: str, what: str, *, said: str = "", log: object = None) -> None:
        super().__init__(f"{part} {what}." + (f" Its whole log: {log}" if log else "") + (f"\n{said}" if said else ""))
        self.part = part
        self.said = said
