"""The login's end and the cures, decided from a snapshot alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.postgres.refusals import admin_grant, end_at_grant, end_at_revoke
from integrations.postgres.snapshot import Snapshot

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANAGED = Snapshot(
    major=18,
    now=NOW,
    me="chaperone_admin",
    me_superuser=False,
    me_createrole=True,
    login_oid=1,
    login_can_log_in=True,
    login_superuser=False,
    login_is_me=False,
    login_ours_to_alter=True,
    valid_until=NOW + 2 * HOUR,
    role_oid=2,
    role_ours_to_give=True,
    held_from_us=False,
    held_from_others=False,
    more_from_us=0,
    more_from_others=0,
    dangers=[],
)
STANDING = replace(MANAGED, valid_until=None)
NOT_OURS = replace(MANAGED, login_ours_to_alter=False)
SHARED_ROLE = replace(MANAGED, held_from_others=True)
SHARED_LOGIN = replace(MANAGED, more_from_others=1)


@pytest.mark.parametrize(
    ("seen", "hours", "end"),
    [
        (MANAGED, 1, NOW + HOUR),
        (MANAGED, 3, NOW + 3 * HOUR),
        (replace(MANAGED, more_from_us=1), 1, NOW + 2 * HOUR),
        (replace(MANAGED, more_from_us=1), 3, NOW + 3 * HOUR),
        (STANDING, 1, None),
        (NOT_OURS, 1, None),
        (SHARED_ROLE, 1, None),
        (SHARED_LOGIN, 1, None),
    ],
)
def test_a_grant_moves_the_end_only_where_it_is_ours_and_never_past_the_latest_live_grant(
    seen: Snapshot, hours: int, end: datetime | None
) -> None:
    assert end_at_grant(seen, NOW + hours * HOUR) == end


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        (MANAGED, NOW),
        (replace(MANAGED, more_from_us=1), None),
        (replace(MANAGED, valid_until=NOW - HOUR), None),
        (STANDING, None),
        (NOT_OURS, None),
        (SHARED_LOGIN, None),
    ],
)
def test_a_revoke_closes_the_login_only_with_the_last_of_our_grants(seen: Snapshot, end: datetime | None) -> None:
    assert end_at_revoke(seen) == end


@pytest.mark.parametrize(
    ("major", "options"), [(18, "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"), (15, "ADMIN OPTION")]
)
def test_the_cure_is_written_in_the_words_of_the_servers_version(major: int, options: str) -> None:
    assert options in admin_grant(replace(MANAGED, major=major), "clinic_read")
