"""Slack's Web API: the methods that Chaperone uses, answered as Slack answers them."""

from sandbox.slack.api.endpoint import api_routes

__all__ = ["api_routes"]
