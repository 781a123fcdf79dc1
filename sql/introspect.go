package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"greenroom/widgets"
)

// catalogue reads the whole schema in a handful of statements, from SQLite's pragmas; only the CHECKs, which no pragma tells, are read from the
// text of the definitions. A view whose tables are gone, or a virtual table whose extension is not there, is skipped with the reason.
func (sqlite) catalogue(ctx context.Context, tx *sql.Tx) (*catalogue, error) {
	cat := &catalogue{skipped: map[string]string{}}
	var err error
	if cat.version, err = (sqlite{}).version(ctx, tx); err != nil {
		return nil, err
	}
	byName := map[string]*rawTable{}
	err = each(ctx, tx, `SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'`, func(r *sql.Rows) error {
		t, kind := &rawTable{}, ""
		if err := r.Scan(&t.name, &kind, &t.noRowid, &t.strict); err != nil {
			return err
		}
		lower := strings.ToLower(t.name)
		if kind == "shadow" || strings.HasPrefix(lower, "sqlite_") || strings.HasPrefix(lower, "greenroom_") {
			return nil
		}
		t.view, t.virtual = kind == "view", kind == "virtual"
		byName[t.name] = t
		cat.tables = append(cat.tables, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, tx, `SELECT l.name, `+xinfo+` FROM pragma_table_list AS l JOIN pragma_table_xinfo(l.name, l.schema) AS x
		WHERE l.schema = 'main' AND l.type = 'table' ORDER BY l.name, x.cid`, func(r *sql.Rows) error {
		var name string
		c, err := scanColumn(r, &name)
		if t := byName[name]; t != nil && err == nil {
			t.columns = append(t.columns, c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range cat.tables {
		if t.view || t.virtual {
			if err := columnsOf(ctx, tx, t); err != nil {
				if ctx.Err() != nil {
					return nil, err
				}
				cat.skipped[t.name] = err.Error()
			}
		}
	}
	if err := foreignKeys(ctx, tx, byName); err != nil {
		return nil, err
	}
	if err := indexes(ctx, tx, byName); err != nil {
		return nil, err
	}
	err = each(ctx, tx, `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL`, func(r *sql.Rows) error {
		var name, ddl string
		err := r.Scan(&name, &ddl)
		if t := byName[name]; t != nil {
			t.ddl = ddl
		}
		return err
	})
	return cat, err
}

func (sqlite) version(ctx context.Context, q querier) (version int64, err error) {
	err = each(ctx, q, `PRAGMA schema_version`, func(r *sql.Rows) error { return r.Scan(&version) })
	return version, err
}

const xinfo = `x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden`

func scanColumn(r *sql.Rows, before ...any) (rawColumn, error) {
	var c rawColumn
	var hidden int
	if err := r.Scan(append(before, &c.name, &c.declared, &c.notNull, &c.fallback, &c.keyPart, &hidden)...); err != nil {
		return c, err
	}
	c.hidden, c.generated = hidden == 1, hidden >= 2
	if c.fallback != nil && strings.EqualFold(*c.fallback, "NULL") {
		c.fallback = nil
	}
	return c, nil
}

func columnsOf(ctx context.Context, tx *sql.Tx, t *rawTable) error {
	return each(ctx, tx, `SELECT `+xinfo+` FROM pragma_table_xinfo(?, 'main') AS x ORDER BY x.cid`, func(r *sql.Rows) error {
		c, err := scanColumn(r)
		t.columns = append(t.columns, c)
		return err
	}, t.name)
}

func foreignKeys(ctx context.Context, tx *sql.Tx, byName map[string]*rawTable) error {
	last, lastID := "", -1
	return each(ctx, tx, `SELECT l.name, f.id, f."table", f."from", f."to", f.on_delete FROM pragma_table_list AS l
		JOIN pragma_foreign_key_list(l.name, l.schema) AS f WHERE l.schema = 'main' AND l.type = 'table' ORDER BY l.name, f.id DESC, f.seq`,
		func(r *sql.Rows) error {
			var name, parent, from, onDelete string
			var to sql.NullString // NULL means the parent's key
			var id int
			if err := r.Scan(&name, &id, &parent, &from, &to, &onDelete); err != nil {
				return err
			}
			t := byName[name]
			if t == nil {
				return nil
			}
			if name != last || id != lastID {
				t.refs = append(t.refs, rawRef{Ref: widgets.Ref{Table: parent, OnDelete: onDelete}})
				last, lastID = name, id
			}
			ref := &t.refs[len(t.refs)-1]
			ref.Columns = append(ref.Columns, from)
			if to.Valid {
				ref.To = append(ref.To, to.String)
			}
			return nil
		})
}

func indexes(ctx context.Context, tx *sql.Tx, byName map[string]*rawTable) error {
	return each(ctx, tx, `SELECT l.name, i.name, i."unique", i.partial, i.origin = 'pk', c.name FROM pragma_table_list AS l
		JOIN pragma_index_list(l.name, l.schema) AS i JOIN pragma_index_info(i.name, l.schema) AS c
		WHERE l.schema = 'main' AND l.type = 'table' ORDER BY l.name, i.name, c.seqno`, func(r *sql.Rows) error {
		var name string
		var x rawIndex
		var column sql.NullString // NULL for an expression or the rowid
		if err := r.Scan(&name, &x.name, &x.unique, &x.partial, &x.primary, &column); err != nil {
			return err
		}
		t := byName[name]
		if t == nil {
			return nil
		}
		if n := len(t.indexes); n == 0 || t.indexes[n-1].name != x.name {
			t.indexes = append(t.indexes, x)
		}
		into := &t.indexes[len(t.indexes)-1]
		into.columns = append(into.columns, column.String)
		return nil
	})
}

// each runs a query and calls f for every row.
func each(ctx context.Context, q querier, query string, f func(*sql.Rows) error, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
	}
	return rows.Err()
}
