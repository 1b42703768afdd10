"""Giving: the intent is recorded, the vendor called, and only what was read back is called granted."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core.errors import Conflict, Permanent, Transient
from core.jobs import Backoff, enqueue
from integrations.ports import Access, Observed, Receipt
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import expire_job, grant_job, revoke_job, undo_job
from playbooks.access.commands.messages import redraw
from playbooks.access.jobs.claim import RELEASED, NotYet, claim, live_others, others, record, release
from playbooks.access.lifecycle import GRANTING, REVOKING, UNFINISHED
from playbooks.access.models import AccessGrant


async def give(desk: Desk, grant_id: UUID) -> None:
    """Bring a grant one step forward: attempt it, ask after it, or read it back.

    Every failure is recorded on the row and tried again; a grant that is not there in time is taken back.
    """
    grant = await claim(desk, grant_id, status=GRANTING)
    desk.reached("grant.claimed")
    try:
        await _attempt(desk, grant)
    except NotYet:
        await release(desk, grant)
        raise
    except Conflict:
        await _let_go(desk, grant)
        raise


async def _attempt(desk: Desk, grant: AccessGrant) -> None:
    try:
        await _let_revokes_finish(desk, grant)
        if not grant.ticket:
            grant = await _record_intent(desk, grant)
            await _let_revokes_finish(desk, grant)
        await _step(desk, grant)
    except NotYet:
        raise
    except (Transient, Permanent) as error:
        await _stumble(desk, grant, error)


async def _let_revokes_finish(desk: Desk, grant: AccessGrant) -> None:
    """Asked before the intent is recorded, so as not to record it in vain, and again after it.

    A revoke asks for grants with an intent after it has recorded itself, so that of two that cross each other at
    least one sees the other.
    """
    if await others(desk, grant, [REVOKING]):
        raise NotYet("The same entitlement is just being taken back.", retry_after=1)


async def _let_go(desk: Desk, grant: AccessGrant) -> None:
    """It was ended, or taken over by another worker, while we were giving.

    With our claim still on it the row waits for us, and goes on now. Else whoever took the row over could not know
    what our call would do after theirs: it is looked at once more.
    """
    if not await release(desk, grant):
        async with desk.database.autocommit() as connection:
            await enqueue(connection, [undo_job(grant.id)])


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
    elif grant.standing:
        receipt = Receipt("done")  # there is nothing to give, and so nothing of ours to take
    else:
        receipt = await provider.grant(access_of(grant), until=await _until(desk, grant), key=str(grant.id))
    desk.reached("grant.called")
    if receipt.state == "pending":
        await _wait_for_vendor(desk, grant, receipt)
        return
    observed = await provider.observe(access_of(grant))
    desk.reached("grant.read_back")
    if not observed.present:
        raise Transient("The vendor took the grant but does not show it yet.")
    await _activate(desk, grant, receipt, observed)


async def _until(desk: Desk, grant: AccessGrant) -> datetime:
    """The vendor keeps one end for all grants of an entitlement: the latest, or it would cut the others short."""
    return max([grant.due_at, *(each.due_at for each in await live_others(desk, grant))])


async def _record_intent(desk: Desk, grant: AccessGrant) -> AccessGrant:
    """What the person held before, and that we are about to act: committed before the vendor is called.

    The clock of the grant starts here, so a vendor that was down does not eat the person's hour. So does our claim,
    which must outlast the call.
    """
    found = await _held_before(desk, grant) if grant.before is None else {}
    now = desk.clock.now()
    due_at = now + grant.duration
    clocks: dict[str, object] = {
        "due_at": due_at,
        "remind_at": _reminder(desk, grant, due_at),
        "claimed_until": now + desk.timing.claim,
    }
    intended = await record(
        desk,
        grant,
        "attempt",
        changes=found | clocks,
        data=found | {"due_at": due_at, "idempotency_key": str(grant.id)},
        jobs=[expire_job(grant.id, due_at, now=now)],
    )
    desk.reached("grant.intended")
    return intended


async def _held_before(desk: Desk, grant: AccessGrant) -> dict[str, object]:
    """What the person holds before we act, and whether in their own right.

    Our other grants are looked up on both sides of the read-back, so that one which begins or ends meanwhile is
    not mistaken for standing access.
    """
    ours = await others(desk, grant, UNFINISHED)
    before = await desk.providers[grant.vendor].observe(access_of(grant))
    ours = [each for each in [*ours, *await others(desk, grant, UNFINISHED)] if each.attempted]
    standing = before.present and (not ours or any(each.standing for each in ours))
    return {"before": shown(before), "standing": standing}


async def _wait_for_vendor(desk: Desk, grant: AccessGrant, receipt: Receipt) -> None:
    if desk.clock.now() - grant.began_at > desk.timing.grant_within:
        raise Transient("The vendor has accepted the grant and does not finish it.")
    if receipt.ticket == grant.ticket:
        raise NotYet("The vendor is still working on it.", retry_after=desk.timing.poll_every.total_seconds())
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
    """Nothing may be left behind: whether something is there is found out by taking it back.

    Where the vendor was never asked there is nothing to take, and nobody to bother with it.
    """
    if grant.before is None:
        failed = RELEASED | {"failures": grant.failures + 1, "last_error": str(error), "retry_at": None}
        await record(desk, grant, "fail", changes=failed, data={"error": str(error)}, jobs=[redraw(grant.request_id)])
        return
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
            "retry_at": None,
        },
        data={"error": str(error)},
        jobs=[revoke_job(grant.id), redraw(grant.request_id)],
    )


def _reminder(desk: Desk, grant: AccessGrant, due_at: datetime) -> datetime | None:
    """When to remind; never for a grant so short that the reminder would be most of it."""
    before = desk.timing.remind_before
    return due_at - before if grant.duration >= 3 * before else None
