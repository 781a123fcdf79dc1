-- Requests to run actions that a second person has to approve. Times are microseconds since 1970; record is a jobs.Approval as JSON, of which the other
-- columns are what is searched for or compared.
CREATE TABLE greenroom_job_approvals (
    id       TEXT PRIMARY KEY NOT NULL,
    owner_id TEXT NOT NULL,
    token    TEXT, -- SHA-256 of what makes a second click the first one's request
    state    TEXT NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    record   TEXT NOT NULL,
    UNIQUE (owner_id, token)
) STRICT;

CREATE INDEX greenroom_job_approvals_state ON greenroom_job_approvals (state, created);
CREATE INDEX greenroom_job_approvals_owner ON greenroom_job_approvals (owner_id, created);
CREATE INDEX greenroom_job_approvals_expires ON greenroom_job_approvals (expires);

CREATE TABLE greenroom_job_approval_rows (
    approval_id TEXT NOT NULL REFERENCES greenroom_job_approvals (id) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    packed      BLOB NOT NULL, -- up to 1,000 keys
    PRIMARY KEY (approval_id, n)
) STRICT, WITHOUT ROWID;
