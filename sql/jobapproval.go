package sql

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	sq "github.com/Masterminds/squirrel"

	"greenroom/jobs"
)

// Ask stores a request for approval.
func (s *JobStore) Ask(ctx context.Context, a jobs.Approval, keys [][]byte) (jobs.Approval, error) {
	a = a.Stored()
	if a.State != jobs.Waiting {
		return jobs.Approval{}, fmt.Errorf("%w: ask %s: it does not wait", jobs.ErrStep, a.ID)
	}
	record, err := json.Marshal(a)
	if err != nil {
		return jobs.Approval{}, fmt.Errorf("sql: jobs: ask: %w", err)
	}
	err = s.transact(ctx, "ask", true, func(tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, `INSERT INTO greenroom_job_approvals (id, owner_id, token, state, created, expires, record) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			a.ID, a.OwnerID, hashedToken(a.Token), string(a.State), micros(a.Created), micros(a.Expires), string(record))
		for n := 0; err == nil && n < len(keys); n++ {
			_, err = s.exec(ctx, tx, `INSERT INTO greenroom_job_approval_rows (approval_id, n, packed) VALUES (?, ?, ?)`, a.ID, n, keys[n])
		}
		return err
	})
	if err != nil && a.Token != "" && s.dialect.fault(err).kind == faultUnique {
		if all, err := s.approvals(ctx, s.read, `owner_id = ? AND token = ?`, a.OwnerID, hashedToken(a.Token)); err != nil || len(all) > 0 {
			return append(all, jobs.Approval{})[0], err
		}
	}
	return a, err
}

// Decide compares and sets.
func (s *JobStore) Decide(ctx context.Context, from jobs.ApprovalState, a jobs.Approval, now time.Time) error {
	a = a.Stored()
	wrong := a.CheckStep(from)
	record, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("sql: jobs: decide: %w", err)
	}
	return s.transact(ctx, "decide", true, func(tx *sql.Tx) error {
		n := int64(0)
		if wrong == nil {
			var err error
			n, err = s.exec(ctx, tx, `UPDATE greenroom_job_approvals SET state = ?, record = ? WHERE id = ? AND state = ? AND (state <> 'waiting' OR expires > ?)`,
				string(a.State), string(record), a.ID, string(from), now.UnixMicro())
			if err != nil || n == 1 {
				return err
			}
		}
		all, err := s.approvals(ctx, tx, `id = ?`, a.ID)
		switch {
		case err != nil:
			return err
		case len(all) == 0:
			return jobs.ErrNotFound
		case wrong != nil:
			return wrong
		}
		return fmt.Errorf("%w: approval %s is %s", jobs.ErrMoved, a.ID, all[0].At(now).State)
	})
}

// approvals reads requests; where is the rest of a statement.
func (s *JobStore) approvals(ctx context.Context, q querier, where string, args ...any) ([]jobs.Approval, error) {
	var all []jobs.Approval
	err := s.query(ctx, q, func(row *sql.Rows) error {
		var record []byte
		var a jobs.Approval
		err := row.Scan(&record)
		if err == nil {
			err = json.Unmarshal(record, &a)
		}
		all = append(all, a)
		return err
	}, `SELECT record FROM greenroom_job_approvals WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: approvals: %w", err)
	}
	return all, nil
}

// Approval reads a request.
func (s *JobStore) Approval(ctx context.Context, id string) (jobs.Approval, error) {
	all, err := s.approvals(ctx, s.read, `id = ?`, id)
	if err == nil && len(all) == 0 {
		err = jobs.ErrNotFound
	}
	return append(all, jobs.Approval{})[0], err
}

// ApprovalKeys reads a request's keys.
func (s *JobStore) ApprovalKeys(ctx context.Context, id string) ([][]byte, error) {
	var all [][]byte
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		var packed []byte
		err := row.Scan(&packed)
		all = append(all, packed)
		return err
	}, `SELECT packed FROM greenroom_job_approval_rows WHERE approval_id = ? ORDER BY n`, id)
	if err == nil && all == nil {
		_, err = s.Approval(ctx, id)
	}
	if err != nil && !errors.Is(err, jobs.ErrNotFound) {
		err = fmt.Errorf("sql: jobs: keys of an approval: %w", err)
	}
	return all, err
}

// ListApprovals reads requests.
func (s *JobStore) ListApprovals(ctx context.Context, q jobs.ApprovalQuery) ([]jobs.Approval, error) {
	q = q.WithDefaults()
	where := sq.And{}
	if q.Owner != "" {
		where = append(where, sq.Eq{"owner_id": q.Owner})
	}
	if q.State != "" {
		where = append(where, sq.Eq{"state": string(q.State)})
	}
	if !q.Expires.IsZero() {
		where = append(where, sq.Gt{"expires": q.Expires.UnixMicro()})
	}
	query, args, err := where.ToSql()
	if err != nil {
		return nil, err
	}
	if query == "" {
		query = "1 = 1"
	}
	return s.approvals(ctx, s.read, fmt.Sprintf("%s ORDER BY created DESC, id DESC LIMIT %d", query, q.Limit), args...)
}
