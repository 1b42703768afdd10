"""What looks private is found however it is dressed up; ordinary words of the trade pass."""

import base64
import random
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.privacy import Kind, refuse_if_private, scan

# None of these is anybody's: they are documentation examples, test numbers of card networks, or made up.
PRIVATE = [
    (Kind.ssn, "SSN 123-45-6789 of the caller", "123-45-6789"),
    (Kind.ssn, "ssn: 123456789", "123456789"),
    (Kind.ssn, "his social security number is 123 45 6789.", "123 45 6789"),
    (Kind.ssn, "social security no. 987-65-4321 of somebody", "987-65-4321"),
    (Kind.ssn, "see 123.45.6789", "123.45.6789"),
    (Kind.ssn, "(123-45-6789)", "123-45-6789"),
    (Kind.ssn, "1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9"),
    (Kind.ssn, "1 2 3 - 4 5 - 6 7 8 9", "1 2 3 - 4 5 - 6 7 8 9"),
    (Kind.ssn, "\uff11\uff12\uff13\uff0d\uff14\uff15\uff0d\uff16\uff17\uff18\uff19",
     "\uff11\uff12\uff13\uff0d\uff14\uff15\uff0d\uff16\uff17\uff18\uff19"),
    (Kind.ssn, "x 1\u200b23-4\u20605-67\u00ad89 y", "1\u200b23-4\u20605-67\u00ad89"),
    (Kind.ssn, "123\u201345\u20116789", "123\u201345\u20116789"),
    (Kind.ssn, "123\u00a045\u20096789", "123\u00a045\u20096789"),
    (Kind.ssn, "\u0661\u0662\u0663-\u0664\u0665-\u0666\u0667\u0668\u0669",
     "\u0661\u0662\u0663-\u0664\u0665-\u0666\u0667\u0668\u0669"),
    (Kind.ssn, "1\u033223\u221245\u22126789", "1\u033223\u221245\u22126789"),
    (Kind.mrn, "MRN 00482913 shows twice", "00482913"),
    (Kind.mrn, "mrn#: A-4471902", "A-4471902"),
    (Kind.mrn, "MRN-4471902", "4471902"),
    (Kind.mrn, "Medical record number: 44 71 90 2", "44 71 90 2"),
    (Kind.mrn, "patient id 88213401", "88213401"),
    (Kind.birth_date, "DOB 03/14/1962", "03/14/1962"),
    (Kind.birth_date, "date of birth: 1962-03-14", "1962-03-14"),
    (Kind.birth_date, "she was born on March 14, 1962 in", "March 14, 1962"),
    (Kind.birth_date, "born 14th of mar 1962", "14th of mar 1962"),
    (Kind.card, "4111 1111 1111 1111", "4111 1111 1111 1111"),
    (Kind.card, "card 4111111111111111", "4111111111111111"),
    (Kind.card, "5555-5555-5555-4444", "5555-5555-5555-4444"),
    (Kind.card, "3782 822463 10005", "3782 822463 10005"),
    (Kind.card, "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
    (Kind.private_key, "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "-----BEGIN RSA PRIVATE KEY-----"),
    (Kind.private_key, "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    (Kind.private_key, "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----"),
    (Kind.aws_key, "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    (Kind.aws_key, "id=ASIAIOSFODNN7EXAMPLE;", "ASIAIOSFODNN7EXAMPLE"),
    (Kind.jwt, "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmVk",
     "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmVk"),
    (Kind.slack_token, "xoxb-123456789012-abcdefghij", "xoxb-123456789012-abcdefghij"),
    (Kind.slack_token, "xapp-1-A0123-456-abcdef", "xapp-1-A0123-456-abcdef"),
    (Kind.slack_token, "https://hooks.slack.com/services/T0/B0/abcdefgh", "hooks.slack.com/services/T0/B0/abcdefgh"),
    (Kind.vault_token, "hvs.CAESIJlWh3K0mVbYz1234567890abc", "hvs.CAESIJlWh3K0mVbYz1234567890abc"),
    (Kind.vault_token, "s.abcdefghij1234567890ABCD", "s.abcdefghij1234567890ABCD"),
    (Kind.github_token, "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
    (Kind.github_token, "github_pat_11ABCDEFG0abcdefghijkl", "github_pat_11ABCDEFG0abcdefghijkl"),
    (Kind.vendor_key, "glpat-abcdefghij0123456789", "glpat-abcdefghij0123456789"),
    (Kind.password, "password=hunter2", "hunter2"),
    (Kind.password, "DB_PASSWORD=letmein", "letmein"),
    (Kind.password, "password: Tr0ub4dor&3, try it", "Tr0ub4dor&3"),
    (Kind.password, "the password is hunter2.", "hunter2."),
    (Kind.password, "pwd: 84736251", "84736251"),
    (Kind.password, "passphrase: kit!ten", "kit!ten"),
    (Kind.password, '"client_secret": "9f8e7d6c5b4a"', "9f8e7d6c5b4a"),
    (Kind.password, "api key: 9f8e7d6c5b4a", "9f8e7d6c5b4a"),
    (Kind.password, "postgres://ana:s3cr3t@db/ehr", "s3cr3t"),
    (Kind.secret, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    (Kind.secret, "try q8Zr2LwX0vYp5TnBk7Hd3FsGj1MxC4aE", "q8Zr2LwX0vYp5TnBk7Hd3FsGj1MxC4aE"),
    (Kind.secret, "q8Zr2Lw+0vYp5TnB/7Hd3FsGj_1MxC4a-E9z==", "q8Zr2Lw+0vYp5TnB/7Hd3FsGj_1MxC4a-E9z=="),
    (Kind.secret, "https://x.example/a?key=q8Zr2LwX0vYp5TnBk7Hd3FsGj1MxC4aE", "q8Zr2LwX0vYp5TnBk7Hd3FsGj1MxC4aE"),
]  # fmt: skip

HARMLESS = [
    "",
    "INC-12345: replica lag on ehr-db-01.prod.internal, OPS-77 and SEC-123456",
    "Deploy on 2026-03-02 at 14:30, back by 2026-03-02T16:00:00Z, report by 03/14/2026",
    "10.20.30.40, 192.168.100.1/24, 2001:db8::8a2e:370:7334 and 00:1A:2B:3C:4D:5E",
    "550e8400-e29b-41d4-a716-446655440000",
    "commit 3d510ff6b1c9a0d4e5f60718293a4b5c6d7e8f90 (3d510ff)",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "Call me at 555-123-4567, +1 (555) 123-4567 or extension 12-345",
    "ana.ruiz@maplevalley.example",
    "The password is expired. Password reset for the on-call, token is case-sensitive.",
    "password: reset it, secret: none, token=expired, password=${DB_PASSWORD}, secret = <ask Ben>, pwd: ********",
    "secret: kv/prod/ehr-db, token: INC-12345, secret: billing-db-2026, secret=kv/prod/Db2, password is 2026-03-02",
    "rotate secret vault-prod-01 and the API key of the lab interface",
    "AWSReservedSSO_ReadOnlyAccess_1a2b3c4d5e6f7a8b in account 111122223333",
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_PowerUserAccess_1a2b3c4d5e6f7a8b",
    "https://docs.example.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0",
    "https://maplevalley.slack.com/archives/C024BE91L/p1700000000123456 (1700000000.123456)",
    "/var/lib/postgresql/18/main/base/16384/2619, s3://maple-backups/2026/03/02/ehr.dump.gz",
    "rows 12345678 to 12349999 of 1,234,567,890, order 1234567890123456, epoch 1700000000000000",
    "The MRN column is missing; patient number rose by 5 percent; SSN validation fails for nine digits",
    "version 18.6.2-1.pgdg120+1, api-7d9f8b6c5d-x2x9z, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "EhrAppointmentSchedulingServiceIntegrationTest2 in com.maplevalley.scheduling.AppointmentServiceV2Impl",
    "000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567 and 123-45-0000 were never given to anybody",
    "4111 1111 1111 1112 fails its check digit; 0000 0000 0000 0000 and 1111111111111117 are no cards",
    "a born-again index; the release was born in March; DOB is empty for new rows",
    "-----BEGIN CERTIFICATE----- and the public key",
    "Wartungsfenster f\u00fcr M\u00fcnchen, \u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8, caf\u00e9",
    "an em dash \u2014 fine,\nnext\tline",
    "the one-time pass: walk in; access key rotation is due; bearer token support is planned",
    "https://ana@host.example:8443/path and https://host.example:8443/@home",
]


@pytest.mark.parametrize(("kind", "text", "words"), PRIVATE, ids=[f"{k}-{i}" for i, (k, _, _) in enumerate(PRIVATE)])
def test_private_words_are_found_where_they_stand(kind: Kind, text: str, words: str) -> None:
    (found,) = scan(text)

    assert found.kind is kind
    assert text[found.start : found.end] == words


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_words_pass(text: str) -> None:
    assert scan(text) == ()
    refuse_if_private(text, "Reason")


def test_findings_come_in_the_order_of_the_text_and_do_not_overlap() -> None:
    found = scan("password=AKIAIOSFODNN7EXAMPLE, then MRN 00482913, SSN 123-45-6789")

    assert [each.kind for each in found] == [Kind.aws_key, Kind.mrn, Kind.ssn]


def test_the_person_is_told_which_words_look_like_what() -> None:
    with pytest.raises(Refused) as caught:
        refuse_if_private("Check MRN 00482913, password: Tr0ub4dor&3 and DOB 03/14/1962", "Reason")

    assert str(caught.value) == (
        "Reason: “MRN 00••••” looks like a medical record number; “password: ••••” looks like a password; "
        "“DOB ••••” looks like a date of birth. Nothing was stored. Say it without these words, then send it again."
    )


@pytest.mark.parametrize(("kind", "text", "words"), PRIVATE, ids=[f"{k}-{i}" for i, (k, _, _) in enumerate(PRIVATE)])
def test_neither_the_refusal_nor_the_finding_repeats_the_words(kind: Kind, text: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        refuse_if_private(text, "Reason")

    said = "".join(traceback.format_exception_only(caught.value)) + repr(scan(text))
    assert kind is Kind.private_key or words not in said
    assert kind.label in said


def test_every_kind_can_be_told_to_people() -> None:
    assert all(kind.label.startswith(("a ", "an ")) for kind in Kind)


ssns = st.tuples(st.integers(1, 899).filter(lambda area: area != 666), st.integers(1, 99), st.integers(1, 9999))
hidden = st.sampled_from(["", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f"])
separators = st.sampled_from(["-", "\u2010", "\u2011", "\u2013", "\u2014", "\uff0d", "\u2212"])


@given(ssns, separators, hidden, st.booleans())
def test_a_number_is_found_however_it_is_dressed(
    number: tuple[int, int, int], dash: str, invisible: str, wide: bool
) -> None:
    area, group, serial = number
    text = f"{area:03}{dash}{group:02}{dash}{serial:04}"
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    dressed = invisible.join(text)

    (found,) = scan(f"the number {dressed} is wrong")
    assert found.kind is Kind.ssn
    assert f"the number {dressed} is wrong"[found.start : found.end] == dressed


@given(st.uuids(), st.ip_addresses(), st.datetimes(), st.binary(min_size=20, max_size=32))
def test_ids_addresses_dates_and_hashes_pass(uuid: object, address: object, instant: object, digest: bytes) -> None:
    assert scan(f"{uuid} from {address} at {instant} in {digest.hex()}") == ()


def test_nearly_every_random_key_is_seen() -> None:
    drawn = random.Random(7)  # noqa: S311  the same keys in every run, and nobody's
    keys = [base64.urlsafe_b64encode(drawn.randbytes(32)).decode() for _ in range(500)]

    assert sum(bool(scan(f"use {key} for now")) for key in keys) > 480


@given(st.text(max_size=300))
def test_any_text_can_be_scanned_and_every_place_is_inside_it(text: str) -> None:
    ends = 0
    for found in scan(text):
        assert ends <= found.start < found.end <= len(text)
        ends = found.end
