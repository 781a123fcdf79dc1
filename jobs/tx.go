package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// transacting is a Source whose rows can be changed in a transaction.
type transacting interface {
	Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error
}

// errDry takes back what a dry run did.
var errDry = errors.New("jobs: a dry run changes nothing")

// Tx runs f in a transaction of the rows' database, and commits when it returns nil. Nothing is committed when the run was given up meanwhile, nor in a dry
// run, which therefore may call it with the real statements. When the process dies the transaction is as if it had never been, but so may be the note that
// the row was done: f asks, in the same transaction, whether the row still needs it.
func (j *Job) Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	t, ok := j.source.(transacting)
	if !ok {
		return fmt.Errorf("jobs: the rows of action %q are not in a database that has transactions", j.action.Name)
	}
	err := t.Tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := f(ctx, tx); err != nil {
			return err
		}
		switch {
		case j.fenced.Load():
			return ErrGivenUp
		case j.dry:
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}
