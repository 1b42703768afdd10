"""Proofs hold for every tree, and for nothing but what they were made of."""

import contextlib
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.proof.checkpoint import Checkpoint, open_note, sign
from core.proof.entry import VERSION, EntryFields, canonical, parse
from core.proof.errors import NotProven
from core.proof.keys import SigningKey, VerifyingKey
from core.proof.tree import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.core_proof.small_ledger import KEY, SmallLedger

LARGEST = 200
LEAVES = [leaf_hash(str(number).encode()) for number in range(LARGEST)]
sizes = st.integers(0, LARGEST)
texts = st.text(st.characters(exclude_categories=["Cs"]))


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word: slow, and plainly right."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


def flip(hash_: bytes, bit: int) -> bytes:
    return bytes(byte ^ (1 << bit % 8 if position == bit // 8 else 0) for position, byte in enumerate(hash_))


@given(sizes)
def test_the_root_is_the_one_that_the_rfc_defines(size: int) -> None:
    assert root_of(LEAVES[:size]) == Tree(LEAVES).root(size) == by_definition(LEAVES[:size])


@given(st.lists(st.integers(0, 40)))
def test_a_frontier_grown_in_batches_has_the_root_of_all(batches: list[int]) -> None:
    frontier, leaves = Frontier(), []
    for number, width in enumerate(batches):
        batch = [leaf_hash(f"{number}/{each}".encode()) for each in range(width)]
        leaves += batch
        frontier.append(batch)
        frontier = Frontier.from_list(frontier.size, frontier.to_list())
        assert (frontier.size, frontier.root()) == (len(leaves), by_definition(leaves))


@given(st.data())
def test_every_inclusion_proof_verifies_and_no_changed_bit_does(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(LEAVES, index, size), root_of(LEAVES[:size])
    verify_inclusion(LEAVES[index], index, size, proof, root)

    hashes = [LEAVES[index], root, *proof]
    place = data.draw(st.integers(0, len(hashes) - 1))
    hashes[place] = flip(hashes[place], data.draw(st.integers(0, 255)))
    with pytest.raises(NotProven):
        verify_inclusion(hashes[0], index, size, hashes[2:], hashes[1])


@given(st.data())
def test_an_inclusion_proof_holds_at_one_index_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, LARGEST))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    with pytest.raises(NotProven):
        verify_inclusion(LEAVES[index], other, size, inclusion_proof(LEAVES, index, size), root_of(LEAVES[:size]))


@given(st.data())
def test_every_consistency_proof_verifies_and_no_changed_bit_does(data: st.DataObject) -> None:
    old_size, new_size = sorted(data.draw(st.tuples(sizes, sizes)))
    proof = consistency_proof(LEAVES, old_size, new_size)
    old_root, new_root = root_of(LEAVES[:old_size]), root_of(LEAVES[:new_size])
    verify_consistency(old_size, old_root, new_size, new_root, proof)

    # The new root plays no part where the old tree is empty: nothing was promised yet.
    fixed = [old_root, *proof] if old_size == 0 else [old_root, *proof, new_root]
    place = data.draw(st.integers(0, len(fixed) - 1))
    fixed[place] = flip(fixed[place], data.draw(st.integers(0, 255)))
    old_root, *rest = fixed
    proof, new_root = (rest, new_root) if old_size == 0 else (rest[:-1], rest[-1])
    with pytest.raises(NotProven):
        verify_consistency(old_size, old_root, new_size, new_root, proof)


NOTE = sign(Checkpoint(KEY.name, 7, root_of(LEAVES[:7])), KEY).encode()


def opens(note: bytes) -> bool:
    with contextlib.suppress(NotProven, UnicodeDecodeError):
        open_note(note.decode(), [KEY.verifying_key])
        return True
    return False


def test_no_bit_of_a_signed_note_can_change() -> None:
    assert opens(NOTE)
    assert not any(opens(flip(NOTE, bit)) for bit in range(len(NOTE) * 8))


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_opens_with_the_published_form_of_its_key(seed: bytes, size: int, root: bytes) -> None:
    key = SigningKey("log.example", seed)
    checkpoint = Checkpoint(key.name, size, root)
    assert open_note(sign(checkpoint, key), [VerifyingKey.parse(str(key.verifying_key))]) == checkpoint


@given(texts)
def test_no_text_breaks_the_reader_of_notes(text: str) -> None:
    assert not opens(text.encode())
    assert not opens(f"{text}\n\n— {text} {text}\n".encode())


@given(
    st.builds(
        EntryFields,
        id=st.uuids(),
        at=st.datetimes(timezones=st.just(UTC)),
        event=texts,
        table=texts,
        subject=st.uuids(),
        source=texts,
        target=texts,
        actor=texts,
        trace=texts,
        data=texts,
    )
)
def test_canonical_bytes_are_plain_json_and_come_back(entry: EntryFields) -> None:
    values = json.loads(canonical(entry))
    assert values[0] == VERSION
    assert json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() == canonical(entry)
    assert parse(canonical(entry)) == entry


@given(st.data())
def test_whatever_is_done_to_one_entry_is_found_and_named(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 20))
    ledger = SmallLedger(size, every=data.draw(st.integers(1, 5)))
    index = data.draw(st.integers(0, size - 1))
    victim = ledger.entries[index][0]
    deed = data.draw(st.sampled_from(["change", "change with leaf", "drop", "renumber row"]))
    match deed:
        case "change":
            ledger.change_entry(index)
        case "change with leaf":
            ledger.change_entry(index)
            ledger.change_leaf_to_fit(index)
        case "drop":
            del ledger.entries[index]
        case "renumber row":
            changed = EntryFields(**{name: getattr(victim, name) for name in victim.__slots__} | {"id": UUID(int=999)})
            ledger.entries[index] = changed, ledger.entries[index][1]
    report = ledger.verify()
    assert victim.id in {each.entry_id for each in report.problems}


@given(st.data())
def test_with_the_key_alone_a_change_is_found_even_where_it_cannot_be_named(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 20))
    ledger = SmallLedger(size, every=data.draw(st.integers(1, 5)))
    index = data.draw(st.integers(0, size - 1))
    ledger.change_entry(index)
    ledger.change_leaf_to_fit(index)
    report = ledger.verify(with_mac=False)
    assert [each.kind for each in report.problems] == ["root-mismatch"]


def test_years_of_every_length_have_four_digits() -> None:
    entry = SmallLedger(1).entries[0][0]
    early = EntryFields(
        **{name: getattr(entry, name) for name in entry.__slots__} | {"at": datetime(1, 1, 1, tzinfo=UTC)}
    )
    assert b'"0001-01-01T00:00:00.000000Z"' in canonical(early)
