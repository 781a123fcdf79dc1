-- What greenroom console shows over the network in place of a sign-in: it may do what its user may, until it is revoked.
CREATE TABLE greenroom_tokens (
    id      TEXT PRIMARY KEY NOT NULL, -- a name for people, not a secret
    hash    BLOB NOT NULL UNIQUE,      -- SHA-256 of the token
    user_id TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
