package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	grconsole "greenroom/console"
)

// errAttention ends a look at a room that needs attention: exit code 1, and no word more than what was printed.
var errAttention = errors.New("something needs attention")

// desk is the console of a running room: one look for scripts, or a screen to stay at.
func desk(ctx context.Context, con console, args []string) error {
	f := flags(con, "console", "Look into a running room over its local socket: actors, jobs, sessions, failures. Ends with 1 when something needs attention.")
	state := f.String("state", "", "`FILE` of the room's state, as serve and demo were given it (default: the one room of yours that runs)")
	dsn := f.String("db", "", "`DSN` of the database that the room serves, in place of --state")
	address := f.String("url", "", "`URL` of an admin elsewhere, such as https://admin.example.com/admin/; asked with a token")
	tokenFile := f.String("token-file", "", "with --url: `FILE` that has the token; the variable GREENROOM_TOKEN does the same")
	once := f.String("once", "", "print one `PAGE` and end: "+strings.Join(grconsole.Names(), ", ")+" or metrics")
	asJSON := f.Bool("json", false, "with --once: print JSON")
	text := f.String("search", "", "with --once: only rows with this `TEXT`")
	sort := f.String("sort", "", "with --once actors: `ORDER`, one of "+strings.Join(grconsole.Sorts(), ", "))
	every := f.Duration("every", time.Second, "`TIME` between two looks")
	if err := parse(f, args); err != nil {
		return err
	}
	switch {
	case *once == "" && (*asJSON || *text != "" || *sort != ""):
		return usagef("--json, --search and --sort go with --once PAGE")
	case *once != "" && *once != grconsole.MetricsPage && grconsole.Label(*once) == "":
		return usagef("--once %q: there are %s and metrics", *once, strings.Join(grconsole.Names(), ", "))
	case *sort != "" && !slices.Contains(grconsole.Sorts(), *sort):
		return usagef("--sort %q: there are %s", *sort, strings.Join(grconsole.Sorts(), ", "))
	case *state != "" && *dsn != "":
		return usagef("--state and --db name the same thing; give one")
	case *address != "" && (*state != "" || *dsn != ""):
		return usagef("--url names a room elsewhere, --state and --db one of this machine; give one")
	case *tokenFile != "" && *address == "":
		return usagef("--token-file goes with --url")
	case *every < 200*time.Millisecond:
		return usagef("--every %s: want 200ms or more", *every)
	}
	if *once == grconsole.Actors && *sort == "" {
		*sort = "path" // a script wants all of them, not a tree
	}
	dial, err := way(ctx, *address, *tokenFile, *state, *dsn)
	if err != nil {
		return err
	}
	if *once == "" {
		return watch(ctx, con, dial, *every)
	}
	client, err := dial()
	if err != nil {
		return err
	}
	defer client.Close() //nolint:errcheck // nothing is lost
	answer, err := client.Ask(grconsole.Request{Query: grconsole.Query{Page: *once, Text: *text, Sort: *sort}})
	if err != nil {
		return err
	}
	return glance(con, answer, *asJSON)
}

// way is how a room is connected to: over the network with a token, or over its socket.
func way(ctx context.Context, address, tokenFile, state, dsn string) (func() (*grconsole.Client, error), error) {
	if address == "" {
		path, err := socketPath(ctx, state, dsn)
		return func() (*grconsole.Client, error) { return grconsole.Dial(ctx, path) }, err
	}
	token := os.Getenv("GREENROOM_TOKEN")
	if tokenFile != "" {
		text, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, fmt.Errorf("read the token: %w", err)
		}
		token = string(text)
	}
	if strings.TrimSpace(token) == "" {
		return nil, usagef("--url needs a token: --token-file FILE, or the variable GREENROOM_TOKEN")
	}
	return func() (*grconsole.Client, error) { return grconsole.Connect(ctx, address, token) }, nil
}

// glance prints one answer.
func glance(con console, answer grconsole.Reply, asJSON bool) error {
	r := answer.Report
	switch {
	case r == nil:
		fmt.Fprint(con.out, answer.Text)
		return nil
	case asJSON:
		if err := json.NewEncoder(con.out).Encode(flat(r)); err != nil {
			return err
		}
	default:
		for _, a := range r.Attention {
			fmt.Fprintln(con.out, "!", a.Text)
		}
		fmt.Fprintln(con.out, summary(r.Totals))
		for _, line := range layout(r.Table, 0) {
			fmt.Fprintln(con.out, line)
		}
	}
	if len(r.Attention) > 0 {
		return errAttention
	}
	return nil
}

// flat is a report for scripts: a row is an object, with numbers where a page shows texts made of them.
func flat(r *grconsole.Report) any {
	rows := make([]map[string]any, len(r.Table.Rows))
	for n, row := range r.Table.Rows {
		rows[n] = map[string]any{"key": row.Key}
		for i, c := range row.Cells {
			var v any = c.Text
			if c.Value != nil {
				v = c.Value
			}
			rows[n][r.Table.Columns[i].Name] = v
		}
	}
	return struct {
		At        time.Time         `json:"at"`
		Page      string            `json:"page"`
		Totals    grconsole.Totals  `json:"totals"`
		Attention []grconsole.Alert `json:"attention"`
		Matched   int               `json:"matched"`
		Rows      []map[string]any  `json:"rows"`
	}{r.At, r.Page, r.Totals, r.Attention, r.Table.Matched, rows}
}

// socketPath is where the room listens: named by its state or database, else the only one in the data folder that answers.
func socketPath(ctx context.Context, state, dsn string) (string, error) {
	if dsn != "" {
		var err error
		if state, err = stateOf(dsn); err != nil {
			return "", err
		}
	}
	if state != "" {
		return grconsole.SocketOf(state), nil
	}
	any, err := dataFile("any")
	if err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(any), "*.sock"))
	if err != nil {
		return "", err
	}
	var live []string
	for _, path := range found {
		if client, err := grconsole.Dial(ctx, path); err == nil {
			_ = client.Close()
			live = append(live, path)
		}
	}
	switch len(live) {
	case 0:
		return "", errors.New("no room of yours runs with its state in the data folder; start one, or name its state with --state FILE")
	case 1:
		return live[0], nil
	}
	for n, path := range live {
		live[n] = strings.TrimSuffix(path, ".sock")
	}
	return "", usagef("several rooms run; name one with --state: %s", strings.Join(live, string(os.PathListSeparator)+" "))
}
