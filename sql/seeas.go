package sql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"greenroom/widgets"
)

// SeeAs lets a sign-in see the admin as another user from now on, and writes down why. Whether its person may is for the caller to ask, and is asked again
// each time the sign-in is found; see SignIn.
func (s *State) SeeAs(ctx context.Context, id string, other User, reason string) error {
	return s.within(ctx, "see the admin as "+other.Name, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO greenroom_seen_as (hash, user_id, began) VALUES (?, ?, ?)
			ON CONFLICT (hash) DO UPDATE SET user_id = excluded.user_id, began = excluded.began`, hashed(id), other.ID, time.Now().Unix())
		if err == nil {
			_, err = noteIn(ctx, tx, widgets.AuditLine{Deed: widgets.DeedSeeAs, Text: "began to see the admin as " + other.Name + ": " + reason})
		}
		return err
	})
}

// SeeAsOneself ends what SeeAs began; a sign-in that sees the admin as its own person is left alone.
func (s *State) SeeAsOneself(ctx context.Context, id string) error {
	return s.within(ctx, "see the admin as oneself", func(tx *sql.Tx) error {
		var name string
		err := tx.QueryRowContext(ctx, `SELECT u.name FROM greenroom_seen_as AS a JOIN greenroom_users AS u ON u.id = a.user_id WHERE a.hash = ?`, hashed(id)).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM greenroom_seen_as WHERE hash = ?`, hashed(id))
		}
		if err == nil {
			_, err = noteIn(ctx, tx, widgets.AuditLine{Deed: widgets.DeedSeeAs, Text: "ended seeing the admin as " + name})
		}
		return err
	})
}

// seat is who a sign-in's pages are for: the person, or with the ID of whom they see the admin as that user. If one of the two may not any more, it is the
// person.
func (s *State) seat(ctx context.Context, person *widgets.User, as sql.NullString) (*widgets.User, error) {
	if !as.Valid {
		return person, nil
	}
	other, err := s.UserByID(ctx, as.String)
	if errors.Is(err, ErrNoUser) || err == nil && !(other.Active && other.Staff && person.MaySeeAs(other.Widget(""))) {
		return person, nil
	}
	if err != nil {
		return nil, err
	}
	return other.Widget("").SeenBy(person), nil
}
