"""Asking: a request is made, judged by policy, and either refused or put before people."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID, uuid4

from core.actors import person as person_actor
from core.actors import playbook
from core.database.connections import Connection
from core.errors import Conflict, Refused
from core.jobs import Job
from core.ledger import Move
from core.lifecycle import NEW
from core.policy import Path
from core.privacy import refuse_if_private
from integrations.ports import Person
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import begin_grant
from playbooks.access.commands.messages import open_alert, open_lanes, redraw
from playbooks.access.commands.people import Asked, eligible
from playbooks.access.lifecycle import PENDING, REQUEST
from playbooks.access.models import AccessRequest
from playbooks.access.policy import Decision, Entitlement, RequestFacts, decide_request


@dataclass(frozen=True, slots=True)
class Ask:
    """A wish as it was sent. ``submission`` is the sender's id of the form: a replay of it is the same request."""

    requester: Person
    entitlement: str
    duration: timedelta
    reason: str
    purpose: str | None = None
    minimum_necessary: str | None = None
    submission: str | None = None


async def ask(desk: Desk, command: Ask) -> UUID:
    """Make the request and answer its id; that of the first where the same form was sent again.

    Raises Refused with the reasons (recorded, unless the form itself must not be kept), NotFound for an unknown
    entitlement, Transient when the directory cannot say who could approve; then nothing was recorded.
    """
    _guard(command)
    if made := await _made_before(desk, command):
        return made
    entitlement = desk.catalogue.entitlement(command.entitlement)
    facts = _facts(desk, command, entitlement)
    decision = decide_request(desk.policies, facts)
    if not decision.allowed or decision.path is None:
        await _refuse(desk, command, entitlement, decision)
    account = command.requester.accounts.get(entitlement.target.vendor)
    if not account:
        reason = f"You have no {entitlement.target.vendor} account in the directory. Ask for one, then ask again."
        await _refuse(desk, command, entitlement, replace(decision, reasons=(reason,)))
    asked = await eligible(desk.directory, desk.policies, decision.path, facts)
    if not asked.enough:
        reason = (
            f"Nobody who may approve “{decision.path.title}” is available now. Its owner has been told: "
            f"ask {entitlement.target.owner} to name an approver."
        )
        await _refuse(desk, command, entitlement, replace(decision, reasons=(reason,)), alert=True)
    return await _record(_Accepted(command, entitlement, decision, decision.path, account, asked), desk)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A request that policy lets stand, ready to be recorded."""

    command: Ask
    entitlement: Entitlement
    decision: Decision
    path: Path
    account: str
    asked: Asked


def _guard(command: Ask) -> None:
    """What must not be kept even as a refusal, because of its words or because the row could not hold it."""
    refuse_if_private(command.reason, "reason")
    refuse_if_private(command.minimum_necessary or "", "minimum necessary")
    # These two are chosen from lists, unless somebody forges the form; both are quoted in what is answered and kept.
    refuse_if_private(command.purpose or "", "purpose of use")
    refuse_if_private(command.entitlement, "entitlement")
    if not _SHORTEST <= command.duration <= _LONGEST:
        raise Refused("Choose a duration from a minute to a year.", field="duration")


_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=366)


def _facts(desk: Desk, command: Ask, entitlement: Entitlement) -> RequestFacts:
    return RequestFacts(
        requester=command.requester,
        entitlement=entitlement,
        duration=command.duration,
        reason=command.reason,
        purpose=command.purpose,
        minimum_necessary=command.minimum_necessary,
        now=desk.clock.now(),
    )


def _columns(command: Ask, entitlement: Entitlement, decision: Decision, *, now: datetime) -> dict[str, Any]:
    return {
        "requester": command.requester.subject,
        "requester_name": command.requester.name,
        "requester_slack": command.requester.slack_user,
        "target": entitlement.target.id,
        "entitlement": entitlement.key,
        "duration_seconds": int(command.duration.total_seconds()),
        "reason": command.reason,
        "purpose": command.purpose,
        "minimum_necessary": command.minimum_necessary,
        "policy_hash": decision.policy_hash,
        "decided_by_policies": list(decision.decided_by),
        "created_at": now,
    }


async def _record(accepted: _Accepted, desk: Desk) -> UUID:
    command, path, request_id = accepted.command, accepted.path, uuid4()
    now = desk.clock.now()
    move = Move(
        REQUEST,
        "ask",
        request_id,
        NEW,
        changes=_columns(command, accepted.entitlement, accepted.decision, now=now)
        | {
            "submission": command.submission,
            "path": path.id,
            "approvals_needed": path.approvals,
            "asked": [each.subject for each in accepted.asked.people],
            "asked_slack": [each.slack_user for each in accepted.asked.people],
            "asked_fallback": accepted.asked.fallback,
            "expires_at": now + path.request_expires,
        },
        data=_evidence(accepted),
        jobs=[redraw(request_id), Job("access.expire_request", {"request": str(request_id)}, path.request_expires)],
    )
    async with desk.database.transaction() as tx:
        try:
            await desk.ledger.advance(tx.connection, move, actor=person_actor(command.requester.subject))
        except Conflict:
            if made := await _made(tx.connection, command.submission):
                return made
            raise
        await open_lanes(tx.connection, request_id, channel=desk.channel, requester_slack=command.requester.slack_user)
        if not path.approvals:
            await _approve_by_policy(desk, tx.connection, accepted, request_id, now)
    return request_id


def _evidence(accepted: _Accepted) -> dict[str, object]:
    """What an auditor needs to judge the decision again: the wish, the path and its terms, who could have decided."""
    return {
        "entitlement": accepted.entitlement.key,
        "sensitivity": sorted(accepted.entitlement.target.tags),
        "duration_seconds": int(accepted.command.duration.total_seconds()),
        "reason": accepted.command.reason,
        "purpose": accepted.command.purpose,
        "minimum_necessary": accepted.command.minimum_necessary,
        "path": accepted.path.id,
        "policy_hash": accepted.decision.policy_hash,
        "policies": list(accepted.decision.decided_by),
        "could_approve": [each.subject for each in accepted.asked.people],
    }


async def _approve_by_policy(
    desk: Desk, connection: Connection, accepted: _Accepted, request_id: UUID, now: datetime
) -> None:
    """A path that needs nobody's word: the policy itself approves, in the same transaction."""
    actor = playbook("access")
    changes = {"decided_at": now, "decided_by": str(actor), "decided_by_name": f"policy “{accepted.path.title}”"}
    move = Move(REQUEST, "approve", request_id, PENDING, changes=changes, data={"path": accepted.path.id})
    row = await desk.ledger.advance(connection, move, actor=actor)
    await begin_grant(desk, connection, AccessRequest(**row), accepted.entitlement, accepted.account, actor=actor)


async def _made_before(desk: Desk, command: Ask) -> UUID | None:
    if command.submission is None:
        return None
    async with desk.database.autocommit() as connection:
        return await _made(connection, command.submission)


async def _made(connection: Connection, submission: str | None) -> UUID | None:
    cursor = await connection.execute("SELECT id FROM access_request WHERE submission = %s", [submission])
    row = await cursor.fetchone()
    return row[0] if row else None


async def _refuse(
    desk: Desk, command: Ask, entitlement: Entitlement, decision: Decision, *, alert: bool = False
) -> NoReturn:
    request_id, now = uuid4(), desk.clock.now()
    reasons = " ".join(decision.reasons)
    move = Move(
        REQUEST,
        "refuse",
        request_id,
        NEW,
        changes=_columns(command, entitlement, decision, now=now)
        | {
            "submission": _refusal(command),
            "path": None,
            "asked": [],
            "asked_slack": [],
            "expires_at": now,
            "decided_at": now,
            "note": reasons,
        },
        data={"entitlement": entitlement.key, "reasons": list(decision.reasons), "policy_hash": decision.policy_hash},
        jobs=[redraw(request_id)] if alert else [],
    )
    async with desk.database.transaction() as tx:
        try:
            await desk.ledger.advance(tx.connection, move, actor=person_actor(command.requester.subject))
        except Conflict:  # the very same form sent again: refused already, and recorded once
            alert = False
        if alert:
            await open_alert(tx.connection, request_id, channel=desk.alerts_channel)
    raise Refused(reasons, field=_field_to_mend(command, decision))


def _refusal(command: Ask) -> str | None:
    """The form that was refused, told from the same form mended by what was written in it."""
    if command.submission is None:
        return None
    wish = (command.entitlement, command.duration, command.reason, command.purpose, command.minimum_necessary)
    return f"{command.submission}:refused:{hashlib.sha256(repr(wish).encode()).hexdigest()[:16]}"


def _field_to_mend(command: Ask, decision: Decision) -> str | None:
    """The length is what is wrong where every path that is open would do for a shorter time."""
    too_long = [path for path in decision.alternatives if path.max_duration < command.duration]
    return "duration" if too_long and len(too_long) == len(decision.alternatives) else None
