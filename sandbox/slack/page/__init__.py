"""The page of the sandbox's Slack: server-rendered, live, for acting as anybody in the clinic."""

from sandbox.slack.page.views import routes

__all__ = ["routes"]
