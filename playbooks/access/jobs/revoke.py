"""Taking back: called at the vendor, read back as gone, and the lag measured. A failure is retried for ever."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from core.errors import ChaperoneError, Conflict, Permanent, Transient
from core.jobs import Backoff
from integrations.ports import Observed, Receipt
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import revoke_job
from playbooks.access.commands.load import grant_of
from playbooks.access.commands.messages import open_alert, redraw
from playbooks.access.commands.time import expire_grant
from playbooks.access.jobs.claim import RELEASED, claim, others, record
from playbooks.access.jobs.grant import access_of, shown
from playbooks.access.lifecycle import ACTIVE, GRANTING, REVOKING
from playbooks.access.models import AccessGrant

_NOTHING_TO_DO = Receipt("done")


async def expire(desk: Desk, grant_id: UUID) -> None:
    """The grant has run out: record it and take it back at once. Does nothing to one that is not due."""
    try:
        grant = await expire_grant(desk, grant_id)
    except Conflict:
        grant = await grant_of(desk.database, grant_id)
        if grant.status != REVOKING:
            return
    desk.reached("revoke.recorded")
    if grant.claim is None or grant.claimed_until is None:
        await take_back(desk, grant_id)
    else:
        await _attempt(desk, grant)


async def take_back(desk: Desk, grant_id: UUID) -> None:
    """Bring a revoke one step forward. Raises Conflict when there is nothing to take back any more."""
    grant = await claim(desk, grant_id, status=REVOKING)
    desk.reached("revoke.claimed")
    if grant.failures:
        grant = await record(desk, grant, "retry", changes={}, data={"attempt": grant.failures + 1})
    await _attempt(desk, grant)


async def _attempt(desk: Desk, grant: AccessGrant) -> None:
    try:
        await _step(desk, grant)
    except (Transient, Permanent) as error:
        await _stumble(desk, grant, error)


async def _step(desk: Desk, grant: AccessGrant) -> None:
    kept = await _kept_for(desk, grant)
    provider = desk.providers[grant.vendor]
    if kept:
        receipt = _NOTHING_TO_DO
    elif grant.ticket:
        receipt = await provider.poll(grant.ticket)
    else:
        receipt = await provider.revoke(access_of(grant), key=str(grant.id))
    desk.reached("revoke.called")
    if receipt.state == "pending":
        await _wait_for_vendor(desk, grant, receipt)
        return
    observed = await provider.observe(access_of(grant))
    desk.reached("revoke.read_back")
    if not kept and observed.present:
        raise Transient("The vendor still shows the access.")
    await _confirm(desk, grant, receipt, observed, kept)


async def _kept_for(desk: Desk, grant: AccessGrant) -> str:
    """Why the entitlement stays although this grant ends; empty when it goes.

    Asked after the revoke is recorded, and a new grant asks for revokes after it is recorded, so that of two that
    cross each other at least one sees the other.
    """
    if grant.standing:
        return "standing access from before the grant"
    if await others(desk, grant, [GRANTING, ACTIVE]):
        return "another grant of the same entitlement"
    return ""


async def _wait_for_vendor(desk: Desk, grant: AccessGrant, receipt: Receipt) -> None:
    await record(
        desk,
        grant,
        "await",
        changes=RELEASED
        | {"ticket": receipt.ticket, "vendor_request_ids": [*grant.vendor_request_ids, *receipt.vendor_request_ids]},
        data={"vendor_request_ids": list(receipt.vendor_request_ids)},
        jobs=[replace(revoke_job(grant.id), after=desk.timing.poll_every)],
    )
    desk.reached("revoke.awaited")


async def _confirm(desk: Desk, grant: AccessGrant, receipt: Receipt, observed: Observed, kept: str) -> None:
    now = desk.clock.now()
    lag = max((now - grant.to_be_gone_at).total_seconds(), 0.0)
    request_ids = [*grant.vendor_request_ids, *receipt.vendor_request_ids]
    await record(
        desk,
        grant,
        "confirm",
        changes=RELEASED
        | {
            "revoked_at": now,
            "lag_seconds": lag,
            "ticket": None,
            "after": shown(observed) | {"kept_for": kept},
            "vendor_request_ids": request_ids,
            "sessions_ended": receipt.sessions_ended,
            "last_error": None,
            "retry_at": None,
        },
        data={
            "read_back": shown(observed),
            "kept_for": kept,
            "lag_seconds": lag,
            "vendor_request_ids": request_ids,
            "sessions_ended": receipt.sessions_ended,
        },
        jobs=[redraw(grant.request_id)],
    )
    desk.reached("revoke.confirmed")


async def _stumble(desk: Desk, grant: AccessGrant, error: ChaperoneError) -> None:
    """Record the failure and try again, for ever; somebody is paged once it has failed often enough."""
    failures = grant.failures + 1
    if failures == desk.timing.page_after:
        await _open_page(desk, grant)
    after = _wait(desk, failures, error)
    await record(
        desk,
        grant,
        "stumble",
        changes=RELEASED
        | {
            "failures": failures,
            "last_error": str(error),
            "retry_at": desk.clock.now() + after,
            "ticket": None,  # whatever became of the last call, the next attempt takes back anew
        },
        data={"failures": failures, "error": str(error)},
        jobs=[replace(revoke_job(grant.id), after=after), redraw(grant.request_id)],
    )


def _wait(desk: Desk, failures: int, error: ChaperoneError) -> timedelta:
    passing = error if isinstance(error, Transient) else Transient(str(error))
    return Backoff(desk.timing.retry_first, desk.timing.retry_longest).decide(failures, passing).after or timedelta()


async def _open_page(desk: Desk, grant: AccessGrant) -> None:
    """Before the failure is recorded, whose redraw then posts it: opening it twice is opening it once."""
    async with desk.database.transaction() as tx:
        await open_alert(tx.connection, grant.request_id, channel=desk.alerts_channel)
