"""${message}

Rules for this file: the version before it is still running while it is applied, so only add (columns with defaults
or NULL, tables, indexes CONCURRENTLY in a migration of their own); drop in a later release. A new table with a
status gets the ledger trigger. Grant the application role no more than it needs, never UPDATE or DELETE on ledger_*.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "op.execute('')"}
