"""A PostgreSQL of our own for laptops, the sandbox and tests: the binaries of a wheel, run by our own supervisor."""

from core.database.embedded.cluster import APPLICATION, DATABASE, OWNER, SUPERUSER, Cluster
from core.database.embedded.supervisor import running, start

__all__ = ["APPLICATION", "DATABASE", "OWNER", "SUPERUSER", "Cluster", "running", "start"]
