package sql

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Our own tables are migrated forwards only, one transaction a file, in the order of the numbers in front of the names. A file is never edited once it
// is released. (goose v3 does this for 1.2 MB and four modules; with a handful of tables eighty lines do. The numbered files are as goose wants them, but
// for its "-- +goose Up".)
//
//go:embed migrations
var migrations embed.FS

// migrate brings the tables of those files of an engine that match a pattern to the newest version.
func migrate(ctx context.Context, db *sql.DB, d dialect, pattern string) error {
	engine := "sqlite"
	switch d.(type) {
	case *postgres:
		engine = "postgres"
	case *mysql:
		engine = "mysql"
	}
	err := alone(ctx, db, d, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS greenroom_migrations (
			version INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, applied TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("sql: migrate: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/"+engine+"/"+pattern) // in lexical order, which is that of the numbers
	if err != nil {
		return err
	}
	newest := 0
	for _, file := range files {
		name := path.Base(file)
		number, _, _ := strings.Cut(name, "_")
		if newest, err = strconv.Atoi(number); err != nil {
			return fmt.Errorf("sql: the migration %s has no number", name)
		}
		err := alone(ctx, db, d, func(tx *sql.Tx) error { return apply(ctx, tx, d, newest, name, file) })
		if err != nil {
			return fmt.Errorf("sql: migration %s: %w", name, err)
		}
	}
	var version int
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM greenroom_migrations`).Scan(&version); err != nil {
		return fmt.Errorf("sql: migrate: %w", err)
	}
	if version > newest && pattern == "*.sql" {
		return fmt.Errorf("sql: the state is of version %d and this greenroom knows %d: use a newer greenroom or another state file", version, newest)
	}
	return nil
}

// alone runs f in a transaction. Programs that migrate one database at once take turns: on SQLite by its
// immediate transaction, on PostgreSQL by a lock, since two that create a table there in the same moment collide in its catalogue, whether or not they say
// IF NOT EXISTS. MariaDB has no transactions for tables, and its files make only what is not there.
func alone(ctx context.Context, db *sql.DB, d dialect, f func(tx *sql.Tx) error) error {
	return within(ctx, db, func(tx *sql.Tx) error {
		if _, ok := d.(*postgres); ok {
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('greenroom_migrations'))`); err != nil {
				return err
			}
		}
		return f(tx)
	})
}

// apply runs one migration unless it has been.
func apply(ctx context.Context, tx *sql.Tx, d dialect, version int, name, file string) error {
	var done bool
	at := strconv.Itoa(version)
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM greenroom_migrations WHERE version = `+at+`)`).Scan(&done); err != nil || done {
		return err
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	for statement := range strings.SplitSeq(string(text), ";\n\n") {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO greenroom_migrations (version, name) VALUES (`+at+`, '`+name+`')`) //nolint:gosec // a file's name of ours
	if err != nil && d.fault(err).kind == faultUnique {
		return nil // another program was first
	}
	return err
}
