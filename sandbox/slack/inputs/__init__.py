"""What people fill in: from initial values to ``state.values``, and the checks that Slack's own clients make."""

from sandbox.slack.inputs.requirements import REQUIRED, faults_of_values
from sandbox.slack.inputs.state import Offer, carried_over, filled, find_element, initial_values

__all__ = ["REQUIRED", "Offer", "carried_over", "faults_of_values", "filled", "find_element", "initial_values"]
