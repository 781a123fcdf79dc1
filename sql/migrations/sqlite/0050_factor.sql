-- A second factor: an authenticator's secret, and the codes for the day it is lost. used is the last 30 second step whose code was taken.
CREATE TABLE greenroom_factors (
    user_id   TEXT PRIMARY KEY REFERENCES greenroom_users (id) ON DELETE CASCADE,
    secret    TEXT NOT NULL,
    begun     INTEGER NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0,
    used      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE greenroom_recovery (
    user_id TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
) STRICT;
