package sql

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"greenroom/widgets"
)

// SetPassword gives a user another password hash and ends their sign-ins, but for the one whose handle is keep; it returns the handles of those that
// ended. ErrNoUser if there is no user of that name.
func (s *State) SetPassword(ctx context.Context, name, hash, keep string) (ended []string, err error) {
	err = s.within(ctx, "change the password of "+name, func(tx *sql.Tx) error {
		id, err := userID(ctx, tx, name)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE greenroom_users SET password = ? WHERE id = ?`, hash, id); err != nil {
			return err
		}
		if err := account(ctx, tx, "the user %s was given a new password", name); err != nil {
			return err
		}
		ended, err = endSignIns(ctx, tx, id, "", keep)
		return err
	})
	return ended, err
}

// EndSignIns ends the sign-in of a handle, or with "" all of the user's but the one of except, and returns the handles of those that ended.
func (s *State) EndSignIns(ctx context.Context, userID, handle, except string) (ended []string, err error) {
	err = s.within(ctx, "end sign-ins", func(tx *sql.Tx) error {
		ended, err = endSignIns(ctx, tx, userID, handle, except)
		return err
	})
	return ended, err
}

func endSignIns(ctx context.Context, tx *sql.Tx, userID, handle, except string) (ended []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT hash FROM greenroom_sign_ins WHERE user_id = ?`, userID)
	if err != nil {
		return nil, err
	}
	var hashes [][]byte
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			rows.Close() //nolint:errcheck,sqlclosecheck // the first error is the one to tell
			return nil, err
		}
		if h := handleOf(hash); (handle == "" || h == handle) && h != except {
			hashes = append(hashes, hash)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, hash := range hashes {
		if _, err := tx.ExecContext(ctx, `DELETE FROM greenroom_sign_ins WHERE hash = ?`, hash); err != nil {
			return nil, err
		}
		if err := noteSignIn(ctx, tx, widgets.DeedSignOut, userID, hash); err != nil {
			return nil, err
		}
		ended = append(ended, handleOf(hash))
	}
	return ended, nil
}

// SetLanguage keeps the tag of the language that a user wants, "" for the browser's.
func (s *State) SetLanguage(ctx context.Context, userID, tag string) error {
	defer s.recent.forget()
	if _, err := s.write.ExecContext(ctx, `UPDATE greenroom_users SET language = ? WHERE id = ?`, tag, userID); err != nil {
		return fmt.Errorf("sql: keep a language: %w", err)
	}
	return nil
}

// SignIns are a user's living sign-ins, the newest first; where they began is the audit's to know.
func (s *State) SignIns(ctx context.Context, userID string) ([]widgets.OpenSignIn, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT i.hash, i.created, i.seen, coalesce((SELECT a.address FROM greenroom_audit AS a
			WHERE a.user_name = u.name AND a.deed = 'sign-in' AND a.sign_in = lower(hex(substr(i.hash, 1, 8))) LIMIT 1), '')
		FROM greenroom_sign_ins AS i JOIN greenroom_users AS u ON u.id = i.user_id WHERE i.user_id = ? AND i.expires > ? ORDER BY i.created DESC, i.hash`,
		userID, time.Now().Unix())
	if err != nil {
		return nil, fmt.Errorf("sql: list sign-ins: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []widgets.OpenSignIn
	for rows.Next() {
		var one widgets.OpenSignIn
		var hash []byte
		var created, seen int64
		if err := rows.Scan(&hash, &created, &seen, &one.Address); err != nil {
			return nil, fmt.Errorf("sql: list sign-ins: %w", err)
		}
		one.Handle, one.Created, one.Seen = hex.EncodeToString(hash[:8]), time.Unix(created, 0), time.Unix(seen, 0)
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: list sign-ins: %w", err)
	}
	return all, nil
}
