"""docs/how-to/backup-and-restore.md, followed: a dump, a new database, a verified ledger, overdue revokes first."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.database import Database, migrate
from core.database.embedded import OWNER, Cluster
from core.database.embedded.binaries import choose, installed
from core.ledger import Sequencer, verify_database
from core.proof.keys import SigningKey
from playbooks.access.lifecycle import GRANT, REQUEST
from tests.scenarios.access.access_world import World, build_world
from tests.scenarios.house.house_requests import all_numbered


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[str]:
    name = f"restored_{uuid.uuid4().hex[:12]}"
    cluster.create_database(name)
    yield name
    cluster.drop_database(name)


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [choose(installed(), major=None).program(program), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def sequenced(database: Database, key: SigningKey, world: World) -> None:
    await all_numbered(database, Sequencer(database, key=key, origin=key.name, clock=world.clock))


async def test_a_restored_database_verifies_and_takes_back_what_ran_out_meanwhile(
    cluster, database_name, database_url, empty_database, tmp_path
):
    key = SigningKey.generate("restore.test")
    async with Database(database_url, size=4) as database:
        world = build_world(database).signing(key.entry_mac_key())
        older = await world.granted(duration=timedelta(minutes=30))
        younger = await world.granted(requester="p-marcus", duration=timedelta(hours=1))
        await sequenced(database, key, world)
    dump = tmp_path / "chaperone.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", cluster.url(OWNER, database_name))
    run("pg_restore", "--exit-on-error", f"--dbname={cluster.url(OWNER, empty_database)}", os.fspath(dump))
    migrate(cluster.url(OWNER, empty_database))

    restored_url = cluster.url("chaperone", empty_database)
    async with Database(restored_url, size=4) as restored:
        again = world.process(restored)
        again.clock.advance(timedelta(hours=5))
        report = verify(restored_url, key, again)
        assert report.ok, report.problems
        await again.pass_time(seconds=1)
        ended = [await again.grant(each.request_id) for each in (older, younger)]
        assert [each.status for each in ended] == ["revoked", "revoked"]
        assert ended[0].revoked_at <= ended[1].revoked_at
        assert ended[0].lag_seconds > 4 * 3600
        assert not again.postgres.holds(again.access())
        await sequenced(restored, key, again)
    report = verify(restored_url, key, again)
    assert report.ok, report.problems


def verify(url: str, key: SigningKey, world: World):
    return verify_database(
        url,
        verifying_key=key.verifying_key,
        mac_key=key.entry_mac_key(),
        clock=world.clock,
        lifecycles=[REQUEST, GRANT],
    )
