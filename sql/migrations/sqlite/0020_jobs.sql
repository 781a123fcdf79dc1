-- Runs of actions, until 30 days after their end. Times are microseconds since 1970; record is a jobs.Record as JSON, of which the other columns are what
-- is searched for, compared, or written once a second.
CREATE TABLE greenroom_jobs (
    id       TEXT PRIMARY KEY NOT NULL,
    owner_id TEXT NOT NULL,
    token    TEXT, -- SHA-256 of what makes a second click the first one's run
    state    TEXT NOT NULL,
    epoch    INTEGER NOT NULL,
    node     TEXT NOT NULL,
    created  INTEGER NOT NULL,
    ended    INTEGER,
    done     INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    failed   INTEGER NOT NULL,
    vanished INTEGER NOT NULL,
    message  TEXT NOT NULL,
    place    TEXT NOT NULL, -- the cursor
    record   TEXT NOT NULL,
    UNIQUE (owner_id, token)
) STRICT;

CREATE INDEX greenroom_jobs_created ON greenroom_jobs (created, id);
CREATE INDEX greenroom_jobs_owner ON greenroom_jobs (owner_id, created, id);
CREATE INDEX greenroom_jobs_state ON greenroom_jobs (state, created);
CREATE INDEX greenroom_jobs_ended ON greenroom_jobs (ended);

CREATE TABLE greenroom_job_rows (
    job_id TEXT NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    n      INTEGER NOT NULL,
    packed BLOB NOT NULL, -- up to 1,000 keys
    PRIMARY KEY (job_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE greenroom_job_events (
    id         INTEGER PRIMARY KEY,
    job_id     TEXT NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    node       TEXT NOT NULL,
    by_user    TEXT NOT NULL,
    reason     TEXT NOT NULL
) STRICT;

CREATE INDEX greenroom_job_events_job ON greenroom_job_events (job_id, id);

CREATE TABLE greenroom_nodes (
    id    TEXT PRIMARY KEY NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
