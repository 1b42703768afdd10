"""Every process may read which schema it meets: readiness tells of a release that was forgotten."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("GRANT SELECT ON alembic_version TO chaperone_app")
