"""What a person in a browser can do, and what they see of it."""

from sandbox.slack.actions.outcome import CannotDo, Container, InHome, InMessage, InView, Outcome
from sandbox.slack.actions.person import Actions

__all__ = ["Actions", "CannotDo", "Container", "InHome", "InMessage", "InView", "Outcome"]
