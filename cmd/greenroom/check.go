package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"greenroom"
)

var errFound = errors.New("the errors above have to be mended")

// check tells what is wrong with an admin of a database, or could be better, without serving it.
func check(ctx context.Context, con console, args []string) error {
	f := flags(con, "check", "Look at a database, at who may sign in and at how the admin would be served, and tell what is wrong or could be better. Nothing of the database is changed. The exit code is 1 when there are errors.")
	var o options
	dsn := f.String("db", "", "`DSN` of the database, as for serve; better in GREENROOM_DB")
	asJSON := f.Bool("json", false, "write the findings as a JSON array")
	var silenced []string
	f.Func("silence", "`ID` of a finding that is known and accepted, such as greenroom.A010; may be repeated. Errors stay", func(id string) error {
		silenced = append(silenced, id)
		return nil
	})
	o.reach(f)
	if err := parse(f, args); err != nil {
		return err
	}
	if *dsn == "" {
		*dsn = os.Getenv("GREENROOM_DB")
	}
	if *dsn == "" {
		return usagef("--db is missing: name the database, such as --db sqlite:shop.db or --db postgres://me@localhost/shop")
	}
	if o.state == "" {
		var err error
		if o.state, err = stateOf(*dsn); err != nil {
			return err
		}
	}
	db, err := greenroom.Open(ctx, *dsn, greenroom.OpenConfig{})
	if err != nil {
		return err
	}
	cfg := greenroom.Config{DB: db, State: o.state, SuppressChecks: silenced}
	o.apply(&cfg, con.err)
	found, err := greenroom.Check(ctx, cfg, o.listen)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := report(con, found, *asJSON); err != nil {
		return err
	}
	if slices.ContainsFunc(found, func(f greenroom.Finding) bool { return f.Level == greenroom.LevelError }) {
		return errFound
	}
	return nil
}

// report writes findings for people, or for programs.
func report(con console, found []greenroom.Finding, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(con.out)
		out.SetIndent("", "  ")
		return out.Encode(append([]greenroom.Finding{}, found...))
	}
	for _, f := range found {
		fmt.Fprintf(con.out, "%-7s  %s  %s\n         %s\n         %s\n", f.Level, f.ID, f.Place, f.Text, f.Hint)
	}
	if len(found) == 0 {
		fmt.Fprintln(con.out, "Nothing was found.")
	}
	return nil
}
