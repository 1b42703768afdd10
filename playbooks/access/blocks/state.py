"""The state of a request and its grant in one line. The words carry it; the sign only helps the eye."""

from playbooks.access.blocks.parts import length, mention, moment, plain
from playbooks.access.blocks.sheet import Sheet
from playbooks.access.lifecycle import ACTIVE, APPROVED, FAILED, GRANTING, PENDING, REVOKED, REVOKING
from playbooks.access.models import AccessGrant


def state_line(sheet: Sheet) -> str:
    """One line of mrkdwn for the card and the requester's message."""
    if sheet.grant is not None:
        return _grant_line(sheet, sheet.grant)
    return _request_line(sheet)


def state_words(sheet: Sheet) -> str:
    """Two or three plain words for notifications and screen readers."""
    if sheet.grant is not None:
        return {GRANTING: "approved, being granted", ACTIVE: "granted", REVOKING: "ending", REVOKED: "ended"}.get(
            sheet.grant.status, "could not be granted"
        )
    return "waiting for approval" if sheet.request.status == PENDING else sheet.request.status


def _request_line(sheet: Sheet) -> str:
    request = sheet.request
    if request.status == PENDING:
        return _pending_line(sheet)
    note = f" “{plain(request.note)}”" if request.note else ""
    by = f" by {plain(request.decided_by_name)}" if request.decided_by_name else ""
    return {
        APPROVED: f":white_check_mark: Approved{by}.",
        "denied": f":no_entry: Denied{by}.{note}",
        "withdrawn": f":leftwards_arrow_with_hook: Withdrawn by {plain(request.requester_name)}.",
        "expired": ":hourglass: Expired: nobody decided in time. Ask again if you still need it.",
    }.get(request.status, f":no_entry: Refused by policy.{note}")


def _pending_line(sheet: Sheet) -> str:
    needed, got = sheet.request.approvals_needed, len(sheet.approvals)
    count = f" ({got} of {needed} approvals)" if needed > 1 else ""
    who = ", ".join(f"<@{each}>" for each in sheet.approvers[:10])
    more = f" and {len(sheet.approvers) - 10} more" if len(sheet.approvers) > 10 else ""  # noqa: PLR2004  a line's worth
    until = moment(sheet.request.expires_at)
    return f":hourglass_flowing_sand: Waiting for approval{count} from {who}{more}, until {until}."


def _grant_line(sheet: Sheet, grant: AccessGrant) -> str:
    by = plain(sheet.request.decided_by_name or "policy")
    if grant.status == GRANTING:
        trouble = f" The last attempt failed: {plain(grant.last_error)}" if grant.last_error else ""
        return f":gear: Approved by {by}, being granted.{trouble}"
    if grant.status == ACTIVE:
        return f":large_green_circle: Granted (approved by {by}) until {moment(grant.due_at)}."
    if grant.status == REVOKING:
        return _ending_line(sheet, grant)
    if grant.status == FAILED:
        return f":x: Could not be granted: {plain(grant.last_error or 'unknown reason')}. Nothing was given."
    return _gone_line(grant)


def _ending_line(sheet: Sheet, grant: AccessGrant) -> str:
    if not sheet.failing:
        return f":gear: Ending ({plain(grant.end_reason or 'time is up')}), not yet proven gone."
    paged = " Somebody has been paged." if grant.failures >= sheet.page_after else ""
    return (
        f":red_circle: *Not taken back yet.* {grant.failures} failed attempts, the last: "
        f"{plain(grant.last_error or '')} Trying again.{paged}"
    )


def _gone_line(grant: AccessGrant) -> str:
    never = grant.active_at is None
    lag = f"{grant.lag_seconds:.1f} s" if grant.lag_seconds is not None else "unknown"
    kept = (grant.after or {}).get("kept_for")
    if kept:
        return f":white_circle: Ended ({plain(grant.end_reason or '')}). The entitlement stays: {plain(str(kept))}."
    if never:
        return f":x: {plain(_sentence(grant.end_reason or 'ended before it began'))}. Read back: nothing is there."
    return f":white_circle: Ended ({plain(grant.end_reason or '')}) and read back as gone, {lag} after its end."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def time_left(grant: AccessGrant) -> str:
    return f"{length(grant.duration)}, until {moment(grant.due_at)}"


def who(sheet: Sheet) -> str:
    return mention(sheet.request.requester_slack, sheet.request.requester_name)
