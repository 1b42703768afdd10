"""5,000 grants due in the same second: how late the last one is proven gone, and what two bare transitions cost."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import uvloop

from benchmarks.ground import ground
from benchmarks.table import Goal, show
from core.actors import playbook, schedule
from core.clock import SystemClock
from core.database import Database
from core.database.embedded import DATABASE, SUPERUSER
from core.jobs import Job, Registry, Worker, WorkerTuning
from core.jobs.enqueue import enqueue_query, job_parameters
from core.ledger import Ledger, Move
from integrations.directory import YamlDirectory
from integrations.fakes import FakeProvider
from integrations.ports import Access
from playbooks.access import jobs
from playbooks.access.commands import Desk
from playbooks.access.commands.messages import redraw
from playbooks.access.lifecycle import ACTIVE, GRANT, REVOKING
from playbooks.access.policy import Catalogue, load_policies

GRANTS = int(os.environ.get("BENCH_GRANTS", "5000"))
TOGETHER = 32
CLINIC = Path(__file__).parents[1] / "examples" / "clinic"

# Given long ago, as far as the rows go: the benchmark is about taking back.
_SET_UP = """
    SET session_replication_role = replica;
    INSERT INTO access_request (id, status, requester, requester_name, target, entitlement, duration_seconds, reason,
            path, policy_hash, decided_by_policies, asked, asked_slack, created_at, expires_at)
        SELECT gen_random_uuid(), 'approved', 'p-' || n, 'Person ' || n, 'ehr-db', 'ehr-db/read', 3600, 'benchmark',
            'prod-db-read', 'none', '{}', '{}', '{}', %(begun)s, %(begun)s FROM generate_series(1, %(count)s) n;
    INSERT INTO access_grant (id, status, request_id, subject, account, vendor, target, entitlement, parameters,
            duration_seconds, began_at, due_at, active_at, before)
        SELECT gen_random_uuid(), 'active', id, requester, requester, 'postgres', target, entitlement,
            '{"role": "reader"}', 3600, %(begun)s, %(due)s, %(begun)s, '{}' FROM access_request WHERE path IS NOT NULL
            AND id NOT IN (SELECT request_id FROM access_grant);
"""


def grants_of(admin_url: str, due: datetime) -> list[tuple[UUID, UUID, str]]:
    """``GRANTS`` active grants due at ``due``: id, request and account."""
    with psycopg.connect(admin_url, autocommit=True) as admin, psycopg.ClientCursor(admin) as cursor:
        cursor.execute(_SET_UP, {"count": GRANTS, "begun": due - timedelta(hours=1), "due": due})
        cursor.execute("SELECT id, request_id, account FROM access_grant WHERE status = 'active'")
        found = cursor.fetchall()
        cursor.execute("ANALYZE")
    return found


async def bare(database: Database, ledger: Ledger, grants: list[tuple[UUID, UUID, str]]) -> float:
    """The same two moves per grant and nothing around them. Grants per second."""
    waiting = list(grants)

    async def work() -> None:
        while waiting:
            grant, request, _ = waiting.pop()
            now = datetime.now(UTC)
            ending = {"ended_by": "schedule", "end_reason": "time is up"}
            expired = Move(GRANT, "expire", grant, ACTIVE, changes=ending)
            gone = {"revoked_at": now, "lag_seconds": 0.0}
            confirmed = Move(GRANT, "confirm", grant, REVOKING, changes=gone, jobs=[redraw(request)])
            async with database.autocommit() as connection:
                await ledger.advance(connection, expired, actor=schedule("grant-expiry"))
            async with database.autocommit() as connection:
                await ledger.advance(connection, confirmed, actor=playbook("access"))

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(TOGETHER)))
    return len(grants) / (time.perf_counter() - started)


def desk_of(database: Database, ledger: Ledger, provider: FakeProvider) -> Desk:
    return Desk(
        database=database,
        ledger=ledger,
        clock=SystemClock(),
        directory=YamlDirectory(CLINIC / "people.yaml"),
        providers={"postgres": provider},
        policies=load_policies(CLINIC / "policies"),
        catalogue=Catalogue.load(CLINIC / "catalogue.yaml"),
        team="T0CLINIC",
        channel="C0ACCESS",
        alerts_channel="C0ALERTS",
    )


async def expire_all(url: str, admin_url: str) -> tuple[float, float, float, int]:
    """Lag p50 and p99 (seconds), rate (grants per second), and how many grants were lost."""
    due = datetime.now(UTC) + timedelta(seconds=4)
    grants = grants_of(admin_url, due)
    provider = FakeProvider(SystemClock())
    for _, _, account in grants:
        access = Access("ehr-db", "ehr-db/read", account, {"role": "reader"})
        await provider.grant(access, until=due + timedelta(hours=1), key=account)
    async with Database(url, size=TOGETHER) as database:
        registry = Registry()
        jobs.register(registry, desk_of(database, Ledger(b"k" * 32, SystemClock()), provider))
        async with database.autocommit() as connection:
            wait = due - datetime.now(UTC)
            wanted = [Job("access.expire", {"grant": str(grant)}, after=wait) for grant, _, _ in grants]
            cursor = psycopg.AsyncRawCursor(connection)
            await cursor.execute(enqueue_query(), job_parameters(wanted))
        worker = Worker(database, registry, tuning=WorkerTuning(batch_size=50, concurrency=TOGETHER * 4))
        running = asyncio.create_task(worker.run())
        await _gone(database, len(grants))
        worker.stop()
        await running
        lags = sorted(await _lags(database))
    rate = len(lags) / lags[-1]
    return lags[len(lags) // 2], lags[len(lags) * 99 // 100], rate, len(grants) - len(lags)


async def _gone(database: Database, count: int) -> None:
    async with asyncio.timeout(300):
        while len(await _lags(database)) < count:
            await asyncio.sleep(0.5)


async def _lags(database: Database) -> list[float]:
    query = "SELECT lag_seconds FROM access_grant WHERE status = 'revoked' AND lag_seconds > 0"
    async with database.autocommit() as connection:
        return [lag for (lag,) in await (await connection.execute(query)).fetchall()]


async def run(url: str, admin_url: str) -> None:
    async with Database(url, size=TOGETHER) as database:
        transitions = await bare(database, Ledger(b"k" * 32, SystemClock()), grants_of(admin_url, datetime.now(UTC)))
    p50, p99, rate, lost = await expire_all(url, admin_url)
    rows = [
        ["two bare transitions per grant", "", "", f"{transitions:,.0f}"],
        ["expired, taken back, read back", f"{p50:.2f}", f"{p99:.2f}", f"{rate:,.0f}"],
    ]
    goals = [
        Goal("rate against two bare transitions (>= 0.60)", rate / transitions, rate / transitions >= 0.6),
        Goal("grants lost (0)", lost, lost == 0),
    ]
    columns = [f"{GRANTS:,} grants due in one second", "lag p50 s", "lag p99 s", "grants/s"]
    show("Expiry", columns, rows, goals)


def main() -> None:
    with ground() as cluster:
        uvloop.run(run(cluster.app_url, cluster.url(SUPERUSER, DATABASE)))


if __name__ == "__main__":
    main()
