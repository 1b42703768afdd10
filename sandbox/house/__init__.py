"""The supervisor: starts every part of the sandbox on loopback, looks after it, and leaves nothing behind."""

from sandbox.house.attending import Look, Rows, ask, export_lines, look, stop
from sandbox.house.faults import NotRunning, PartFailed, SandboxFault
from sandbox.house.options import Options
from sandbox.house.places import Place, Record, choose, running
from sandbox.house.sandbox import Sandbox
from sandbox.house.slack_control import Acting, CannotAct, SlackControl, until, words
from sandbox.house.travelling import Journey, duration, travel

__all__ = [
    "Acting",
    "CannotAct",
    "Journey",
    "Look",
    "NotRunning",
    "Options",
    "PartFailed",
    "Place",
    "Record",
    "Rows",
    "Sandbox",
    "SandboxFault",
    "SlackControl",
    "ask",
    "choose",
    "duration",
    "export_lines",
    "look",
    "running",
    "stop",
    "travel",
    "until",
    "words",
]
