-- Made-up tables with made-up rows, so that whoever was given access has something to look at.
CREATE SCHEMA IF NOT EXISTS ehr;
CREATE SCHEMA IF NOT EXISTS billing;
CREATE SCHEMA IF NOT EXISTS scheduling;

CREATE TABLE IF NOT EXISTS ehr.encounter (
    id integer PRIMARY KEY,
    chart text NOT NULL,
    ward text NOT NULL,
    saved boolean NOT NULL
);
INSERT INTO ehr.encounter
    SELECT n, 'CHART-' || lpad(n::text, 4, '0'), 'Ward ' || chr(65 + n % 4), n % 7 <> 0
    FROM generate_series(1, 40) AS n
    ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS ehr.replica (
    name text PRIMARY KEY,
    lag_seconds integer NOT NULL
);
INSERT INTO ehr.replica VALUES ('ehr-replica-1', 2), ('ehr-replica-2', 847) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS billing.claim (
    id integer PRIMARY KEY,
    chart text NOT NULL,
    amount_cents integer NOT NULL,
    state text NOT NULL
);
INSERT INTO billing.claim
    SELECT n, 'CHART-' || lpad((n * 3 % 40 + 1)::text, 4, '0'), n * 1250, (ARRAY['sent', 'paid', 'rejected'])[n % 3 + 1]
    FROM generate_series(1, 25) AS n
    ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS scheduling.appointment (
    id integer PRIMARY KEY,
    room text NOT NULL,
    minutes integer NOT NULL
);
INSERT INTO scheduling.appointment
    SELECT n, 'Room ' || (n % 6 + 1), 15 * (n % 4 + 1) FROM generate_series(1, 30) AS n
    ON CONFLICT DO NOTHING;
