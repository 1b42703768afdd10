"""Account assignment changes that are still under way, and how each ends."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOUNS = {"CreateAccountAssignment": "Creation", "DeleteAccountAssignment": "Deletion"}
FIELDS = ("TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")
ASKED = {
    "DescribeAccountAssignmentCreationStatus": "AccountAssignmentCreationRequestId",
    "DescribeAccountAssignmentDeletionStatus": "AccountAssignmentDeletionRequestId",
}


@dataclass
class Change:
    """One create or delete that AWS took on. ``body`` and ``headers`` are the request, kept for moto."""

    operation: str
    wanted: Mapping[str, Any]
    body: bytes
    headers: Mapping[str, str]
    looks_left: int
    reason: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "IN_PROGRESS"

    def answer(self) -> dict[str, Any]:
        """AWS's AccountAssignmentOperationStatus."""
        status = {"Status": self.status, "RequestId": self.request_id}
        status |= {name: self.wanted[name] for name in FIELDS if name in self.wanted}
        if self.status == "FAILED" and self.reason:
            status["FailureReason"] = self.reason
        return {f"AccountAssignment{NOUNS[self.operation]}Status": status}

    def look(self) -> bool:
        """Count one look at it. True when it is due to end with this one."""
        self.looks_left -= 1
        return self.status == "IN_PROGRESS" and self.looks_left < 0


class Changes:
    """All that were taken on since the start."""

    def __init__(self) -> None:
        self._by_request: dict[str, Change] = {}

    def add(self, change: Change) -> None:
        self._by_request[change.request_id] = change

    def of_request(self, operation: str, wanted: Mapping[str, Any]) -> Change | None:
        """The change that a Describe call asks after, if it is one of ours."""
        return self._by_request.get(str(wanted.get(ASKED.get(operation, ""), "")))

    def under_way(self, wanted: Mapping[str, Any]) -> list[Change]:
        """Those still in progress on what a request names: same principal, and same set and account if named."""
        return [
            change
            for change in self._by_request.values()
            if change.status == "IN_PROGRESS"
            and "PrincipalId" in wanted
            and all(change.wanted.get(name) == wanted[name] for name in FIELDS if name in wanted)
        ]
