-- How people want their lists: columns and row height, by user and table (its Table.ID).
CREATE TABLE greenroom_looks (
    user_id    TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    columns    TEXT NOT NULL, -- a JSON array of names; [] is the list's own
    roomy      INTEGER NOT NULL CHECK (roomy IN (0, 1)),
    PRIMARY KEY (user_id, table_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE greenroom_views (
    id         TEXT PRIMARY KEY NOT NULL,
    owner_id   TEXT NOT NULL REFERENCES greenroom_users (id) ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    name       TEXT NOT NULL,
    query      TEXT NOT NULL, -- as it stands in the address
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
    opens      INTEGER NOT NULL CHECK (opens IN (0, 1)) -- the list opens with it
) STRICT, WITHOUT ROWID;

CREATE INDEX greenroom_views_table ON greenroom_views (table_name, owner_id);
