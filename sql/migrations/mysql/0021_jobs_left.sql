-- See the same file of SQLite for what is what.
CREATE TABLE IF NOT EXISTS greenroom_job_failures (
    id      BIGINT AUTO_INCREMENT PRIMARY KEY,
    job_id  VARCHAR(64) NOT NULL,
    attempt INTEGER NOT NULL,
    row_key TEXT NOT NULL,
    error   TEXT NOT NULL,
    INDEX (job_id, id),
    FOREIGN KEY (job_id) REFERENCES greenroom_jobs (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS greenroom_job_files (
    job_id VARCHAR(64) NOT NULL,
    name   VARCHAR(100) NOT NULL,
    n      INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    part   MEDIUMBLOB NOT NULL,
    PRIMARY KEY (job_id, name, n),
    FOREIGN KEY (job_id) REFERENCES greenroom_jobs (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
