"""The control API for tests, under /sandbox/: look, act, break, administer, start over."""

from sandbox.slack.control.endpoint import control_routes

__all__ = ["control_routes"]
