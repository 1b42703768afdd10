"""`verify_database`: what a superuser does to the ledger is found and named."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from core.ledger import Sequencer, verify_database
from core.proof.checkpoint import open_note
from playbooks.access.lifecycle import GRANT, REQUEST
from tests.unit.core_ledger.requests import ask_many

ORIGIN = "ledger.test"


@pytest.fixture
async def requests(database, ledger, key, clock):
    """Six requests, sequenced in two checkpoints."""
    sequencer = Sequencer(database, key=key, origin=ORIGIN, clock=clock)
    made = []
    for _ in range(2):
        made += await ask_many(database, ledger, 3)
        taken = 0
        async with asyncio.timeout(20):
            while taken < 3:
                taken += await sequencer.sequence()
    return made


@pytest.fixture
def tamper(superuser_url):
    def run(*statements: str) -> None:
        with psycopg.connect(superuser_url) as admin:
            admin.execute("SET session_replication_role = replica")
            for statement in statements:
                admin.execute(statement)

    return run


@pytest.fixture
def verified(database_url, key, clock):
    def run(**changes):
        settings = {"verifying_key": key.verifying_key, "mac_key": key.entry_mac_key(), "clock": clock}
        return verify_database(database_url, lifecycles=[REQUEST, GRANT], **settings | changes)

    return run


ENTRY_3 = "(SELECT entry FROM ledger_leaf WHERE index = 3)"


async def test_an_untouched_ledger_verifies(requests, verified):
    report = verified()
    assert report.ok, report.problems
    assert (report.size, report.entries_checked) == (6, 6)


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        ([f"UPDATE ledger_entry SET actor = 'person:eve' WHERE id = {ENTRY_3}"], "changed"),
        ([f'UPDATE ledger_entry SET data = \'{{"why": "other"}}\' WHERE id = {ENTRY_3}'], "changed"),
        ([f"UPDATE ledger_entry SET at = at + interval '1 microsecond' WHERE id = {ENTRY_3}"], "changed"),
        ([f"DELETE FROM ledger_entry WHERE id = {ENTRY_3}"], "dropped"),
        (
            [
                f"UPDATE ledger_entry SET actor = 'person:eve' WHERE id = {ENTRY_3}",
                "UPDATE ledger_leaf SET hash = sha256('x') WHERE index = 3",
            ],
            "root-mismatch",
        ),
        (["DELETE FROM ledger_leaf WHERE index = 3"], "leaf-gap"),
        (["DELETE FROM ledger_checkpoint WHERE size = 6"], "unsigned"),
        (["UPDATE access_request SET status = 'approved'"], "unexplained"),
    ],
)
async def test_what_a_superuser_changes_or_drops_is_found(requests, verified, tamper, superuser_url, statements, kind):
    with psycopg.connect(superuser_url) as admin:
        row = admin.execute(ENTRY_3[1:-1]).fetchone()
    tamper(*statements)
    problems = verified().problems
    assert kind in {each.kind for each in problems}
    if kind in {"changed", "dropped"}:
        named = [each for each in problems if each.entry_id == row[0]]
        assert named
        assert str(row[0]) in named[0].text


async def test_an_inserted_entry_is_found_and_named_as_not_ours(requests, verified, tamper, superuser_url):
    tamper(
        "INSERT INTO ledger_entry (id, at, event, subject_table, subject, source, target, actor, trace, data, mac)"
        " SELECT '00000000-0000-4000-8000-000000000001', at, event, subject_table, subject, source, target,"
        " 'person:eve', trace, data, mac FROM ledger_entry LIMIT 1"
    )
    (problem,) = [each for each in verified().problems if each.kind == "inserted"]
    assert "00000000-0000-4000-8000-000000000001" in problem.text


async def test_a_ledger_cut_off_cleanly_is_found_by_its_anchor(requests, verified, tamper, superuser_url, key):
    with psycopg.connect(superuser_url) as admin:
        (note,) = admin.execute("SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    anchor = open_note(note, [key.verifying_key])
    assert verified(anchor=anchor).ok
    tamper(
        "DELETE FROM ledger_checkpoint WHERE size = 6",
        "DELETE FROM ledger_entry WHERE id IN (SELECT entry FROM ledger_leaf WHERE index >= 3)",
        "DELETE FROM ledger_leaf WHERE index >= 3",
    )
    assert "truncated" in {each.kind for each in verified(anchor=anchor).problems}


async def test_a_young_entry_may_wait_for_its_number_and_an_old_one_may_not(
    database, ledger, clock, requests, verified
):
    await ask_many(database, ledger, 1)
    report = verified()
    assert (report.ok, report.waiting) == (True, 1)
    clock.advance(timedelta(minutes=2))
    assert [each.kind for each in verified().problems] == ["unsequenced"]
