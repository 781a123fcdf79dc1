package sql

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"greenroom/widgets"
)

// Standing is who everybody that is signed in is at this moment, or whom they see the admin as, by the sign-in's handle. Who may not sign in any more is not among them.
func (s *State) Standing(ctx context.Context) (map[string]*widgets.User, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT s.hash, u.id, u.name, u.superuser, a.user_id, `+rightsOf+`
		FROM greenroom_sign_ins AS s JOIN greenroom_users AS u ON u.id = s.user_id LEFT JOIN greenroom_seen_as AS a ON a.hash = s.hash WHERE s.expires > ? AND u.active AND u.staff`, time.Now().Unix())
	if err != nil {
		return nil, fmt.Errorf("sql: who is signed in: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	all, seen := map[string]*widgets.User{}, map[string]sql.NullString{}
	for rows.Next() {
		var hash []byte
		var u User
		var as sql.NullString
		var rights string
		if err := rows.Scan(&hash, &u.ID, &u.Name, &u.Super, &as, &rights); err != nil {
			return nil, fmt.Errorf("sql: who is signed in: %w", err)
		}
		u.Rights = lines(rights)
		handle := handleOf(hash)
		all[handle] = u.Widget(handle)
		if as.Valid {
			seen[handle] = as
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: who is signed in: %w", err)
	}
	for handle, as := range seen {
		if all[handle], err = s.seat(ctx, all[handle], as); err != nil {
			return nil, err
		}
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
