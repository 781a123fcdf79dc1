-- What was done, by whom, from where. Lines are only ever added; what did not happen after all gets a remark of its own.
CREATE TABLE greenroom_audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL, -- milliseconds since 1970
    deed       TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    user_name  TEXT NOT NULL COLLATE NOCASE,
    sign_in    TEXT NOT NULL,
    address    TEXT NOT NULL,
    via        TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_key    TEXT NOT NULL,
    words      TEXT NOT NULL,
    fields     TEXT NOT NULL -- a JSON array, "" for none
) STRICT;

CREATE INDEX greenroom_audit_row ON greenroom_audit (table_name, row_key, id);
CREATE INDEX greenroom_audit_table ON greenroom_audit (table_name, id);
CREATE INDEX greenroom_audit_user ON greenroom_audit (user_name, id);
CREATE INDEX greenroom_audit_deed ON greenroom_audit (deed, id);
CREATE INDEX greenroom_audit_at ON greenroom_audit (at);

CREATE TABLE greenroom_audit_undone (
    id  INTEGER PRIMARY KEY REFERENCES greenroom_audit (id),
    why TEXT NOT NULL
) STRICT;

CREATE TRIGGER greenroom_audit_kept BEFORE UPDATE ON greenroom_audit BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER greenroom_audit_stays BEFORE DELETE ON greenroom_audit BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER greenroom_audit_undone_kept BEFORE UPDATE ON greenroom_audit_undone BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER greenroom_audit_undone_stays BEFORE DELETE ON greenroom_audit_undone BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
