package sql

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"greenroom/jobs"
)

// Renew prolongs or ends a lease. It need not outlive the machine: nothing that the node ran does.
func (s *JobStore) Renew(ctx context.Context, node string, ttl time.Duration) error {
	if ttl <= 0 {
		return s.transact(ctx, "end a lease", false, func(tx *sql.Tx) error {
			_, err := s.exec(ctx, tx, `DELETE FROM greenroom_nodes WHERE id = ?`, node)
			return err
		})
	}
	until := s.dialect.facts().clock + " + ?"
	return s.transact(ctx, "renew a lease", false, func(tx *sql.Tx) error {
		n, err := s.exec(ctx, tx, `UPDATE greenroom_nodes SET until = `+until+` WHERE id = ?`, ttl.Microseconds(), node)
		if err == nil && n == 0 {
			_, err = s.exec(ctx, tx, `INSERT INTO greenroom_nodes (id, until) VALUES (?, `+until+`)`, node, ttl.Microseconds())
		}
		return err
	})
}

// Nodes lists those that live, by the database's clock.
func (s *JobStore) Nodes(ctx context.Context) ([]jobs.Node, error) {
	var all []jobs.Node
	clock := s.dialect.facts().clock
	err := s.query(ctx, s.read, func(row *sql.Rows) error {
		var n jobs.Node
		var left int64
		err := row.Scan(&n.ID, &left, &n.Unfinished)
		n.Left = time.Duration(left) * time.Microsecond
		all = append(all, n)
		return err
	}, `SELECT n.id, n.until - `+clock+`, (SELECT count(*) FROM greenroom_jobs AS j WHERE j.node = n.id
		AND j.state IN ('queued', 'running', 'pausing', 'paused', 'cancelling')) FROM greenroom_nodes AS n WHERE n.until > `+clock+` ORDER BY n.id`)
	if err != nil {
		return nil, fmt.Errorf("sql: jobs: nodes: %w", err)
	}
	return all, nil
}

// Claim takes over what nobody holds, the oldest first. The leases that have run out are removed first, which their nodes wait for: a node that is late
// lives again afterwards, without its runs.
//
// Two that claim at once read the same runs, or each what the other does not keep. Each raises the epoch that it has read, which only the first one finds.
// What somebody keeps who stands still in the middle of a transaction is left for the next time: to wait for it would cost the node its own lease.
func (s *JobStore) Claim(ctx context.Context, node string, limit int) ([]jobs.Record, error) {
	var mine []jobs.Record
	err := s.transact(ctx, "claim", true, func(tx *sql.Tx) error {
		mine = nil
		err := s.bury(ctx, tx)
		if err != nil {
			return err
		}
		lives := false
		err = s.query(ctx, tx, func(*sql.Rows) error { lives = true; return nil }, `SELECT 1 FROM greenroom_nodes WHERE id = ?`, node)
		if err == nil && !lives {
			err = fmt.Errorf("%w: node %s does not live, so that it can claim nothing", jobs.ErrFenced, node)
		}
		if err != nil {
			return err
		}
		orphans, err := s.records(ctx, tx, `state IN ('queued', 'running', 'pausing', 'paused', 'cancelling')
			AND NOT EXISTS (SELECT 1 FROM greenroom_nodes AS n WHERE n.id = node) ORDER BY created, id LIMIT ? `+s.dialect.facts().skipping, limit)
		if err != nil {
			return err
		}
		for _, r := range orphans {
			n, err := s.exec(ctx, tx, `UPDATE greenroom_jobs SET node = ?, epoch = epoch + 1 WHERE id = ? AND epoch = ? AND state = ?`,
				node, r.ID, r.Epoch, string(r.State))
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			r.Node = node
			r.Epoch++
			if err := s.note(ctx, tx, r.State, r, ""); err != nil {
				return err
			}
			mine = append(mine, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return mine, nil
}

// bury removes the nodes whose leases have run out.
func (s *JobStore) bury(ctx context.Context, tx *sql.Tx) error {
	facts := s.dialect.facts()
	expired := `until <= ` + facts.clock
	if facts.skipping == "" {
		_, err := s.exec(ctx, tx, `DELETE FROM greenroom_nodes WHERE `+expired)
		return err
	}
	var dead []any
	err := s.query(ctx, tx, func(row *sql.Rows) error {
		var id string
		err := row.Scan(&id)
		dead = append(dead, id)
		return err
	}, `SELECT id FROM greenroom_nodes WHERE `+expired+` `+facts.skipping)
	for _, id := range dead {
		if err == nil {
			_, err = s.exec(ctx, tx, `DELETE FROM greenroom_nodes WHERE id = ?`, id)
		}
	}
	return err
}
