"""What a superuser of the database can do to the ledger, and what verification says of it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core.proof.checkpoint import Checkpoint, sign
from core.proof.entry import canonical, mac
from core.proof.keys import SigningKey
from core.proof.report import Problem, Report
from core.proof.tree import EMPTY_ROOT, leaf_hash
from tests.unit.core_proof.small_ledger import KEY, MAC_KEY, SmallLedger, an_entry


@pytest.fixture
def ledger() -> SmallLedger:
    """Ten entries; checkpoints at 3, 6, 9 and 10."""
    return SmallLedger(10)


def kinds(report: Report) -> list[str]:
    return [each.kind for each in report.problems]


def only(report: Report) -> Problem:
    assert not report.ok
    assert len(report.problems) == 1, report.problems
    return report.problems[0]


def names(problem: Problem, number: int) -> bool:
    entry = an_entry(number)
    return problem.entry_id == entry.id and all(
        text in problem.text for text in (entry.event, entry.table, str(entry.subject), str(entry.id))
    )


@pytest.mark.parametrize("with_mac", [True, False])
def test_an_honest_ledger_is_in_order(ledger: SmallLedger, with_mac: bool) -> None:
    report = ledger.verify(with_mac=with_mac, anchor=ledger.anchor())
    assert report.ok
    assert (report.size, report.root) == (10, ledger.head(10).root)
    assert (report.entries_checked, report.checkpoints_checked, report.waiting) == (10, 4, 0)


def test_an_empty_ledger_is_in_order() -> None:
    report = SmallLedger(0).verify()
    assert report.ok
    assert (report.size, report.root, report.checkpoints_checked) == (0, EMPTY_ROOT, 1)


def test_a_ledger_larger_than_one_batch_is_in_order() -> None:
    assert SmallLedger(5000, every=5000).verify().ok


def test_entries_may_come_in_any_order(ledger: SmallLedger) -> None:
    ledger.entries.reverse()
    assert ledger.verify().ok
    ledger.change_entry(9)  # which is entry 0 now
    assert names(only(ledger.verify()), 0)


@pytest.mark.parametrize("with_mac", [True, False])
@pytest.mark.parametrize("index", [0, 4, 9])
def test_a_changed_entry_is_named(ledger: SmallLedger, index: int, with_mac: bool) -> None:
    ledger.change_entry(index)
    problem = only(ledger.verify(with_mac=with_mac))
    assert (problem.kind, problem.index) == ("changed", index)
    assert names(problem, index)


def test_a_changed_leaf_is_told_from_a_changed_entry(ledger: SmallLedger) -> None:
    number, entry_id, _ = ledger.leaves[4]
    ledger.leaves[4] = number, entry_id, leaf_hash(b"else")
    report = ledger.verify()
    assert kinds(report) == ["changed", "root-mismatch"]
    assert names(report.problems[0], 4)
    assert "its leaf was changed, and the entry was not" in report.problems[0].text


def test_an_entry_changed_along_with_its_leaf_breaks_the_next_signed_root(ledger: SmallLedger) -> None:
    ledger.change_entry(4)
    ledger.change_leaf_to_fit(4)
    problem = only(ledger.verify(with_mac=False))
    assert problem.kind == "root-mismatch"
    assert "signed at size 6" in problem.text
    assert "entries 3 to 5" in problem.text


def test_an_entry_changed_along_with_its_leaf_is_named_by_its_mac(ledger: SmallLedger) -> None:
    ledger.change_entry(4)
    ledger.change_leaf_to_fit(4)
    report = ledger.verify()
    assert kinds(report) == ["root-mismatch", "changed"]
    assert names(report.problems[1], 4)


def test_a_dropped_entry_is_named(ledger: SmallLedger) -> None:
    del ledger.entries[4]
    problem = only(ledger.verify())
    assert (problem.kind, problem.index, problem.entry_id) == ("dropped", 4, an_entry(4).id)
    assert str(an_entry(4).id) in problem.text


def test_an_entry_dropped_along_with_its_leaf_leaves_a_gap(ledger: SmallLedger) -> None:
    del ledger.entries[4], ledger.leaves[4]
    report = ledger.verify()
    assert kinds(report) == ["leaf-gap", "root-mismatch"]
    assert "Leaves 4 to 4 are missing" in report.problems[0].text


def test_an_entry_dropped_and_the_rest_renumbered_breaks_the_roots(ledger: SmallLedger) -> None:
    del ledger.entries[4], ledger.leaves[4]
    ledger.leaves = [(n, entry_id, hash_) for n, (_, entry_id, hash_) in enumerate(ledger.leaves)]
    assert kinds(ledger.verify()) == ["root-mismatch", "truncated"]


def test_a_repeated_leaf_is_found(ledger: SmallLedger) -> None:
    ledger.leaves.insert(5, ledger.leaves[4])
    assert kinds(ledger.verify()) == ["leaf-gap", "root-mismatch", "dropped"]


def test_two_leaves_for_one_lost_entry_are_both_reported(ledger: SmallLedger) -> None:
    number, _, hash_ = ledger.leaves[9]
    lost = UUID(int=77)
    ledger.leaves[8:] = [(8, lost, ledger.leaves[8][2]), (number, lost, hash_)]
    dropped = [each for each in ledger.verify().problems if each.kind == "dropped"]
    assert [each.index for each in dropped] == [8, 9]


def test_an_entry_inserted_without_a_leaf_is_named(ledger: SmallLedger) -> None:
    ledger.entries.append((an_entry(11), b"made up"))
    problem = only(ledger.verify())
    assert problem.kind == "inserted"
    assert names(problem, 11)
    assert "MAC does not verify" in problem.text


def test_an_entry_that_the_sequencer_took_for_genuine_is_named(ledger: SmallLedger) -> None:
    entry, _ = ledger.entries[4]
    ledger.entries[4] = entry, mac(b"another key", canonical(entry))
    problem = only(ledger.verify())
    assert (problem.kind, problem.index) == ("inserted", 4)
    assert names(problem, 4)


def test_the_same_entry_twice_is_reported_once_more(ledger: SmallLedger) -> None:
    late = an_entry(11)
    ledger.entries += [(late, mac(MAC_KEY, canonical(late)))] * 2
    assert kinds(ledger.verify()) == ["unsequenced", "unsequenced"]


@pytest.mark.parametrize(
    ("with_mac", "age", "kind"),
    [(True, 1, "unsequenced"), (False, 1, "inserted"), (True, 0, None), (False, 0, None)],
)
def test_only_a_young_entry_may_be_without_a_leaf(
    ledger: SmallLedger, with_mac: bool, age: int, kind: str | None
) -> None:
    late = an_entry(11)
    ledger.entries.append((late, mac(MAC_KEY, canonical(late))))
    report = ledger.verify(with_mac=with_mac, sequenced_before=late.at + timedelta(seconds=age))
    if kind is None:
        assert report.ok
        assert report.waiting == 1
    else:
        assert only(report).kind == kind
        assert names(only(report), 11)


def test_without_a_limit_no_entry_may_be_without_a_leaf(ledger: SmallLedger) -> None:
    ledger.entries.append((an_entry(11), b""))
    assert only(ledger.verify(with_mac=False)).kind == "unsequenced"


def test_a_checkpoint_by_another_key_is_reported(ledger: SmallLedger) -> None:
    imposter = SigningKey(KEY.name, bytes(32))
    ledger.checkpoints[1] = 6, sign(ledger.head(6), imposter)
    problem = only(ledger.verify())
    assert problem.kind == "bad-signature"
    assert "stored for size 6: No key that you trust" in problem.text


def test_a_checkpoint_moved_to_another_size_is_reported(ledger: SmallLedger) -> None:
    ledger.checkpoints[1] = 7, ledger.checkpoints[1][1]
    problem = only(ledger.verify())
    assert problem.kind == "bad-signature"
    assert "signed for size 6" in problem.text


def test_checkpoints_out_of_order_are_the_callers_fault(ledger: SmallLedger) -> None:
    ledger.checkpoints.reverse()
    with pytest.raises(ValueError, match="ascending"):
        ledger.verify()


def test_leaves_above_the_last_signature_are_reported(ledger: SmallLedger) -> None:
    del ledger.checkpoints[2:]
    problem = only(ledger.verify())
    assert (problem.kind, problem.index) == ("unsigned", 6)
    assert "entries 6 to 9" in problem.text


def test_an_anchor_covers_what_no_stored_checkpoint_does(ledger: SmallLedger) -> None:
    anchor = ledger.anchor()
    ledger.checkpoints.clear()
    assert ledger.verify(anchor=anchor).ok


def test_an_end_cut_off_below_its_checkpoint_is_reported(ledger: SmallLedger) -> None:
    del ledger.entries[8:], ledger.leaves[8:]
    report = ledger.verify(anchor=Checkpoint(KEY.name, 6, ledger.head(6).root))
    assert kinds(report) == ["unsigned", "truncated"]
    assert "covers 10 entries, and the tree has 8" in report.problems[1].text


def test_an_end_cut_off_cleanly_is_found_by_the_anchor_alone(ledger: SmallLedger) -> None:
    anchor = ledger.anchor()
    del ledger.entries[6:], ledger.leaves[6:], ledger.checkpoints[2:]
    assert ledger.verify().ok
    problem = only(ledger.verify(anchor=anchor))
    assert problem.kind == "truncated"
    assert "anchored checkpoint covers 10 entries, and the tree has 6" in problem.text


def test_a_ledger_rewritten_with_the_stolen_key_is_found_by_the_anchor(ledger: SmallLedger) -> None:
    anchor = ledger.anchor()
    rewritten = SmallLedger(12)
    late = replace(an_entry(4), actor="person:eve")
    rewritten.entries[4] = late, mac(MAC_KEY, canonical(late))
    rewritten.change_leaf_to_fit(4)
    rewritten.checkpoints = [(12, sign(rewritten.head(12), KEY))]
    assert rewritten.verify().ok
    problem = only(rewritten.verify(anchor=anchor))
    assert problem.kind == "truncated"
    assert "size 10 is not of this tree" in problem.text
