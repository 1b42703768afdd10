"""Requests, approvals and grants of the access playbook."""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE TABLE access_request (
    id uuid PRIMARY KEY,
    status text NOT NULL,
    submission text UNIQUE,
    requester text NOT NULL,
    requester_name text NOT NULL,
    requester_slack text,
    target text NOT NULL,
    entitlement text NOT NULL,
    duration_seconds integer NOT NULL CHECK (duration_seconds > 0),
    reason text NOT NULL,
    purpose text,
    minimum_necessary text,
    path text,
    policy_hash text NOT NULL,
    decided_by_policies text[] NOT NULL,
    approvals_needed integer NOT NULL DEFAULT 0,
    asked text[] NOT NULL,
    asked_slack text[] NOT NULL,
    asked_fallback boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    decided_by_name text,
    note text,
    CHECK (status = 'refused' OR path IS NOT NULL)
);
CREATE INDEX access_request_pending ON access_request (expires_at) WHERE status = 'pending';
CREATE INDEX access_request_by_requester ON access_request (requester, created_at DESC);
CREATE INDEX access_request_asked ON access_request USING gin (asked) WHERE status = 'pending';

CREATE TABLE access_approval (
    request_id uuid NOT NULL REFERENCES access_request,
    approver text NOT NULL,
    approver_name text NOT NULL,
    slack_user text,
    policy_hash text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (request_id, approver)
);

CREATE TABLE access_grant (
    id uuid PRIMARY KEY,
    status text NOT NULL,
    request_id uuid NOT NULL UNIQUE REFERENCES access_request,
    subject text NOT NULL,
    account text NOT NULL,
    vendor text NOT NULL,
    target text NOT NULL,
    entitlement text NOT NULL,
    parameters jsonb NOT NULL,
    duration_seconds integer NOT NULL CHECK (duration_seconds > 0),
    began_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    remind_at timestamptz,
    active_at timestamptz,
    ended_at timestamptz,
    ended_by text,
    end_reason text,
    revoked_at timestamptz,
    lag_seconds double precision,
    standing boolean NOT NULL DEFAULT false,
    before jsonb,
    after jsonb,
    ticket text,
    vendor_request_ids text[] NOT NULL DEFAULT '{}',
    sessions_ended integer,
    failures integer NOT NULL DEFAULT 0,
    last_error text,
    retry_at timestamptz,
    claim uuid,
    claimed_until timestamptz,
    CHECK (status <> 'active' OR active_at IS NOT NULL),
    CHECK (status <> 'revoked' OR (revoked_at IS NOT NULL AND lag_seconds IS NOT NULL)),
    CHECK (due_at > began_at)
);
CREATE INDEX access_grant_due ON access_grant (due_at) WHERE status IN ('granting', 'active');
CREATE INDEX access_grant_revoking ON access_grant (ended_at) WHERE status = 'revoking';
CREATE INDEX access_grant_unfinished ON access_grant (vendor, account, entitlement)
    WHERE status IN ('granting', 'active', 'revoking');
CREATE INDEX access_grant_by_subject ON access_grant (subject, began_at DESC);
"""

_GUARDS = """
CREATE CONSTRAINT TRIGGER explained AFTER INSERT OR UPDATE OF status ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_require_entry();
CREATE TRIGGER kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse_delete();
GRANT SELECT, INSERT, UPDATE ON {table} TO chaperone_app;
"""


def upgrade() -> None:
    op.execute(_TABLES)
    for table in ("access_request", "access_grant"):
        op.execute(_GUARDS.format(table=table))
    op.execute("GRANT SELECT, INSERT ON access_approval TO chaperone_app")
