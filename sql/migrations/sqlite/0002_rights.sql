-- Who may do what: users belong to groups, and both hold rights. A right is a permission's word, or a pattern with '*'.
ALTER TABLE greenroom_users ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));
ALTER TABLE greenroom_users ADD COLUMN staff INTEGER NOT NULL DEFAULT 1 CHECK (staff IN (0, 1));

CREATE TABLE greenroom_groups (
    id   TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE
) STRICT;

CREATE TABLE greenroom_members (
    user_id  TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL REFERENCES greenroom_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE greenroom_user_rights (
    user_id TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    word    TEXT NOT NULL,
    PRIMARY KEY (user_id, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE greenroom_group_rights (
    group_id TEXT NOT NULL REFERENCES greenroom_groups (id) ON DELETE CASCADE,
    word     TEXT NOT NULL,
    PRIMARY KEY (group_id, word)
) STRICT, WITHOUT ROWID;
