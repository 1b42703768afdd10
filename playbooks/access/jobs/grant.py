"""Giving: the intent is recorded, the vendor called, and only what was read back is called granted."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core.errors import Conflict, Permanent, Transient
from core.jobs import Backoff
from integrations.ports import Access, Observed, Receipt
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import expire_job, grant_job, revoke_job
from playbooks.access.commands.messages import redraw
from playbooks.access.jobs.claim import RELEASED, claim, others, record, release
from playbooks.access.lifecycle import ACTIVE, GRANTING, REVOKING
from playbooks.access.models import AccessGrant


async def give(desk: Desk, grant_id: UUID) -> None:
    """Bring a grant one step forward: attempt it, ask after it, or read it back.

    Every failure is recorded on the row and tried again; a grant that is not there in time is taken back.
    """
    grant = await claim(desk, grant_id, status=GRANTING)
    desk.reached("grant.claimed")
    if await others(desk, grant, [REVOKING]):
        await release(desk, grant)
        raise Transient("The same entitlement is just being taken back.", retry_after=1)
    try:
        await _step(desk, grant)
    except (Transient, Permanent) as error:
        await _stumble(desk, grant, error)
    except Conflict:
        # It was ended while we were giving. Let go, so that taking back need not wait for our claim to end.
        await release(desk, grant)
        raise


def shown(observed: Observed) -> dict[str, object]:
    """A read-back as evidence."""
    return {
        "present": observed.present,
        "entitlements": list(observed.entitlements),
        "expires_at": observed.expires_at.isoformat() if observed.expires_at else None,
        "sessions": observed.sessions,
    }


def access_of(grant: AccessGrant) -> Access:
    """The grant in the words of the port."""
    return Access(
        target=grant.target, entitlement=grant.entitlement, account=grant.account, parameters=grant.parameters
    )


async def _step(desk: Desk, grant: AccessGrant) -> None:
    provider = desk.providers[grant.vendor]
    if grant.ticket:
        receipt = await provider.poll(grant.ticket)
    else:
        grant = await _record_intent(desk, grant)
        receipt = await provider.grant(access_of(grant), until=grant.due_at, key=str(grant.id))
    desk.reached("grant.called")
    if receipt.state == "pending":
        await _wait_for_vendor(desk, grant, receipt)
        return
    observed = await provider.observe(access_of(grant))
    desk.reached("grant.read_back")
    if not observed.present:
        raise Transient("The vendor took the grant but does not show it yet.")
    await _activate(desk, grant, receipt, observed)


async def _record_intent(desk: Desk, grant: AccessGrant) -> AccessGrant:
    """What the person held before, and that we are about to act: committed before the vendor is called.

    The clock of the grant starts here, so a vendor that was down does not eat the person's hour.
    """
    now = desk.clock.now()
    due_at = now + grant.duration
    found: dict[str, object] = {}
    if grant.before is None:
        before = await desk.providers[grant.vendor].observe(access_of(grant))
        found = {"before": shown(before), "standing": await _is_standing(desk, grant, before)}
    intended = await record(
        desk,
        grant,
        "attempt",
        changes=found | {"due_at": due_at, "remind_at": _reminder(desk, grant, due_at)},
        data=found | {"due_at": due_at, "idempotency_key": str(grant.id)},
        jobs=[expire_job(grant.id, due_at, now=now)],
    )
    desk.reached("grant.intended")
    return intended


async def _is_standing(desk: Desk, grant: AccessGrant, before: Observed) -> bool:
    """Present before we gave it, and not because of another grant of ours."""
    if not before.present:
        return False
    ours = await others(desk, grant, [GRANTING, ACTIVE])
    return not ours or any(each["standing"] for each in ours)


async def _wait_for_vendor(desk: Desk, grant: AccessGrant, receipt: Receipt) -> None:
    await record(
        desk,
        grant,
        "await",
        changes=RELEASED
        | {"ticket": receipt.ticket, "vendor_request_ids": [*grant.vendor_request_ids, *receipt.vendor_request_ids]},
        data={"vendor_request_ids": list(receipt.vendor_request_ids)},
        jobs=[replace(grant_job(grant.id), after=desk.timing.poll_every)],
    )
    desk.reached("grant.awaited")


async def _activate(desk: Desk, grant: AccessGrant, receipt: Receipt, observed: Observed) -> None:
    request_ids = [*grant.vendor_request_ids, *receipt.vendor_request_ids]
    await record(
        desk,
        grant,
        "activate",
        changes=RELEASED
        | {
            "active_at": desk.clock.now(),
            "ticket": None,
            "after": shown(observed),
            "vendor_request_ids": request_ids,
            "failures": 0,
            "last_error": None,
            "retry_at": None,
        },
        data={"read_back": shown(observed), "vendor_request_ids": request_ids, "due_at": grant.due_at},
        jobs=[redraw(grant.request_id)],
    )
    desk.reached("grant.activated")


async def _stumble(desk: Desk, grant: AccessGrant, error: Transient | Permanent) -> None:
    """Record the failure; try again while there is time, else give up and take back whatever may be there."""
    now, failures = desk.clock.now(), grant.failures + 1
    waited = now - grant.began_at
    decision = Backoff(desk.timing.retry_first, desk.timing.retry_longest).decide(failures, error)
    if decision.after is None or waited + decision.after > desk.timing.grant_within:
        await _abandon(desk, grant, error)
        return
    await record(
        desk,
        grant,
        "stumble",
        changes=RELEASED | {"failures": failures, "last_error": str(error), "retry_at": now + decision.after},
        data={"failures": failures, "error": str(error)},
        jobs=[replace(grant_job(grant.id), after=decision.after), redraw(grant.request_id)],
    )


async def _abandon(desk: Desk, grant: AccessGrant, error: Transient | Permanent) -> None:
    """Nothing may be left behind: whether something is there is found out by taking it back."""
    await record(
        desk,
        grant,
        "abandon",
        changes=RELEASED
        | {
            "ended_at": desk.clock.now(),
            "ended_by": "playbook:access",
            "end_reason": f"could not be granted: {error}",
            "ticket": None,
            "failures": 0,
            "last_error": str(error),
        },
        data={"error": str(error)},
        jobs=[revoke_job(grant.id), redraw(grant.request_id)],
    )


def _reminder(desk: Desk, grant: AccessGrant, due_at: datetime) -> datetime | None:
    """When to remind; never for a grant so short that the reminder would be most of it."""
    before = desk.timing.remind_before
    return due_at - before if grant.duration >= 3 * before else None
