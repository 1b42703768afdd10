"""The ground of every benchmark: an embedded PostgreSQL, migrated, with a row to move about."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from core.database import migrate
from core.database.embedded import Cluster, running
from core.lifecycle import NEW, Event, Lifecycle, Transition

BALL = Lifecycle(
    "bench_ball",
    [
        Transition("serve", NEW, "left", Event("BEN-001", "served"), "nobody"),
        Transition("hit", "left", "right", Event("BEN-002", "hit"), "nobody"),
        Transition("return", "right", "left", Event("BEN-003", "returned"), "nobody"),
    ],
    terminal=frozenset(),
)

_TABLE = """
CREATE TABLE bench_ball (id uuid PRIMARY KEY, status text NOT NULL, hits integer NOT NULL DEFAULT 0);
CREATE CONSTRAINT TRIGGER explained AFTER INSERT OR UPDATE OF status ON bench_ball
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_require_entry();
GRANT SELECT, INSERT, UPDATE ON bench_ball TO chaperone_app;
"""


@contextmanager
def ground() -> Iterator[Cluster]:
    """A fresh cluster with our schema and the table that ``BALL`` moves. Gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chaperone-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with running(Path(folder) / "pg") as cluster:
            migrate(cluster.owner_url)
            with psycopg.connect(cluster.owner_url) as owner:
                owner.execute(_TABLE)
            yield cluster
