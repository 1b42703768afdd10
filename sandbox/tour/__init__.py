"""The narrated tour: one request all the way, played by people in the sandbox's Slack, and what it proved."""

from sandbox.tour.play import play
from sandbox.tour.proof import Proof

__all__ = ["Proof", "play"]
