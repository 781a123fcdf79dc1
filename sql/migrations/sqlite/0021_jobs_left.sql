-- What runs leave to download: rows that failed, and files in parts.
CREATE TABLE greenroom_job_failures (
    id      INTEGER PRIMARY KEY,
    job_id  TEXT NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    row_key TEXT NOT NULL,
    error   TEXT NOT NULL -- what the run's owner may read
) STRICT;

CREATE INDEX greenroom_job_failures_job ON greenroom_job_failures (job_id, id);

CREATE TABLE greenroom_job_files (
    job_id TEXT NOT NULL REFERENCES greenroom_jobs (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    n      INTEGER NOT NULL,
    size   INTEGER NOT NULL, -- of the part, in bytes
    part   BLOB NOT NULL,
    PRIMARY KEY (job_id, name, n)
) STRICT;
