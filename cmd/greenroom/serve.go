package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"greenroom"
)

// serve is the admin of an existing database, with nothing declared.
func serve(ctx context.Context, con console, args []string) error {
	f := flags(con, "serve", "Serve an admin of an existing database: every table, nothing declared. Nothing is written to it but what people edit.")
	var o options
	dsn := f.String("db", "", "`DSN` of the database: sqlite:PATH or the path of a file, postgres://USER:PASSWORD@HOST/DATABASE, mysql://USER:PASSWORD@HOST/DATABASE; better in GREENROOM_DB, where other users of the machine cannot see the password")
	title := f.String("title", "", "`TEXT` in the corner of every page (default: the database's name)")
	o.add(f)
	if err := parse(f, args); err != nil {
		return err
	}
	if *dsn == "" {
		*dsn = os.Getenv("GREENROOM_DB")
	}
	if *dsn == "" {
		return usagef("--db is missing: name the database, such as --db sqlite:shop.db or --db postgres://me@localhost/shop")
	}
	return host(ctx, con, o, func(ctx context.Context) (*greenroom.Room, *greenroom.Database, error) {
		state := o.state
		if state == "" {
			var err error
			if state, err = stateOf(*dsn); err != nil {
				return nil, nil, err
			}
		}
		db, err := greenroom.Open(ctx, *dsn, greenroom.OpenConfig{})
		if err != nil {
			return nil, nil, err
		}
		if *title == "" {
			*title = nameOf(*dsn)
		}
		for name, why := range db.Skipped() {
			fmt.Fprintf(con.err, "The table %q is left out: %s\n", name, why)
		}
		cfg := greenroom.Config{State: state, Title: *title}
		o.apply(&cfg, con.err)
		return room(ctx, db, cfg)
	})
}

// room makes the Room of a database, which is closed if that fails.
func room(ctx context.Context, db *greenroom.Database, cfg greenroom.Config) (*greenroom.Room, *greenroom.Database, error) {
	cfg.DB = db
	made, err := greenroom.New(ctx, cfg)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return made, db, nil
}

// stateOf is the default state file of a database: its name, and a hash of where it is. A server's user and password are no part of that.
func stateOf(dsn string) (string, error) {
	where := dsn
	if u := serverOf(dsn); u != nil {
		where = u.Host + u.Path
	} else if abs, err := filepath.Abs(pathOf(dsn)); err == nil {
		where = abs
	}
	sum := sha256.Sum256([]byte(where))
	return dataFile(nameOf(dsn) + "-" + hex.EncodeToString(sum[:4]) + ".state.db")
}

// serverOf is the DSN of a server, nil for a file.
func serverOf(dsn string) *url.URL {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil
	}
	switch u.Scheme {
	case "postgres", "postgresql", "mysql", "mariadb":
		return u
	}
	return nil
}

func nameOf(dsn string) string {
	if u := serverOf(dsn); u != nil {
		return cmp.Or(strings.Trim(u.Path, "/"), "database")
	}
	base := filepath.Base(pathOf(dsn))
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// pathOf is the file that an SQLite DSN names.
func pathOf(dsn string) string {
	for _, scheme := range []string{"sqlite://", "sqlite:", "file:"} {
		if rest, ok := strings.CutPrefix(dsn, scheme); ok {
			dsn = rest
			break
		}
	}
	path, _, _ := strings.Cut(dsn, "?")
	return path
}
