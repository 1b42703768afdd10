"""Decides what speaks against a change, from a snapshot alone. Each refusal names what a person has to run."""

from datetime import datetime

from core.errors import Permanent
from integrations.postgres.snapshot import GRANT_OPTIONS_SINCE, Snapshot


def require_known(seen: Snapshot, *, login: str, role: str) -> None:
    """Raises Permanent for a name that the server does not know: it may be a typing error or a renamed role."""
    if seen.login_oid is None:
        raise Permanent(
            f"PostgreSQL has no login {login}. Create it (CREATE ROLE {login} LOGIN), or mend the person's account "
            "in the directory. If it was renamed, take its memberships by hand."
        )
    if seen.role_oid is None:
        raise Permanent(
            f"PostgreSQL has no role {role}. Create it and its rights (CREATE ROLE {role} NOLOGIN), or mend the "
            "catalogue. If it was renamed, take its memberships by hand."
        )


def require_apart(seen: Snapshot) -> None:
    """Raises Permanent where our own grants could not be told from those of the people who run the server."""
    if seen.me_superuser:
        raise Permanent(
            f"{seen.me} is a superuser, and what a superuser grants cannot be told from standing access. Give "
            "Chaperone its own: CREATE ROLE chaperone_admin LOGIN CREATEROLE, and ADMIN on the roles to give."
        )
    if seen.login_is_me:
        raise Permanent(f"{seen.me} is the login that Chaperone works with. Name the person's own login instead.")


def require_grantable(seen: Snapshot, *, login: str, role: str) -> None:
    """Raises Permanent where the login or the role is not one to give and take for an hour."""
    if seen.login_superuser:
        raise Permanent(f"{login} is a superuser, which no membership limits. Give the person an ordinary login.")
    if not seen.login_can_log_in:
        raise Permanent(f"{login} is a group, not a login: others would get the role too. Name the person's own login.")
    if seen.dangers:
        raise Permanent(
            f"{role} is not safe to give: {', '.join(seen.dangers)}. Make a role with rights on data alone."
        )
    if not seen.role_ours_to_give:
        raise Permanent(f"{seen.me} may not give {role}. As its owner run: {admin_grant(seen, role)}")


def admin_grant(seen: Snapshot, role: str) -> str:
    """The statement that lets us give ``role`` without using it ourselves."""
    if seen.major >= GRANT_OPTIONS_SINCE:
        return f"GRANT {role} TO {seen.me} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;"
    return f"GRANT {role} TO {seen.me} WITH ADMIN OPTION;"


def end_at_grant(seen: Snapshot, until: datetime) -> datetime | None:
    """The VALID UNTIL that a grant until ``until`` asks for; None to leave the login's end alone.

    While another of our grants is live the later end stands, since the login serves both.
    """
    if not seen.managed or seen.valid_until is None:
        return None
    return max(seen.valid_until, until) if seen.more_from_us else until


def end_at_revoke(seen: Snapshot) -> datetime | None:
    """The VALID UNTIL after the last of our grants; None to leave it, also where it has passed by itself."""
    if not seen.managed or seen.more_from_us or seen.valid_until is None or seen.valid_until <= seen.now:
        return None
    return seen.now
