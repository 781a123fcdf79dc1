-- Whom people see the admin as, each for as long as the sign-in lasts, or until they end it.
CREATE TABLE greenroom_seen_as (
    hash    BLOB PRIMARY KEY NOT NULL REFERENCES greenroom_sign_ins (hash) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    began   INTEGER NOT NULL -- seconds since 1970
) STRICT, WITHOUT ROWID;

CREATE INDEX greenroom_seen_as_user ON greenroom_seen_as (user_id);

-- Beside who did something: whom they saw the admin as.
ALTER TABLE greenroom_audit ADD COLUMN as_id TEXT NOT NULL DEFAULT '';

ALTER TABLE greenroom_audit ADD COLUMN as_name TEXT NOT NULL DEFAULT '' COLLATE NOCASE;

CREATE INDEX greenroom_audit_as ON greenroom_audit (as_name, id) WHERE as_name <> '';
