package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
)

// transacting is a Source whose rows can be changed in a transaction.
type transacting interface {
	Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error
}

// errDry takes back what a dry run did.
var errDry = errors.New("jobs: a dry run changes nothing")

// Tx runs f in a transaction of the rows' database, and commits when it returns nil. Nothing is committed when the run was given up meanwhile, nor in a dry
// run, which therefore may call it with the real statements.
//
// Where runs are remembered in that database (greenroom.Config.JobsInDB), the note that the row in hand is done is part of the transaction: in a loop over
// Rows.All or Each, without Parallel and with one Tx for each row, the row's effect happens exactly once, whatever dies when, and ErrFenced says that
// another process has the run. In all other cases the note may be lost with the process: f asks, in the same transaction, whether the row still needs it.
func (j *Job) Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	t, ok := j.source.(transacting)
	if !ok {
		return fmt.Errorf("jobs: the rows of action %q are not in a database that has transactions", j.action.Name)
	}
	careful := func(ctx context.Context, tx *sql.Tx) error {
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
	}
	if hand := j.cell.hand.Load(); hand > 0 && !j.dry {
		if noted, err := j.journal.tx(ctx, j, hand-1, careful); noted {
			return err
		}
	}
	err := t.Tx(ctx, careful)
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

// journal is where Tx notes which row was done.
type journal struct {
	keeper  *keeper
	epoch   int64
	used    atomic.Bool
	unsaved unsaved
}

func (k *memo) journal(epoch int64) *journal {
	if k == nil {
		return nil
	}
	return &journal{keeper: k.keeper, epoch: k.base + epoch}
}

// tx is Tx for the row at a place; noted is false when runs are not remembered in the rows' database.
func (l *journal) tx(ctx context.Context, j *Job, place int64, f func(ctx context.Context, tx *sql.Tx) error) (noted bool, err error) {
	if l == nil {
		return false, nil
	}
	store, ok := l.keeper.store.(Transactor)
	if !ok {
		return false, nil
	}
	if !l.used.Swap(true) {
		// What was read of this body before must be written before, or it would set the cursor back.
		l.keeper.saving.Lock()
		l.keeper.saving.Unlock() //nolint:staticcheck // it is only waited for
	}
	p := j.progress(j.id, l.epoch)
	p.Cursor = strconv.FormatInt(place+1, 10)
	if !j.cell.explicit.Load() {
		p.Current, p.Vanished = place+1, p.Vanished+place-j.cell.cursor.Load()
	}
	if err := store.Tx(ctx, p, f); err != nil {
		return true, err
	}
	j.cell.passTo(place)
	return true, nil
}
