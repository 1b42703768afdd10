"""Jobs: intent recorded, vendor called, read back, outcome recorded."""

from playbooks.access.jobs.drawing import drawers, followers, load_sheet
from playbooks.access.jobs.registration import register
from playbooks.access.jobs.sweep import sweep

__all__ = ["drawers", "followers", "load_sheet", "register", "sweep"]
