"""Message lanes: where each message in Slack stands and what was last drawn there."""

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE message_lane (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lane text NOT NULL UNIQUE,
    subject text NOT NULL,
    channel text NOT NULL,
    posted_channel text,
    ts text,
    drawn text,
    intent_at timestamptz,
    claim uuid,
    claimed_until timestamptz,
    fault text
);
CREATE INDEX message_lane_by_subject ON message_lane (subject);
GRANT SELECT, INSERT, UPDATE ON message_lane TO chaperone_app;
"""


def upgrade() -> None:
    op.execute(_TABLES)
