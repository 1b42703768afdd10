"""The second net: whatever is due by its row, whatever became of its job. Overdue revokes first, oldest first."""

from core.jobs import Job, enqueue
from playbooks.access.commands.desk import Desk

_DUE = """
    SELECT job, key, id::text FROM (
        SELECT 'access.revoke' AS job, 'grant' AS key, id, coalesce(ended_at, due_at) AS since, 0 AS rank
        FROM access_grant
        WHERE status = 'revoking' AND (claimed_until IS NULL OR claimed_until <= %(now)s)
            AND (retry_at IS NULL OR retry_at <= %(now)s)
        UNION ALL
        SELECT 'access.expire', 'grant', id, due_at, 0 FROM access_grant
        WHERE status IN ('granting', 'active') AND due_at <= %(now)s
        UNION ALL
        SELECT 'access.grant', 'grant', id, began_at, 1 FROM access_grant
        WHERE status = 'granting' AND due_at > %(now)s AND (claimed_until IS NULL OR claimed_until <= %(now)s)
            AND (retry_at IS NULL OR retry_at <= %(now)s)
        UNION ALL
        SELECT 'access.remind', 'grant', id, remind_at, 2 FROM access_grant
        WHERE status = 'active' AND remind_at <= %(now)s
        UNION ALL
        SELECT 'access.expire_request', 'request', id, expires_at, 2 FROM access_request
        WHERE status = 'pending' AND expires_at <= %(now)s
    ) due ORDER BY rank, since LIMIT %(limit)s"""


async def sweep(desk: Desk, *, limit: int = 10_000) -> int:
    """Enqueue a job for everything that is due, and answer how many. Safe to run anywhere, any number of times."""
    async with desk.database.autocommit() as connection:
        cursor = await connection.execute(_DUE, {"now": desk.clock.now(), "limit": limit})
        due = await cursor.fetchall()
        jobs = [Job(job, {key: row_id}, once=f"sweep:{job}:{row_id}", priority=10) for job, key, row_id in due]
        await enqueue(connection, jobs)
    return len(jobs)
