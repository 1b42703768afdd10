"""The canonical bytes of an entry."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from core.proof.entry import EntryFields, canonical, instant, mac, parse

ENTRY = EntryFields(
    id=UUID("0195541e-1f00-7000-8000-000000000001"),
    at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
    event="ACC-003",
    table="access_request",
    subject=UUID("0195541e-1f00-7000-8000-00000000000a"),
    source="",
    target="approved",
    actor="person:añö",
    trace="4bf92f3577b34da6a3ce929d0e0e4736",
    data='{"why": "ticket \\"7\\""}',
)
TEXT = (
    '["chaperone-entry/v1","0195541e-1f00-7000-8000-000000000001","2026-03-02T03:00:00.000000Z","ACC-003",'
    '"access_request","0195541e-1f00-7000-8000-00000000000a","","approved","person:añö",'
    '"4bf92f3577b34da6a3ce929d0e0e4736","{\\"why\\": \\"ticket \\\\\\"7\\\\\\"\\"}"]'
)


def test_the_canonical_bytes_are_pinned() -> None:
    assert canonical(ENTRY) == TEXT.encode()
    assert canonical(ENTRY) == json.dumps(json.loads(TEXT), ensure_ascii=False, separators=(",", ":")).encode()


def test_canonical_bytes_are_read_back() -> None:
    assert parse(canonical(ENTRY)) == ENTRY


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 3, 2, 3, 0, 0, 1, tzinfo=UTC), "2026-03-02T03:00:00.000001Z"),
        (datetime(2026, 3, 2, 5, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-02T03:00:00.000000Z"),
    ],
)
def test_instants_have_one_spelling(at: datetime, text: str) -> None:
    assert instant(at) == text


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2026, 3, 2))  # noqa: DTZ001  that is the point


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[", "{"),
        (TEXT, "[]"),
        ('"",', ""),
        ('"",', '"","",'),
        ('"",', "null,"),
        ("entry/v1", "entry/v2"),
        ("03:00:00.000000Z", "03:00:00Z"),
        ("03:00:00.000000Z", "03:00:00.000000+00:00"),
        ("03:00:00.000000Z", "nevermore Z"),
        ("0195541e-", "0195541E-"),
        ("0195541e-", "x"),
        (",", ", "),
        ("ñ", "\\u00f1"),
    ],
)
def test_bytes_in_any_other_form_are_refused(old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(TEXT.replace(old, new, 1).encode())


def test_the_mac_is_hmac_sha256() -> None:
    assert mac(b"key", b"text") == hmac.new(b"key", b"text", hashlib.sha256).digest()
