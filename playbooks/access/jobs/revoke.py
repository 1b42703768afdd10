"""Taking back: called at the vendor, read back as gone, and the lag measured. A failure is retried for ever."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from core.errors import ChaperoneError, Conflict, Permanent, Transient
from core.jobs import Backoff
from integrations.ports import Observed, Receipt
from playbooks.access.commands.desk import Desk
from playbooks.access.commands.grant import revoke_job
from playbooks.access.commands.load import grant_of, request_of
from playbooks.access.commands.messages import open_alert, redraw
from playbooks.access.commands.time import expire_grant
from playbooks.access.jobs.claim import RELEASED, NotYet, claim, live_others, record, release
from playbooks.access.jobs.grant import access_of, shown
from playbooks.access.lifecycle import GRANT, REVOKING
from playbooks.access.models import AccessGrant

log = structlog.get_logger()

_NOTHING_TO_DO = Receipt("done")


async def expire(desk: Desk, grant_id: UUID) -> None:
    """The grant has run out: record it and take it back at once. Does nothing to one that is not due."""
    token = uuid4()
    try:
        grant = await expire_grant(desk, grant_id, claim=token)
    except Conflict:
        grant = await grant_of(desk.database, grant_id)
        if grant.status != REVOKING:
            return
    desk.reached("revoke.recorded")
    if grant.claim == token:
        await _attempt(desk, grant)
    else:
        await take_back(desk, grant_id)


async def take_back(desk: Desk, grant_id: UUID) -> None:
    """Bring a revoke one step forward. Raises Conflict when there is nothing to take back any more."""
    grant = await claim(desk, grant_id, status=REVOKING)
    desk.reached("revoke.claimed")
    if grant.failures:
        grant = await record(desk, grant, "retry", changes={}, data={"attempt": grant.failures + 1})
    await _attempt(desk, grant)


async def undo(desk: Desk, grant_id: UUID) -> None:
    """Take away what a worker that had lost its claim may have brought to the vendor after the grant had ended.

    Raises Transient until the vendor shows nothing.
    """
    grant = await grant_of(desk.database, grant_id)
    if grant.status == REVOKING:
        raise NotYet("It is just being taken back.", retry_after=1)
    if grant.status not in GRANT.terminal or await _kept_for(desk, grant):
        return
    provider, access = desk.providers[grant.vendor], access_of(grant)
    try:
        if not (await provider.observe(access)).present:
            return
        log.warning("access.late_grant_undone", grant=str(grant.id))
        await provider.revoke(access, key=str(grant.id))
        if (await provider.observe(access)).present:
            raise Transient("The vendor still shows access that came after its grant had ended.")
    except Permanent as error:
        raise Transient(str(error)) from error  # for ever: nothing else would ever take it away


async def _attempt(desk: Desk, grant: AccessGrant) -> None:
    try:
        await _step(desk, grant)
    except NotYet:
        await release(desk, grant)
        raise
    except (Transient, Permanent) as error:
        await _stumble(desk, grant, error)


async def _step(desk: Desk, grant: AccessGrant) -> None:
    kept = await _kept_for(desk, grant)
    provider = desk.providers[grant.vendor]
    if grant.ticket:
        receipt = await provider.poll(grant.ticket)  # even if it is to be kept now: two changes must not cross
    elif kept or grant.before is None:
        receipt = _NOTHING_TO_DO
    else:
        receipt = await provider.revoke(access_of(grant), key=str(grant.id))
    desk.reached("revoke.called")
    if receipt.state == "pending":
        await _wait_for_vendor(desk, grant, receipt)
        return
    observed = await provider.observe(access_of(grant))
    desk.reached("revoke.read_back")
    if observed.present and not kept:
        if grant.before is not None:
            raise Transient("The vendor still shows the access.")
        kept = "access that this grant never gave"
    await _confirm(desk, grant, receipt, observed, kept if observed.present else "")


async def _kept_for(desk: Desk, grant: AccessGrant) -> str:
    """Why the entitlement stays although this grant ends; empty when it goes.

    Asked after the revoke is recorded; see ``jobs.grant`` for why that matters.
    """
    if grant.standing:
        return "standing access from before the grant"
    if await live_others(desk, grant):
        return "another grant of the same entitlement"
    return ""


async def _wait_for_vendor(desk: Desk, grant: AccessGrant, receipt: Receipt) -> None:
    if desk.clock.now() - grant.to_be_gone_at > desk.timing.grant_within:
        raise Transient("The vendor has accepted the revoke and does not finish it.")
    if receipt.ticket == grant.ticket:
        raise NotYet("The vendor is still working on it.", retry_after=desk.timing.poll_every.total_seconds())
    await record(
        desk,
        grant,
        "await",
        changes=RELEASED
        | {"ticket": receipt.ticket, "vendor_request_ids": [*grant.vendor_request_ids, *receipt.vendor_request_ids]},
        data={"vendor_request_ids": list(receipt.vendor_request_ids)},
        jobs=[replace(revoke_job(grant.id), after=desk.timing.poll_every), redraw(grant.request_id)],
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
    if failures >= desk.timing.page_after or await _out_of_grace(desk, grant):
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
    """A vendor may ask for a pause, though not for one that leaves the access there for hours."""
    passing, longest = error if isinstance(error, Transient) else Transient(str(error)), desk.timing.retry_longest
    return min(Backoff(desk.timing.retry_first, longest).decide(failures, passing).after or timedelta(), longest)


async def _out_of_grace(desk: Desk, grant: AccessGrant) -> bool:
    """Whether the access has been overdue for as long as its path lets a revoke fail before somebody is paged."""
    request = await request_of(desk.database, grant.request_id)
    path = desk.policies.paths.get(request.path or "")
    return path is not None and desk.clock.now() - grant.to_be_gone_at >= path.grace


async def _open_page(desk: Desk, grant: AccessGrant) -> None:
    """Before the failure is recorded, whose redraw then posts it: opening it twice is opening it once."""
    async with desk.database.transaction() as tx:
        await open_alert(tx.connection, grant.request_id, channel=desk.alerts_channel)
