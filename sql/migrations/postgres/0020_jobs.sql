-- See the same file of SQLite for what is what.
CREATE TABLE IF NOT EXISTS greenroom_jobs (
    id       TEXT COLLATE "C" PRIMARY KEY,
    owner_id TEXT NOT NULL,
    token    TEXT,
    state    TEXT NOT NULL,
    epoch    BIGINT NOT NULL,
    node     TEXT NOT NULL,
    created  BIGINT NOT NULL,
    ended    BIGINT,
    done     BIGINT NOT NULL,
    total    BIGINT NOT NULL,
    failed   BIGINT NOT NULL,
    vanished BIGINT NOT NULL,
    message  TEXT NOT NULL,
    place    TEXT NOT NULL,
    record   TEXT NOT NULL,
    UNIQUE (owner_id, token)
);

CREATE INDEX IF NOT EXISTS greenroom_jobs_created ON greenroom_jobs (created, id);
CREATE INDEX IF NOT EXISTS greenroom_jobs_owner ON greenroom_jobs (owner_id, created, id);
CREATE INDEX IF NOT EXISTS greenroom_jobs_state ON greenroom_jobs (state, created);
CREATE INDEX IF NOT EXISTS greenroom_jobs_ended ON greenroom_jobs (ended);

CREATE TABLE IF NOT EXISTS greenroom_job_rows (
    job_id TEXT COLLATE "C" NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    n      INTEGER NOT NULL,
    packed BYTEA NOT NULL,
    PRIMARY KEY (job_id, n)
);

CREATE TABLE IF NOT EXISTS greenroom_job_events (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id     TEXT COLLATE "C" NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    at         BIGINT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    epoch      BIGINT NOT NULL,
    node       TEXT NOT NULL,
    by_user    TEXT NOT NULL,
    reason     TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS greenroom_job_events_job ON greenroom_job_events (job_id, id);

CREATE TABLE IF NOT EXISTS greenroom_nodes (
    id    TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);
