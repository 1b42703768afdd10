"""One entry, proven to somebody who has nothing of ours but the verifying key."""

import base64
import hashlib
import json
from typing import Any

import pytest

from core.errors import ConfigurationFault
from core.proof.bundle import Inclusion, verify_offline
from core.proof.errors import NotProven
from core.proof.tree import inclusion_proof
from tests.unit.core_proof.small_ledger import KEY, SmallLedger

LEDGER = SmallLedger(7)
VKEY = str(KEY.verifying_key)
INCLUSION = Inclusion(
    entry=LEDGER.entries[3][0],
    index=3,
    size=7,
    hashes=tuple(inclusion_proof([hash_ for _, _, hash_ in LEDGER.leaves], 3, 7)),
    checkpoint=LEDGER.checkpoints[-1][1],
)


def changed(**members: Any) -> str:
    return json.dumps(json.loads(INCLUSION.to_json()) | members)


def test_an_inclusion_is_proven_offline() -> None:
    verify_offline(INCLUSION.to_json(), VKEY)
    assert Inclusion.from_json(INCLUSION.to_json()) == INCLUSION


def test_an_outsider_can_check_the_document_with_a_standard_library() -> None:
    document = json.loads(INCLUSION.to_json())
    fields = ["chaperone-entry/v1", *document["entry"].values()]
    entry = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    hash_ = hashlib.sha256(b"\x00" + entry).digest()
    first, second, third = map(base64.b64decode, document["hashes"])
    for left, right in ((first, None), (second, None), (None, third)):  # 3 is a right child, twice; then a left one
        hash_ = hashlib.sha256(b"\x01" + (left or hash_) + (right or hash_)).digest()
    assert base64.b64encode(hash_).decode() == document["checkpoint"].split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        "\ud800",
        "[" * 10_000,
        changed(format="chaperone-inclusion/v2"),
        changed(entry={}),
        changed(entry=None),
        changed(entry=json.loads(INCLUSION.to_json())["entry"] | {"actor": "person:eve"}),
        changed(entry=json.loads(INCLUSION.to_json())["entry"] | {"actor": ["person:ana"]}),
        changed(entry=json.loads(INCLUSION.to_json())["entry"] | {"at": "2026-03-02T03:00:03Z"}),
        changed(index=2),
        changed(index=-1),
        changed(index="3"),
        changed(size=8),
        changed(size=2),
        changed(hashes=[]),
        changed(hashes=[3]),
        changed(hashes=["!"]),
        changed(hashes=None),
        changed(checkpoint=LEDGER.checkpoints[0][1]),
        changed(checkpoint=""),
        changed(checkpoint=7),
    ],
)
def test_a_document_that_proves_nothing_is_refused(text: str) -> None:
    with pytest.raises(NotProven):
        verify_offline(text, VKEY)


def test_another_logs_key_proves_nothing() -> None:
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    with pytest.raises(NotProven, match="No key that you trust"):
        verify_offline(INCLUSION.to_json(), other)


def test_a_verifying_key_that_is_none_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ConfigurationFault):
        verify_offline(INCLUSION.to_json(), "no key")
