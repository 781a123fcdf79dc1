package sql

import (
	"context"
	"fmt"
	"time"

	"greenroom/widgets"
)

// Standing is who everybody that is signed in is at this moment, by the sign-in's handle. Who may not sign in any more is not among them.
func (s *State) Standing(ctx context.Context) (map[string]*widgets.User, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT s.hash, u.id, u.name, u.superuser, `+rightsOf+`
		FROM greenroom_sign_ins AS s JOIN greenroom_users AS u ON u.id = s.user_id WHERE s.expires > ? AND u.active AND u.staff`, time.Now().Unix())
	if err != nil {
		return nil, fmt.Errorf("sql: who is signed in: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	all := map[string]*widgets.User{}
	for rows.Next() {
		var hash []byte
		var u User
		var rights string
		if err := rows.Scan(&hash, &u.ID, &u.Name, &u.Super, &rights); err != nil {
			return nil, fmt.Errorf("sql: who is signed in: %w", err)
		}
		u.Rights = lines(rights)
		handle := handleOf(hash)
		all[handle] = u.Widget(handle)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: who is signed in: %w", err)
	}
	return all, nil
}

// Watch looks every interval whether another process has changed the state, such as greenroom user, and then calls changed; what was remembered of
// sign-ins is forgotten by then. It returns when ctx ends; a look that fails is made again.
func (s *State) Watch(ctx context.Context, interval time.Duration, changed func()) {
	// The writer's connection is asked: for SQLite a commit by any other is another program's.
	var seen int64
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for first := true; ; {
		var now int64
		if err := s.write.QueryRowContext(ctx, "PRAGMA data_version").Scan(&now); err == nil && now != seen {
			seen = now
			s.recent.forget()
			if !first {
				changed()
			}
			first = false
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
