package sql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	sq "github.com/Masterminds/squirrel"

	"greenroom/jobs"
)

// JobStore remembers runs of actions in the tables greenroom_jobs, greenroom_job_rows, greenroom_job_events and greenroom_nodes of one database.
type JobStore struct {
	dialect dialect
	read    querier
	// begin runs f in one transaction. A durable one is on the disk when it returns, whatever becomes of the machine.
	begin func(ctx context.Context, durable bool, f func(tx *sql.Tx) error) error
}

var _ jobs.Store = (*JobStore)(nil)

// Jobs is where the state remembers runs. It lives as long as the State.
func (s *State) Jobs() *JobStore {
	return &JobStore{sqlite{}, s.read, func(ctx context.Context, durable bool, f func(tx *sql.Tx) error) error {
		return onSQLite(ctx, s.write, durable, f)
	}}
}

// transact is begin, tried again while transactions get in each other's way.
func (s *JobStore) transact(ctx context.Context, what string, durable bool, f func(tx *sql.Tx) error) error {
	var err error
	for range 20 {
		if err = s.begin(ctx, durable, f); err == nil || !s.dialect.facts().remote || s.dialect.fault(err).kind != faultBusy {
			break
		}
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("sql: jobs: %s: %w", what, err)
}

// text finishes a statement.
func (s *JobStore) text(query string) string {
	query, _ = s.dialect.facts().format.ReplacePlaceholders(query) // these formats do not fail
	return query
}

// exec runs a statement and says how many rows it found.
func (s *JobStore) exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	result, err := q.ExecContext(ctx, s.text(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query reads rows, each with scan.
func (s *JobStore) query(ctx context.Context, q querier, scan func(row *sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, s.text(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Create stores a new run.
func (s *JobStore) Create(ctx context.Context, r jobs.Record, keys [][]byte) (jobs.Record, error) {
	r = r.Stored()
	if r.State != jobs.Queued || r.Epoch != 1 {
		return jobs.Record{}, fmt.Errorf("%w: create %s: it is not queued and of epoch 1", jobs.ErrStep, r.ID)
	}
	record, err := json.Marshal(r)
	if err != nil {
		return jobs.Record{}, fmt.Errorf("sql: jobs: create: %w", err)
	}
	err = s.transact(ctx, "create", true, func(tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, `INSERT INTO greenroom_jobs (id, owner_id, token, state, epoch, node, created, ended, done, total, failed, vanished, message,
			place, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.ID, r.OwnerID, hashedToken(r.Token), string(r.State), r.Epoch, r.Node,
			micros(r.Created), micros(r.Ended), r.Current, r.Total, r.Failed, r.Vanished, r.Message, r.Cursor, string(record))
		if err != nil {
			return err
		}
		for n, packed := range keys {
			if _, err := s.exec(ctx, tx, `INSERT INTO greenroom_job_rows (job_id, n, packed) VALUES (?, ?, ?)`, r.ID, n, packed); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, "", r, "")
	})
	if err == nil {
		return r, nil
	}
	if r.Token != "" && s.dialect.fault(err).kind == faultUnique {
		if first, err := s.one(ctx, `owner_id = ? AND token = ?`, r.OwnerID, hashedToken(r.Token)); !errors.Is(err, jobs.ErrNotFound) {
			return first, err
		}
	}
	return jobs.Record{}, err
}

// hashedToken is a token of any length in the length of a column; nil for none, of which there may be many.
func hashedToken(token string) any {
	if token == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// micros is a time as stored; nil for none.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// note adds an event.
func (s *JobStore) note(ctx context.Context, tx *sql.Tx, from jobs.State, r jobs.Record, by string) error {
	_, err := s.exec(ctx, tx, `INSERT INTO greenroom_job_events (job_id, at, from_state, to_state, epoch, node, by_user, reason)
		VALUES (?, `+s.dialect.facts().clock+`, ?, ?, ?, ?, ?, ?)`, r.ID, string(from), string(r.State), r.Epoch, r.Node, by, r.Reason)
	return err
}

// Transition compares and sets.
func (s *JobStore) Transition(ctx context.Context, from jobs.At, r jobs.Record, by string) error {
	r = r.Stored()
	wrong := from.Check(r)
	record, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("sql: jobs: step: %w", err)
	}
	return s.transact(ctx, "step", true, func(tx *sql.Tx) error {
		n := int64(0)
		if wrong == nil {
			var err error
			set := []any{string(r.State), r.Epoch, r.Node, micros(r.Ended), string(record)}
			columns := ""
			if !from.State.Works() || !r.State.Works() { // else the body is ahead of whoever takes the step
				columns = `, done = ?, total = ?, failed = ?, vanished = ?, message = ?, place = ?`
				set = append(set, r.Current, r.Total, r.Failed, r.Vanished, r.Message, r.Cursor)
			}
			n, err = s.exec(ctx, tx, `UPDATE greenroom_jobs SET state = ?, epoch = ?, node = ?, ended = ?, record = ?`+columns+`
				WHERE id = ? AND state = ? AND epoch = ?`, append(set, from.ID, string(from.State), from.Epoch)...)
			if err != nil {
				return err
			}
		}
		if n == 1 {
			return s.note(ctx, tx, from.State, r, by)
		}
		now, err := s.stand(ctx, tx, []string{from.ID})
		switch {
		case err != nil:
			return err
		case len(now) == 0:
			return jobs.ErrNotFound
		case wrong != nil:
			return wrong
		}
		if err := from.Compare(now[0]); err != nil {
			return err
		}
		return jobs.ErrMoved // it moved there between the two statements
	})
}

// atOnce is how many IDs a statement names.
const atOnce = 400

// stand reads how runs stand.
func (s *JobStore) stand(ctx context.Context, q querier, ids []string) ([]jobs.At, error) {
	var all []jobs.At
	for len(ids) > 0 {
		some := ids[:min(atOnce, len(ids))]
		ids = ids[len(some):]
		query, args, err := sq.Select("id", "state", "epoch").From("greenroom_jobs").Where(sq.Eq{"id": some}).ToSql()
		if err != nil {
			return nil, err
		}
		err = s.query(ctx, q, func(row *sql.Rows) error {
			var at jobs.At
			err := row.Scan(&at.ID, &at.State, &at.Epoch)
			all = append(all, at)
			return err
		}, query, args...)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Stand reads how runs stand.
func (s *JobStore) Stand(ctx context.Context, ids []string) ([]jobs.At, error) {
	stand, err := s.stand(ctx, s.read, ids)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: stand: %w", err)
	}
	return stand, nil
}

// Save stores progress, and which rows failed.
func (s *JobStore) Save(ctx context.Context, all []jobs.Progress, failed []jobs.Failures) ([]jobs.At, error) {
	if len(all)+len(failed) == 0 {
		return nil, nil
	}
	var stand []jobs.At
	err := s.transact(ctx, "save", false, func(tx *sql.Tx) error {
		var ids []string
		for _, p := range all {
			if _, err := s.save(ctx, tx, p); err != nil {
				return err
			}
			ids = append(ids, p.ID)
		}
		for _, f := range failed {
			if err := s.fail(ctx, tx, f); err != nil {
				return err
			}
			if !slices.Contains(ids, f.ID) {
				ids = append(ids, f.ID)
			}
		}
		var err error
		stand, err = s.stand(ctx, tx, ids)
		return err
	})
	return stand, err
}

// unfinished is a condition on a run.
const unfinished = `state NOT IN ('succeeded', 'failed', 'cancelled')`

func (s *JobStore) save(ctx context.Context, tx *sql.Tx, p jobs.Progress) (int64, error) {
	return s.exec(ctx, tx, `UPDATE greenroom_jobs SET done = ?, total = ?, failed = ?, vanished = ?, message = ?, place = ?
		WHERE id = ? AND epoch = ? AND `+unfinished,
		p.Current, p.Total, p.Failed, p.Vanished, p.Message, p.Cursor, p.ID, p.Epoch)
}
