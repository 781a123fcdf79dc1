-- See the same file of SQLite for what is what.
CREATE TABLE IF NOT EXISTS greenroom_job_failures (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id  TEXT COLLATE "C" NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    row_key TEXT NOT NULL,
    error   TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS greenroom_job_failures_job ON greenroom_job_failures (job_id, id);

CREATE TABLE IF NOT EXISTS greenroom_job_files (
    job_id TEXT COLLATE "C" NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    name   TEXT COLLATE "C" NOT NULL,
    n      INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    part   BYTEA NOT NULL,
    PRIMARY KEY (job_id, name, n)
);
