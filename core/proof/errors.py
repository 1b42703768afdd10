"""The one way in which a proof ends badly."""

from core.errors import Refused


class NotProven(Refused):
    """A proof, signature or checkpoint does not show what it claims. Never evidence that the opposite holds."""
