package sql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom/widgets"
)

// SeesOthers reports whether Watch hears of rows that another program changes. It does on SQLite. On PostgreSQL and MariaDB nothing tells of
// them without triggers in the served schema: there OnChange hears of this program's own commits only, with what they cascaded to.
func (d *Database) SeesOthers() bool { return d.dialect.facts().touches }

// schemaEvery is how often Watch looks for a new schema on a server.
const schemaEvery = 10 * time.Second

// Watch looks every interval (0 means 100 ms) whether another program has committed, and then tells OnChange of every table, as SQLite does not
// say which. It returns when ctx ends or the Database is closed, with nil, or when the file cannot be read any more. On a server (see SeesOthers)
// it looks for changes of the schema only, every ten seconds, and a server that does not answer ends nothing.
//
// It asks the writer's connection, since for SQLite a commit by any other connection is another program's, our own writer among them when a
// reader asks. One look costs about 10 µs; while a transaction of ours runs it waits.
func (d *Database) Watch(ctx context.Context, interval time.Duration) error {
	if interval <= 0 {
		interval = 100 * time.Millisecond
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !d.SeesOthers() {
		return d.watchSchema(ctx, max(interval, schemaEvery))
	}
	seen, err := d.commits(ctx)
	if err != nil {
		return d.watched(ctx, err)
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for failures := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-d.closed:
			return nil
		case <-tick.C:
		}
		now, err := d.commits(ctx)
		if err != nil {
			if failures++; failures < 10 && ctx.Err() == nil {
				continue // a lock that somebody holds for long
			}
			return d.watched(ctx, err)
		}
		failures = 0
		if now == seen {
			continue
		}
		seen = now
		if err := d.refresh(ctx); err != nil {
			return d.watched(ctx, err)
		}
		for _, t := range d.Tables() {
			d.publish(widgets.Change{Table: t.Table().ID()})
		}
	}
}

func (d *Database) watchSchema(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.closed:
			return nil
		case <-tick.C:
		}
		before := d.schema.Load()
		if err := d.refresh(ctx); err != nil || d.schema.Load() == before {
			continue
		}
		for _, t := range d.Tables() {
			d.publish(widgets.Change{Table: t.Table().ID()})
		}
	}
}

// watched tells the end of a watch from its failure.
func (d *Database) watched(ctx context.Context, err error) error {
	select {
	case <-d.closed:
		return nil
	default:
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("sql: watch %s: %w", d.path, err)
}

// commits is a number that changes when another connection has committed.
func (d *Database) commits(ctx context.Context) (n int64, err error) {
	err = d.write.QueryRowContext(ctx, "PRAGMA data_version").Scan(&n)
	return n, err
}

// refresh reads the schema again if it is another.
func (d *Database) refresh(ctx context.Context) error {
	version, err := d.dialect.version(ctx, d.read)
	if err != nil || version == d.schema.Load().version {
		return err
	}
	return d.Reload(ctx)
}
