-- See the same file of SQLite for what is what.
CREATE TABLE IF NOT EXISTS greenroom_job_approvals (
    id       VARCHAR(64) PRIMARY KEY,
    owner_id VARCHAR(191) NOT NULL,
    token    CHAR(64),
    state    VARCHAR(16) NOT NULL,
    created  BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    record   LONGTEXT NOT NULL,
    UNIQUE (owner_id, token),
    INDEX (state, created),
    INDEX (owner_id, created),
    INDEX (expires)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS greenroom_job_approval_rows (
    approval_id VARCHAR(64) NOT NULL,
    n           INTEGER NOT NULL,
    packed      LONGBLOB NOT NULL,
    PRIMARY KEY (approval_id, n),
    FOREIGN KEY (approval_id) REFERENCES greenroom_job_approvals (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
