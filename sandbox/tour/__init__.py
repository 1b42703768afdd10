"""The narrated tour: one request all the way, played by people in the sandbox's Slack, and what it proved."""

from sandbox.tour.proof import Proof
from sandbox.tour.story import play

__all__ = ["Proof", "play"]
