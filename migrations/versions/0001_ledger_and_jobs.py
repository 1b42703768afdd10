"""The ledger, its tree and the job queue: what every playbook stands on."""

from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings

revision = "0001"
down_revision = None

_LEDGER = """
CREATE TABLE ledger_entry (
    id uuid PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL,
    event text NOT NULL,
    subject_table text NOT NULL,
    subject uuid NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),
    trace text NOT NULL CHECK (trace <> ''),
    data json NOT NULL,
    mac bytea NOT NULL
);
CREATE INDEX ledger_entry_by_subject ON ledger_entry (subject, xid);
CREATE INDEX ledger_entry_in_order ON ledger_entry (xid, id);

CREATE TABLE ledger_leaf (
    index bigint PRIMARY KEY CHECK (index >= 0),
    entry uuid NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE ledger_checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    at timestamptz NOT NULL,
    note text NOT NULL,
    last_xid xid8 NOT NULL,
    last_entry uuid NOT NULL,
    frontier bytea[] NOT NULL
);

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: add an entry that corrects it instead', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Refuses the commit of a status that no ledger entry of this very transaction explains. Deferred, so that the
-- order of the statements inside the transaction does not matter.
CREATE FUNCTION ledger_require_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before text := '';
BEGIN
    IF TG_OP = 'UPDATE' THEN before := OLD.status; END IF;
    IF NOT EXISTS (
        SELECT 1 FROM ledger_entry
        WHERE subject = NEW.id AND xid = pg_current_xact_id()
          AND subject_table = TG_TABLE_NAME AND source = before AND target = NEW.status
    ) THEN
        RAISE EXCEPTION '% %: status changed from "%" to "%" without a ledger entry',
            TG_TABLE_NAME, NEW.id, before, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Change a status through a command of Chaperone.';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % is on the record and is never deleted', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'insufficient_privilege';
END $$;

GRANT SELECT, INSERT ON ledger_entry, ledger_leaf, ledger_checkpoint TO chaperone_app;
"""

# NOTIFY inside the business transaction would make every commit wait for every other's flush: core/database/wake.py.
_WITHOUT_TRIGGER = "DROP TRIGGER tg_pgqueuer_changed ON pgqueuer"

_QUEUE_RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON pgqueuer, pgqueuer_log, pgqueuer_statistics, pgqueuer_schedules
    TO chaperone_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO chaperone_app;
"""

_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chaperone_app') THEN
        CREATE ROLE chaperone_app NOLOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO chaperone_app;
"""


def upgrade() -> None:
    queue = QueryBuilderEnvironment(DBSettings(_env_file=None))
    op.execute(_ROLE)
    op.execute(_LEDGER)
    op.execute(queue.build_install_query())
    op.execute(_WITHOUT_TRIGGER)
    op.execute(_QUEUE_RIGHTS)
