-- See the same file of SQLite for what is what.
CREATE TABLE IF NOT EXISTS greenroom_job_approvals (
    id       TEXT COLLATE "C" PRIMARY KEY,
    owner_id TEXT NOT NULL,
    token    TEXT,
    state    TEXT NOT NULL,
    created  BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    record   TEXT NOT NULL,
    UNIQUE (owner_id, token)
);

CREATE INDEX IF NOT EXISTS greenroom_job_approvals_state ON greenroom_job_approvals (state, created);
CREATE INDEX IF NOT EXISTS greenroom_job_approvals_owner ON greenroom_job_approvals (owner_id, created);
CREATE INDEX IF NOT EXISTS greenroom_job_approvals_expires ON greenroom_job_approvals (expires);

CREATE TABLE IF NOT EXISTS greenroom_job_approval_rows (
    approval_id TEXT COLLATE "C" NOT NULL REFERENCES greenroom_job_approvals (id) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    packed      BYTEA NOT NULL,
    PRIMARY KEY (approval_id, n)
);
