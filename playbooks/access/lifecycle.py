"""States, commands, events and transitions of a request and of a grant."""

from core.lifecycle import NEW, Event, Lifecycle, Transition

# --- a request ----------------------------------------------------------------------------------------------

PENDING = "pending"
APPROVED = "approved"
DENIED = "denied"
WITHDRAWN = "withdrawn"
EXPIRED = "expired"
REFUSED = "refused"

REQUEST = Lifecycle(
    "access_request",
    [
        Transition("ask", NEW, PENDING, Event("ACC-001", "request made"), "requester"),
        Transition("refuse", NEW, REFUSED, Event("ACC-002", "request refused by policy"), "policy"),
        Transition("approve", PENDING, APPROVED, Event("ACC-003", "request approved"), "approver"),
        Transition("deny", PENDING, DENIED, Event("ACC-004", "request denied"), "approver"),
        Transition("withdraw", PENDING, WITHDRAWN, Event("ACC-005", "request withdrawn"), "requester"),
        Transition("expire", PENDING, EXPIRED, Event("ACC-006", "request expired undecided"), "schedule"),
        Transition("count", PENDING, PENDING, Event("ACC-007", "approval counted, more needed"), "approver"),
        Transition("object", PENDING, PENDING, Event("ACC-008", "decision by an unfit person refused"), "policy"),
    ],
    terminal=frozenset({APPROVED, DENIED, WITHDRAWN, EXPIRED, REFUSED}),
)

# --- a grant ------------------------------------------------------------------------------------------------

GRANTING = "granting"
ACTIVE = "active"
REVOKING = "revoking"
REVOKED = "revoked"
FAILED = "failed"

GRANT = Lifecycle(
    "access_grant",
    [
        Transition("begin", NEW, GRANTING, Event("ACC-020", "grant scheduled with its end"), "approver"),
        Transition("attempt", GRANTING, GRANTING, Event("ACC-021", "grant attempted at the vendor"), "playbook"),
        Transition("await", GRANTING, GRANTING, Event("ACC-022", "grant accepted, vendor still working"), "playbook"),
        Transition("stumble", GRANTING, GRANTING, Event("ACC-023", "grant attempt failed"), "playbook"),
        Transition("activate", GRANTING, ACTIVE, Event("ACC-024", "grant read back at the vendor"), "playbook"),
        Transition("fail", GRANTING, FAILED, Event("ACC-025", "grant failed, nothing given"), "playbook"),
        Transition("abandon", GRANTING, REVOKING, Event("ACC-026", "grant given up, being taken back"), "playbook"),
        Transition("remind", ACTIVE, ACTIVE, Event("ACC-027", "requester reminded of the end"), "schedule"),
        Transition("end", GRANTING, REVOKING, Event("ACC-030", "grant ended early"), "requester"),
        Transition("end", ACTIVE, REVOKING, Event("ACC-030", "grant ended early"), "requester"),
        Transition("expire", GRANTING, REVOKING, Event("ACC-031", "grant ran out"), "schedule"),
        Transition("expire", ACTIVE, REVOKING, Event("ACC-031", "grant ran out"), "schedule"),
        Transition("retry", REVOKING, REVOKING, Event("ACC-032", "revoke attempted again"), "playbook"),
        Transition("await", REVOKING, REVOKING, Event("ACC-033", "revoke accepted, vendor still working"), "playbook"),
        Transition("stumble", REVOKING, REVOKING, Event("ACC-034", "revoke attempt failed"), "playbook"),
        Transition("confirm", REVOKING, REVOKED, Event("ACC-035", "grant read back as gone"), "playbook"),
    ],
    terminal=frozenset({REVOKED, FAILED}),
)

UNFINISHED = frozenset({GRANTING, ACTIVE, REVOKING})
"""States of a grant whose entitlement may be at the vendor."""
