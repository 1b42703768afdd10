"""Sheets in every state that a request and its grant can be in, with words that people and vendors may write."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from core.policy import Path, Stage
from playbooks.access.blocks import Sheet
from playbooks.access.lifecycle import ACTIVE, APPROVED, FAILED, GRANT, GRANTING, REQUEST, REVOKED, REVOKING
from playbooks.access.models import AccessApproval, AccessGrant, AccessRequest
from playbooks.access.policy import Entitlement, Offer, Target

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
REQUEST_ID = UUID("11111111-1111-4111-8111-111111111111")
GRANT_ID = UUID("22222222-2222-4222-8222-222222222222")

HOSTILE = "<!channel> & <@U0BENOKAF> <https://evil.example|click> *bold* `code` \u202e"
LONG = ("A & B < C > D " * 100)[:1000]
TEXTS = {
    "plain": "Replication lag, INC-4711",
    "hostile": HOSTILE,
    "a thousand characters": LONG,
    "all escapes": "&" * 1000,
}

TARGET = Target(
    "ehr-db",
    "EHR database",
    "postgres",
    "prod",
    frozenset({"phi", "pii"}),
    "group:dba",
    "Use psql.",
    "https://learn.example",
)
ENTITLEMENT = Entitlement("read", "Read", "Select on all tables.", "read", TARGET, MappingProxyType({"role": "reader"}))


def request(status: str = "pending", **changes: Any) -> AccessRequest:
    columns: dict[str, Any] = {
        "id": REQUEST_ID,
        "status": status,
        "requester": "p-ana",
        "requester_name": "Ana Ruiz",
        "requester_slack": "U0ANARUIZ",
        "target": "ehr-db",
        "entitlement": "ehr-db/read",
        "duration_seconds": 3600,
        "reason": "Replication lag, INC-4711",
        "purpose": "incident",
        "minimum_necessary": "Only pg_stat views",
        "path": "prod-db-read",
        "policy_hash": "00",
        "decided_by_policies": ["prod-db-read"],
        "approvals_needed": 1,
        "asked": ["p-ben"],
        "asked_slack": ["U0BENOKAF"],
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=4),
        "decided_by_name": None if status == "pending" else "Ben Okafor",
        "note": None,
    }
    return AccessRequest(**(columns | changes))


def grant(status: str, **changes: Any) -> AccessGrant:
    columns: dict[str, Any] = {
        "id": GRANT_ID,
        "status": status,
        "request_id": REQUEST_ID,
        "subject": "p-ana",
        "account": "ana_ruiz",
        "vendor": "postgres",
        "target": "ehr-db",
        "entitlement": "ehr-db/read",
        "parameters": {"role": "reader"},
        "duration_seconds": 3600,
        "began_at": NOW,
        "due_at": NOW + timedelta(hours=1),
        "vendor_request_ids": [],
        "active_at": None if status in {GRANTING, FAILED} else NOW,
    }
    return AccessGrant(**(columns | changes))


def sheet(request: AccessRequest, grant: AccessGrant | None = None, **changes: Any) -> Sheet:
    columns: dict[str, Any] = {
        "request": request,
        "grant": grant,
        "approvals": (),
        "entitlement": ENTITLEMENT,
        "path_title": "Production databases, reading",
        "approvers": ("U0BENOKAF",),
    }
    return Sheet(**(columns | changes))


def every_sheet(text: str) -> Iterator[tuple[str, Sheet]]:
    """One for each state, and for each thing that changes what is shown in it; ``text`` wherever anybody may write."""
    people = {"requester_name": text, "reason": text, "minimum_necessary": text}
    people |= {"decided_by_name": text, "note": text}
    for status in sorted(REQUEST.states - {APPROVED}):
        yield status, sheet(request(status, **people), path_title=text)
    said_yes = request(APPROVED, **people)
    yield "approved, grant not loaded", sheet(said_yes)
    for name, one in every_grant(text):
        yield name, sheet(said_yes, one, path_title=text)
    waiting = request(approvals_needed=2, **people)
    yield (
        "two needed",
        sheet(
            waiting,
            approvals=(
                AccessApproval(request_id=REQUEST_ID, approver="p-ben", approver_name=text, policy_hash="00", at=NOW),
            ),
        ),
    )
    yield "a crowd asked", sheet(waiting, approvers=tuple(f"U0PERSON{n}" for n in range(60)))
    yield "nobody asked", sheet(request("refused", note=text, path=None), approvers=())
    yield "no Slack account", sheet(request(requester_slack=None, **people))
    yield "left the catalogue", sheet(waiting, entitlement=None)
    yield "nothing but the reason", sheet(request(purpose=None, minimum_necessary=None), past_grants=7)
    wordy = replace(
        ENTITLEMENT, title=text[:60], description=text, target=replace(TARGET, title=text[:60], how_to=text * 5)
    )
    yield "a wordy catalogue", sheet(said_yes, grant(ACTIVE), entitlement=wordy)


def every_grant(text: str) -> Iterator[tuple[str, AccessGrant]]:
    yield "granting", grant(GRANTING)
    yield "granting, in trouble", grant(GRANTING, failures=3, last_error=text)
    yield "active", grant(ACTIVE)
    yield "ending", grant(REVOKING, end_reason=text)
    yield "ending, time is up", grant(REVOKING)
    yield "ending, failing", grant(REVOKING, failures=1, last_error=text)
    yield "ending, paged", grant(REVOKING, failures=5, last_error=text)
    yield "gone", grant(REVOKED, end_reason=text, lag_seconds=2.04, after={"present": False, "kept_for": ""})
    yield "kept", grant(REVOKED, end_reason=text, lag_seconds=0.0, after={"present": True, "kept_for": text})
    yield "never began", grant(REVOKED, active_at=None, end_reason=text, lag_seconds=0.0)
    yield "never began, kept", grant(REVOKED, active_at=None, lag_seconds=0.0, after={"kept_for": text})
    yield "failed", grant(FAILED, last_error=text)
    yield "failed for no known reason", grant(FAILED)
    assert {GRANTING, ACTIVE, REVOKING, REVOKED, FAILED} == GRANT.states


def offer(number: int = 0, text: str = "Production databases, reading", **changes: Any) -> Offer:
    path = Path("prod-db-read", text, timedelta(hours=4), (Stage(1, ("group:dba", "owner")),))
    path = replace(path, **changes)
    target = replace(TARGET, id=f"target-{number}", title=text[:60], tags=frozenset({"phi"}))
    return Offer(replace(ENTITLEMENT, target=target, description=text), (path,))
