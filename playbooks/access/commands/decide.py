"""Deciding: an approver says yes or no, and policy is asked again with the facts of this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.actors import person as person_actor
from core.actors import playbook
from core.database import Transaction
from core.errors import Conflict, NotFound, Refused
from core.ledger import Move
from core.privacy import refuse_if_private
from integrations.ports import Person
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import begin_grant
from playbooks.access.commands.load import approvals_of, locked_request, request_of
from playbooks.access.commands.messages import open_alert, redraw
from playbooks.access.commands.people import Asked, eligible
from playbooks.access.lifecycle import PENDING, REQUEST
from playbooks.access.models import AccessApproval, AccessRequest
from playbooks.access.policy import (
    ApprovalFacts,
    Decision,
    Entitlement,
    RequestFacts,
    decide_approval,
    stage_to_ask,
)


@dataclass(frozen=True, slots=True)
class Approve:
    """``approver`` as the directory knows them at this moment, never from memory."""

    request: UUID
    approver: Person


@dataclass(frozen=True, slots=True)
class Deny:
    """``reason`` is told to the requester."""

    request: UUID
    approver: Person
    reason: str


async def approve(desk: Desk, command: Approve) -> AccessRequest:
    """Count this person's yes; the last one needed approves the request and begins the grant.

    Raises Conflict when the request is no longer open or this person has said yes already, Refused (recorded) when
    this person may not decide or policy no longer allows it, Transient when the directory is unreachable.
    """
    while True:
        request, known = await _open_request(desk, command.request)
        requester = await _requester(desk, request, command.approver, wanted="approve")
        upcoming = await _next_asked(desk, request, requester, command.approver, known)
        async with desk.database.transaction() as tx:
            request = await locked_request(tx, command.request)
            require_pending(request)
            already = await approvals_of(tx, request.id)
            if command.approver.subject in {each.approver for each in already}:
                raise Conflict("You have already approved this request. It waits for somebody else's approval.")
            if [each.approver for each in already] != [each.approver for each in known]:
                continue  # somebody else approved meanwhile, which may change whom the next stage asks
            decision = _judge(desk, request, requester, command.approver, already)
            if decision.allowed:
                return await _count(desk, tx, request, requester, command, decision, len(already) + 1, upcoming)
        await _object(desk, request, command.approver.subject, decision.reasons, wanted="approve")
        raise Refused(" ".join(decision.reasons))


async def deny(desk: Desk, command: Deny) -> AccessRequest:
    """Say no, for good. Whoever may approve may deny. Raises as ``approve`` does."""
    refuse_if_private(command.reason, "reason")
    request, already = await _open_request(desk, command.request)
    if not _was_asked(command.approver, request):
        requester = await _requester(desk, request, command.approver, wanted="deny")
        decision = _judge(desk, request, requester, command.approver, already)
        if not decision.allowed:
            await _object(desk, request, command.approver.subject, decision.reasons, wanted="deny")
            raise Refused(" ".join(decision.reasons))
    changes = _decided(desk, command.approver) | {"note": command.reason}
    move = Move(
        REQUEST,
        "deny",
        request.id,
        PENDING,
        changes=changes,
        data={"reason": command.reason},
        jobs=[redraw(request.id)],
    )
    async with desk.database.transaction() as tx:
        row = await desk.ledger.advance(tx.connection, move, actor=person_actor(command.approver.subject))
    return AccessRequest(**row)


async def turn_away(desk: Desk, request_id: UUID, *, team: str, slack_user: str, wanted: str) -> None:
    """Record that a Slack account which the directory binds to nobody wanted to ``approve`` or ``deny``.

    Raises NotFound for an unknown request; one that is no longer open takes no entries.
    """
    request = await request_of(desk.database, request_id)
    if request.status == PENDING:
        nobody = f"slack:{team}/{slack_user}"
        await _object(desk, request, nobody, ["The directory binds this Slack account to nobody."], wanted=wanted)


def _was_asked(approver: Person, request: AccessRequest) -> bool:
    """A no takes nothing from anybody: those who were asked may say it even where policy no longer allows a yes."""
    return approver.active and not approver.guest and approver.subject in request.asked


async def _open_request(desk: Desk, request_id: UUID) -> tuple[AccessRequest, list[AccessApproval]]:
    """The request, still open, and the approvals it has so far."""
    request = await request_of(desk.database, request_id)
    require_pending(request)
    async with desk.database.transaction() as tx:
        return request, await approvals_of(tx, request_id)


async def _next_asked(
    desk: Desk, request: AccessRequest, requester: Person, approver: Person, known: Sequence[AccessApproval]
) -> Asked | None:
    """Whom to ask if this yes ends a stage and another one follows; None where nothing changes."""
    path = desk.policies.paths.get(request.path or "")
    if path is None or len(path.stages) < 2:  # noqa: PLR2004  a path of one stage has no next one
        return None
    facts, before = _facts(desk, request, requester), tuple(each.approver for each in known)
    after = (*before, approver.subject)
    stage = stage_to_ask(path, facts, after)
    if stage is None or stage is stage_to_ask(path, facts, before):
        return None
    return await eligible(desk.directory, desk.policies, path, facts, after)


def require_pending(request: AccessRequest) -> None:
    """Raises Conflict, saying what became of it, for a request that is no longer open."""
    if request.status == PENDING:
        return
    by = f" by {request.decided_by_name}" if request.decided_by_name else ""
    raise Conflict(f"Too late: this request is {request.status}{by}. Nothing was changed.")


async def _requester(desk: Desk, request: AccessRequest, approver: Person, *, wanted: str) -> Person:
    try:
        return await desk.directory.person(request.requester)
    except NotFound:
        gone = f"{request.requester_name} is no longer in the directory. Whoever was asked can deny this request."
        await _object(desk, request, approver.subject, [gone], wanted=wanted)
        raise Refused(gone) from None


def _entitlement(desk: Desk, request: AccessRequest) -> Entitlement:
    return desk.catalogue.entitlement(request.entitlement)


def _judge(
    desk: Desk, request: AccessRequest, requester: Person, approver: Person, already: list[AccessApproval]
) -> Decision:
    facts = ApprovalFacts(
        request=_facts(desk, request, requester),
        path_id=request.path or "",
        approver=approver,
        already_approved_by=tuple(each.approver for each in already),
        fallback_asked=request.asked_fallback,
    )
    return decide_approval(desk.policies, facts)


def _facts(desk: Desk, request: AccessRequest, requester: Person) -> RequestFacts:
    return RequestFacts(
        requester=requester,
        entitlement=_entitlement(desk, request),
        duration=request.duration,
        reason=request.reason,
        purpose=request.purpose,
        minimum_necessary=request.minimum_necessary,
        now=desk.clock.now(),
    )


def _decided(desk: Desk, approver: Person) -> dict[str, object]:
    return {"decided_at": desk.clock.now(), "decided_by": approver.subject, "decided_by_name": approver.name}


async def _count(
    desk: Desk,
    tx: Transaction,
    request: AccessRequest,
    requester: Person,
    command: Approve,
    decision: Decision,
    count: int,
    upcoming: Asked | None,
) -> AccessRequest:
    approver, actor = command.approver, person_actor(command.approver.subject)
    await tx.connection.execute(
        "INSERT INTO access_approval (request_id, approver, approver_name, slack_user, policy_hash, at) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [request.id, approver.subject, approver.name, approver.slack_user, decision.policy_hash, desk.clock.now()],
    )
    data: dict[str, object] = {
        "path": request.path,
        "policy_hash": decision.policy_hash,
        "policies": list(decision.decided_by),
    }
    data |= {"slack_user": approver.slack_user, "count": count, "needed": request.approvals_needed}
    data |= {"self_approval": approver.subject == request.requester}
    if count < request.approvals_needed:
        changes, asked = _to_ask(upcoming)
        move = Move(
            REQUEST, "count", request.id, PENDING, changes=changes, data=data | asked, jobs=[redraw(request.id)]
        )
        counted = AccessRequest(**await desk.ledger.advance(tx.connection, move, actor=actor))
        if upcoming is not None and not upcoming.enough:
            await open_alert(tx.connection, request.id, channel=desk.alerts_channel)
        return counted
    move = Move(REQUEST, "approve", request.id, PENDING, changes=_decided(desk, approver), data=data)
    approved = AccessRequest(**await desk.ledger.advance(tx.connection, move, actor=actor))
    entitlement = _entitlement(desk, request)
    account = requester.accounts.get(entitlement.target.vendor)
    if not account:
        raise Refused(f"{requester.name} has lost their {entitlement.target.vendor} account. Deny this request.")
    await begin_grant(desk, tx.connection, approved, entitlement, account, actor=actor)
    return approved


def _to_ask(upcoming: Asked | None) -> tuple[dict[str, object], dict[str, object]]:
    """The columns and the evidence of a stage that begins."""
    if upcoming is None:
        return {}, {}
    subjects = [each.subject for each in upcoming.people]
    slack = [each.slack_user for each in upcoming.people]
    changes = {"asked": subjects, "asked_slack": slack, "asked_fallback": upcoming.fallback}
    return changes, {"could_approve": subjects}


async def _object(desk: Desk, request: AccessRequest, by: str, reasons: Sequence[str], *, wanted: str) -> None:
    """Put the refused attempt on the record, if the request is still open."""
    move = Move(
        REQUEST,
        "object",
        request.id,
        PENDING,
        data={"by": by, "wanted": wanted, "reasons": list(reasons)},
        jobs=[redraw(request.id)],
    )
    async with desk.database.transaction() as tx:
        await desk.ledger.advance(tx.connection, move, actor=playbook("access"))
