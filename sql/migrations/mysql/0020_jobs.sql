-- See the same file of SQLite for what is what.
CREATE TABLE IF NOT EXISTS greenroom_jobs (
    id       VARCHAR(64) PRIMARY KEY,
    owner_id VARCHAR(191) NOT NULL,
    token    CHAR(64),
    state    VARCHAR(16) NOT NULL,
    epoch    BIGINT NOT NULL,
    node     VARCHAR(64) NOT NULL,
    created  BIGINT NOT NULL,
    ended    BIGINT,
    done     BIGINT NOT NULL,
    total    BIGINT NOT NULL,
    failed   BIGINT NOT NULL,
    vanished BIGINT NOT NULL,
    message  TEXT NOT NULL,
    place    TEXT NOT NULL,
    record   LONGTEXT NOT NULL,
    UNIQUE (owner_id, token),
    INDEX (created, id),
    INDEX (owner_id, created, id),
    INDEX (state, created),
    INDEX (ended)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS greenroom_job_rows (
    job_id VARCHAR(64) NOT NULL,
    n      INTEGER NOT NULL,
    packed LONGBLOB NOT NULL,
    PRIMARY KEY (job_id, n),
    FOREIGN KEY (job_id) REFERENCES greenroom_jobs (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS greenroom_job_events (
    id         BIGINT AUTO_INCREMENT PRIMARY KEY,
    job_id     VARCHAR(64) NOT NULL,
    at         BIGINT NOT NULL,
    from_state VARCHAR(16) NOT NULL,
    to_state   VARCHAR(16) NOT NULL,
    epoch      BIGINT NOT NULL,
    node       VARCHAR(64) NOT NULL,
    by_user    VARCHAR(191) NOT NULL,
    reason     VARCHAR(64) NOT NULL,
    INDEX (job_id, id),
    FOREIGN KEY (job_id) REFERENCES greenroom_jobs (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS greenroom_nodes (
    id    VARCHAR(64) PRIMARY KEY,
    until BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
