"""Slack: the client that posts and redraws, and the lanes that keep each message true."""

from integrations.slack.client import REQUIRED_SCOPES, SlackMessenger
from integrations.slack.lanes import Drawer, Lanes, register

__all__ = ["REQUIRED_SCOPES", "Drawer", "Lanes", "SlackMessenger", "register"]
