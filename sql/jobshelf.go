package sql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"greenroom/jobs"
)

// filePart is how much of a file is in one row: what a server takes in one statement is bounded, to 16 MiB by default on MariaDB.
const filePart = 512 << 10

// hold keeps a run from being taken over, and from ending, until the transaction does; false when whoever writes in an epoch does not have it.
func (s *JobStore) hold(ctx context.Context, tx *sql.Tx, id string, epoch int64) (bool, error) {
	n, err := s.exec(ctx, tx, `UPDATE greenroom_jobs SET epoch = epoch WHERE id = ? AND epoch = ? AND `+unfinished, id, epoch)
	return n > 0, err
}

// failAtOnce is how many rows a statement adds.
const failAtOnce = 200

// fail adds failed rows.
func (s *JobStore) fail(ctx context.Context, tx *sql.Tx, f jobs.Failures) error {
	held, err := s.hold(ctx, tx, f.ID, f.Epoch)
	if err != nil || !held {
		return err
	}
	for rows := f.Rows; len(rows) > 0; {
		some := rows[:min(failAtOnce, len(rows))]
		rows = rows[len(some):]
		var args []any
		for _, row := range some {
			args = append(args, f.ID, row.Attempt, row.Key, row.Text)
		}
		values := strings.TrimSuffix(strings.Repeat(`(?, ?, ?, ?), `, len(some)), ", ")
		if _, err := s.exec(ctx, tx, `INSERT INTO greenroom_job_failures (job_id, attempt, row_key, error) VALUES `+values, args...); err != nil {
			return err
		}
	}
	return nil
}

// FailedRows reads failed rows.
func (s *JobStore) FailedRows(ctx context.Context, id string) ([]jobs.FailedRow, error) {
	var all []jobs.FailedRow
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		var f jobs.FailedRow
		err := row.Scan(&f.Attempt, &f.Key, &f.Text)
		all = append(all, f)
		return err
	}, `SELECT attempt, row_key, error FROM greenroom_job_failures WHERE job_id = ? ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: failed rows: %w", err)
	}
	if all == nil {
		_, err = s.Get(ctx, id)
	}
	return all, err
}

// Put stores a file.
func (s *JobStore) Put(ctx context.Context, id string, epoch int64, name string, data []byte) error {
	return s.transact(ctx, "put a file", true, func(tx *sql.Tx) error {
		held, err := s.hold(ctx, tx, id, epoch)
		switch {
		case err != nil:
			return err
		case !held:
			now, err := s.stand(ctx, tx, []string{id})
			if err == nil && len(now) == 0 {
				return jobs.ErrNotFound
			}
			if err == nil {
				err = fmt.Errorf("%w: job %s is final or not of epoch %d", jobs.ErrFenced, id, epoch)
			}
			return err
		}
		if _, err := s.exec(ctx, tx, `DELETE FROM greenroom_job_files WHERE job_id = ? AND name = ?`, id, name); err != nil {
			return err
		}
		for n := 0; n == 0 || len(data) > 0; n++ { // an empty file has a part, too
			part := data[:min(filePart, len(data))]
			data = data[len(part):]
			_, err := s.exec(ctx, tx, `INSERT INTO greenroom_job_files (job_id, name, n, size, part) VALUES (?, ?, ?, ?, ?)`, id, name, n, len(part), part)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Files names files.
func (s *JobStore) Files(ctx context.Context, id string) ([]jobs.File, error) {
	var all []jobs.File
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		var f jobs.File
		err := row.Scan(&f.Name, &f.Size)
		all = append(all, f)
		return err
	}, `SELECT name, SUM(size) FROM greenroom_job_files WHERE job_id = ? GROUP BY name ORDER BY name`, id)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: files: %w", err)
	}
	if all == nil {
		_, err = s.Get(ctx, id)
	}
	return all, err
}

// File reads a file.
func (s *JobStore) File(ctx context.Context, id, name string) ([]byte, error) {
	data, found := []byte{}, false
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		found = true
		var part []byte
		err := row.Scan(&part)
		data = append(data, part...)
		return err
	}, `SELECT part FROM greenroom_job_files WHERE job_id = ? AND name = ? ORDER BY n`, id, name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("sql: jobs: file: %w", err)
	case !found:
		return nil, jobs.ErrNotFound
	}
	return data, nil
}
