"""Message lanes: one row per message, drawn from the rows it shows, and drawn again when they change."""

from integrations.slack.lanes.engine import Drawer, Followers, Lanes
from integrations.slack.lanes.work import register

__all__ = ["Drawer", "Followers", "Lanes", "register"]
