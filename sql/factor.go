package sql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Factor is a user's second factor; the zero Factor is none.
type Factor struct {
	// Secret is the authenticator's, in base32. It cannot be hashed: codes are calculated with it.
	Secret string
	// Confirmed tells that a code of it was given once: only then is it asked for.
	Confirmed bool
	Begun     time.Time
	// Codes is how many recovery codes are left.
	Codes int
}

// Factor is a user's second factor, the zero Factor if they have none.
func (s *State) Factor(ctx context.Context, userID string) (Factor, error) {
	var f Factor
	var begun int64
	err := s.read.QueryRowContext(ctx, `SELECT secret, confirmed, begun, (SELECT count(*) FROM greenroom_recovery AS r WHERE r.user_id = f.user_id)
		FROM greenroom_factors AS f WHERE user_id = ?`, userID).Scan(&f.Secret, &f.Confirmed, &begun, &f.Codes)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Factor{}, nil
	case err != nil:
		return Factor{}, fmt.Errorf("sql: find a second factor: %w", err)
	}
	f.Begun = time.Unix(begun, 0)
	return f, nil
}

// BeginFactor keeps the secret of a second factor that is not confirmed yet, in place of another such; false if the user has a confirmed one.
func (s *State) BeginFactor(ctx context.Context, userID, secret string) (begun bool, err error) {
	err = s.within(ctx, "begin a second factor", func(tx *sql.Tx) error {
		begun, err = anyRow(tx.ExecContext(ctx, `INSERT INTO greenroom_factors (user_id, secret, begun) VALUES (?, ?, ?)
			ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, begun = excluded.begun WHERE NOT confirmed`, userID, secret, time.Now().Unix()))
		return err
	})
	return begun, err
}

// ConfirmFactor makes the second factor hold that was begun, with its recovery codes; step is the one whose code confirmed it. It ends the user's other
// sign-ins but the one whose handle is keep and returns their handles; ErrNoFactor if none was begun or it is confirmed already.
func (s *State) ConfirmFactor(ctx context.Context, userID, name string, step int64, codes []string, keep string) (ended []string, err error) {
	err = s.within(ctx, "confirm a second factor", func(tx *sql.Tx) error {
		ok, err := anyRow(tx.ExecContext(ctx, `UPDATE greenroom_factors SET confirmed = 1, used = ? WHERE user_id = ? AND NOT confirmed`, step, userID))
		if err == nil && !ok {
			err = ErrNoFactor
		}
		if err == nil {
			err = putCodes(ctx, tx, userID, codes)
		}
		if err == nil {
			err = account(ctx, tx, "the user %s has a second factor now", name)
		}
		if err == nil {
			ended, err = endSignIns(ctx, tx, userID, "", keep)
		}
		return err
	})
	return ended, err
}

// ErrNoFactor is returned where a second factor is needed that the user does not have.
var ErrNoFactor = errors.New("sql: no such second factor")

// UseStep notes that the code of a step was taken; false if that one or a later one was taken before, so that no code is taken twice.
func (s *State) UseStep(ctx context.Context, userID string, step int64) (bool, error) {
	ok, err := anyRow(s.write.ExecContext(ctx, `UPDATE greenroom_factors SET used = ? WHERE user_id = ? AND confirmed AND used < ?`, step, userID, step))
	if err != nil {
		return false, fmt.Errorf("sql: use a code: %w", err)
	}
	return ok, nil
}

// UseRecovery takes a recovery code, which is gone then; false if the user has no such code.
func (s *State) UseRecovery(ctx context.Context, userID, name, code string) (taken bool, err error) {
	err = s.within(ctx, "use a recovery code", func(tx *sql.Tx) error {
		taken, err = anyRow(tx.ExecContext(ctx, `DELETE FROM greenroom_recovery WHERE user_id = ? AND hash = ?`, userID, codeHash(code)))
		if err == nil && taken {
			err = account(ctx, tx, "the user %s used a recovery code", name)
		}
		return err
	})
	return taken, err
}

// RenewCodes replaces the recovery codes of a confirmed second factor; ErrNoFactor if there is none.
func (s *State) RenewCodes(ctx context.Context, userID, name string, codes []string) error {
	return s.within(ctx, "renew recovery codes", func(tx *sql.Tx) error {
		var confirmed bool
		err := tx.QueryRowContext(ctx, `SELECT confirmed FROM greenroom_factors WHERE user_id = ?`, userID).Scan(&confirmed)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !confirmed {
			return ErrNoFactor
		}
		if err == nil {
			err = putCodes(ctx, tx, userID, codes)
		}
		if err == nil {
			err = account(ctx, tx, "the user %s was given new recovery codes", name)
		}
		return err
	})
}

// EndFactor takes a user's second factor and recovery codes away; ErrNoFactor if they have none, ErrNoUser if there is no such user.
func (s *State) EndFactor(ctx context.Context, name string) error {
	return s.within(ctx, "end a second factor", func(tx *sql.Tx) error {
		id, err := userID(ctx, tx, name)
		if err != nil {
			return err
		}
		had, err := anyRow(tx.ExecContext(ctx, `DELETE FROM greenroom_factors WHERE user_id = ?`, id))
		if err == nil && !had {
			err = ErrNoFactor
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM greenroom_recovery WHERE user_id = ?`, id)
		}
		if err == nil {
			err = account(ctx, tx, "the user %s has no second factor any more", name)
		}
		return err
	})
}

func putCodes(ctx context.Context, tx *sql.Tx, userID string, codes []string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM greenroom_recovery WHERE user_id = ?`, userID); err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := tx.ExecContext(ctx, `INSERT INTO greenroom_recovery (user_id, hash) VALUES (?, ?)`, userID, codeHash(code)); err != nil {
			return err
		}
	}
	return nil
}

// codeHash is how a recovery code is kept, however it is spelled. The codes are 80 random bits: there is nothing that a slow hash would protect.
func codeHash(code string) []byte {
	sum := sha256.Sum256([]byte(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))))
	return sum[:]
}

// anyRow tells whether a statement changed any row.
func anyRow(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
