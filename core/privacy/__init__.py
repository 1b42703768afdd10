"""Patient data and credentials do not belong here: free text is searched for them before it is stored or posted."""

from core.privacy.guard import Finding, refuse_if_private, scan
from core.privacy.kinds import Kind

__all__ = ["Finding", "Kind", "refuse_if_private", "scan"]
