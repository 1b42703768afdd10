"""PostgreSQL, the one database engine: connections, transactions, migrations, the embedded server."""

from core.database.connections import APPLICATION_ROLE, Database, Transaction
from core.database.migrate import migrate, pending_migrations

__all__ = ["APPLICATION_ROLE", "Database", "Transaction", "migrate", "pending_migrations"]
