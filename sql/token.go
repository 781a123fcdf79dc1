package sql

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrNoToken is returned for a token that does not exist, was revoked or has expired, and for one whose user may not sign in any more.
var ErrNoToken = errors.New("sql: no such token")

// Token is what a program shows in place of a sign-in. Its text is told once, when it is made.
type Token struct {
	ID, User         string
	Created, Expires time.Time
}

// AddToken makes a token that may do what a user may, and returns its ID and its text, which is not stored. ErrNoUser if there is no such user.
func (s *State) AddToken(ctx context.Context, user string, ttl time.Duration) (id, text string, err error) {
	text, id = "gr_"+rand.Text(), rand.Text()[:8]
	hash, now := sha256.Sum256([]byte(text)), time.Now()
	err = s.within(ctx, "make a token", func(tx *sql.Tx) error {
		of, err := userID(ctx, tx, user)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO greenroom_tokens (id, hash, user_id, created, expires) VALUES (?, ?, ?, ?, ?)`,
			id, hash[:], of, now.Unix(), now.Add(ttl).Unix()); err != nil {
			return err
		}
		return account(ctx, tx, "the user %s was given a token for the console", user)
	})
	return id, text, err
}

// RevokeToken ends a token at once. ErrNoToken if there is none of that ID.
func (s *State) RevokeToken(ctx context.Context, id string) error {
	return s.within(ctx, "revoke a token", func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM greenroom_tokens WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNoToken)
		}
		return account(ctx, tx, "the token %s for the console was revoked", id)
	})
}

// Tokens lists those that can be used.
func (s *State) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.id, u.name, t.created, t.expires FROM greenroom_tokens AS t JOIN greenroom_users AS u ON u.id = t.user_id
		WHERE t.expires > ? ORDER BY u.name, t.created, t.id`, time.Now().Unix())
	if err != nil {
		return nil, fmt.Errorf("sql: list tokens: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []Token
	for rows.Next() {
		var t Token
		var created, expires int64
		if err := rows.Scan(&t.ID, &t.User, &created, &expires); err != nil {
			return nil, fmt.Errorf("sql: list tokens: %w", err)
		}
		t.Created, t.Expires = time.Unix(created, 0), time.Unix(expires, 0)
		all = append(all, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: list tokens: %w", err)
	}
	return all, nil
}

// TokenUser is whom a token's text stands for, as they are now.
func (s *State) TokenUser(ctx context.Context, text string) (User, string, error) {
	hash := sha256.Sum256([]byte(text))
	var user, id string
	err := s.read.QueryRowContext(ctx, `SELECT user_id, id FROM greenroom_tokens WHERE hash = ? AND expires > ?`, hash[:], time.Now().Unix()).Scan(&user, &id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return User{}, "", ErrNoToken
	case err != nil:
		return User{}, "", fmt.Errorf("sql: find a token: %w", err)
	}
	u, err := s.UserByID(ctx, user)
	if err == nil && !(u.Active && u.Staff) {
		err = ErrNoToken
	}
	return u, id, err
}
