CREATE TABLE greenroom_secret (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    secret BLOB NOT NULL
) STRICT;

CREATE TABLE greenroom_users (
    id        TEXT PRIMARY KEY NOT NULL,
    name      TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password  TEXT NOT NULL,
    superuser INTEGER NOT NULL DEFAULT 0 CHECK (superuser IN (0, 1))
) STRICT;

CREATE TABLE greenroom_sign_ins (
    hash    BLOB PRIMARY KEY NOT NULL, -- SHA-256 of the id that the cookie holds
    user_id TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    csrf    BLOB NOT NULL,
    created INTEGER NOT NULL, -- seconds since 1970
    seen    INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX greenroom_sign_ins_user ON greenroom_sign_ins (user_id);
CREATE INDEX greenroom_sign_ins_expires ON greenroom_sign_ins (expires);
