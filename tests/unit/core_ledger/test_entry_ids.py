"""Ids of entries: in the order of their making, never twice."""

from datetime import UTC, datetime, timedelta

from core.ledger.entry_ids import entry_id

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_ids_made_in_one_instant_sort_as_they_were_made():
    made = [entry_id(NOW) for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_later_instant_sorts_later():
    assert entry_id(NOW) < entry_id(NOW + timedelta(milliseconds=1))


def test_an_id_is_a_version_7_uuid_with_its_instant():
    made = entry_id(NOW)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOW.timestamp() * 1000)
