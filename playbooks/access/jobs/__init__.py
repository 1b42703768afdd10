"""Jobs: intent recorded, vendor called, read back, outcome recorded."""

from playbooks.access.jobs.registration import register
from playbooks.access.jobs.sweep import sweep

__all__ = ["register", "sweep"]
