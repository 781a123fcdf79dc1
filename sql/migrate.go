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

// The tables of our own state are migrated forwards only, one transaction a file, in the order of the numbers in front of the names. A file is
// never edited once it is released. (goose v3 does this for three engines, for 1.2 MB and four modules; with one engine and a handful of
// tables sixty lines do. The numbered files are as goose wants them, but for its "-- +goose Up".)
//
//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// migrate brings a state database to the newest version.
func migrate(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS greenroom_migrations (
		version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT`)
	if err != nil {
		return fmt.Errorf("sql: migrate the state: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql") // in lexical order, which is that of the numbers
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
		if err := apply(ctx, db, newest, name, file); err != nil {
			return fmt.Errorf("sql: migration %s: %w", name, err)
		}
	}
	var version int
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM greenroom_migrations`).Scan(&version); err != nil {
		return fmt.Errorf("sql: migrate the state: %w", err)
	}
	if version > newest {
		return fmt.Errorf("sql: the state is of version %d and this greenroom knows %d: use a newer greenroom or another state file", version, newest)
	}
	return nil
}

// apply runs one migration unless it has been. The check is inside the immediate transaction, so that two programs that start at once take turns.
func apply(ctx context.Context, db *sql.DB, version int, name, file string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it says so
	var done bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM greenroom_migrations WHERE version = ?)`, version).Scan(&done); err != nil || done {
		return err
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO greenroom_migrations (version, name) VALUES (?, ?)`, version, name); err != nil {
		return err
	}
	return tx.Commit()
}
