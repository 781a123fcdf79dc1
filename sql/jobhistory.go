package sql

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	sq "github.com/Masterminds/squirrel"

	"greenroom/jobs"
)

// records reads runs; where is the rest of a statement.
func (s *JobStore) records(ctx context.Context, q querier, where string, args ...any) ([]jobs.Record, error) {
	var all []jobs.Record
	err := s.query(ctx, q, func(row *sql.Rows) error {
		var record []byte
		var r jobs.Record
		var p jobs.Progress
		var state, node string
		if err := row.Scan(&record, &state, &p.Epoch, &node, &p.Current, &p.Total, &p.Failed, &p.Vanished, &p.Message, &p.Cursor); err != nil {
			return err
		}
		if err := json.Unmarshal(record, &r); err != nil {
			return fmt.Errorf("a record that cannot be read: %w", err)
		}
		p.Into(&r)
		r.State, r.Epoch, r.Node = jobs.State(state), p.Epoch, node
		all = append(all, r)
		return nil
	}, `SELECT record, state, epoch, node, done, total, failed, vanished, message, place FROM greenroom_jobs WHERE `+where, args...)
	return all, err
}

// one reads a run.
func (s *JobStore) one(ctx context.Context, where string, args ...any) (jobs.Record, error) {
	all, err := s.records(ctx, s.read, where, args...)
	switch {
	case err != nil:
		return jobs.Record{}, fmt.Errorf("sql: jobs: read: %w", err)
	case len(all) == 0:
		return jobs.Record{}, jobs.ErrNotFound
	}
	return all[0], nil
}

// Get reads one run.
func (s *JobStore) Get(ctx context.Context, id string) (jobs.Record, error) {
	return s.one(ctx, `id = ?`, id)
}

// Keys reads a run's keys.
func (s *JobStore) Keys(ctx context.Context, id string) ([][]byte, error) {
	var all [][]byte
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		var packed []byte
		err := row.Scan(&packed)
		all = append(all, packed)
		return err
	}, `SELECT packed FROM greenroom_job_rows WHERE job_id = ? ORDER BY n`, id)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: keys: %w", err)
	}
	if all == nil {
		_, err = s.Get(ctx, id)
	}
	return all, err
}

// Events reads a run's steps.
func (s *JobStore) Events(ctx context.Context, id string) ([]jobs.Event, error) {
	var all []jobs.Event
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		var e jobs.Event
		var at int64
		err := row.Scan(&at, &e.From, &e.To, &e.Epoch, &e.Node, &e.By, &e.Reason)
		e.Time = time.UnixMicro(at).UTC()
		all = append(all, e)
		return err
	}, `SELECT at, from_state, to_state, epoch, node, by_user, reason FROM greenroom_job_events WHERE job_id = ? ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: events: %w", err)
	}
	if all == nil { // a run has at least the first
		return nil, jobs.ErrNotFound
	}
	return all, nil
}

// List reads a page.
func (s *JobStore) List(ctx context.Context, q jobs.History) ([]jobs.Record, error) {
	q = q.WithDefaults()
	where := sq.And{sq.GtOrEq{"created": q.Since.UnixMicro()}}
	if q.Owner != "" {
		where = append(where, sq.Eq{"owner_id": q.Owner})
	}
	if len(q.States) > 0 {
		states := make([]string, len(q.States))
		for i, state := range q.States {
			states[i] = string(state)
		}
		where = append(where, sq.Eq{"state": states})
	}
	if q.After != nil {
		at := q.After.Created.UnixMicro()
		where = append(where, sq.LtOrEq{"created": at}, sq.Or{sq.Lt{"created": at}, sq.Lt{"id": q.After.ID}})
	}
	query, args, err := where.ToSql()
	if err == nil {
		var page []jobs.Record
		if page, err = s.records(ctx, s.read, query+` ORDER BY created DESC, id DESC LIMIT ?`, append(args, q.Limit)...); err == nil {
			return page, nil
		}
	}
	return nil, fmt.Errorf("sql: jobs: list: %w", err)
}

// Purge forgets what ended long ago.
func (s *JobStore) Purge(ctx context.Context, before time.Time) (int64, error) {
	const long = `state IN ('succeeded', 'failed', 'cancelled') AND ended < ?`
	var n int64
	err := s.transact(ctx, "purge", false, func(tx *sql.Tx) error {
		n = 0
		var ids []string
		err := s.query(ctx, tx, func(row *sql.Rows) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT id FROM greenroom_jobs WHERE `+long+` ORDER BY ended LIMIT 1000`, before.UnixMicro())
		for err == nil && len(ids) > 0 {
			some := ids[:min(atOnce, len(ids))]
			ids = ids[len(some):]
			var query string
			var args []any
			// The condition again: one may have been resumed since it was read.
			if query, args, err = (sq.And{sq.Eq{"id": some}, sq.Expr(long, before.UnixMicro())}).ToSql(); err != nil {
				return err
			}
			var gone int64
			gone, err = s.exec(ctx, tx, `DELETE FROM greenroom_jobs WHERE `+query, args...)
			n += gone
		}
		if err == nil {
			_, err = s.exec(ctx, tx, `DELETE FROM greenroom_job_approvals WHERE expires < ?`, before.UnixMicro())
		}
		return err
	})
	return n, err
}
