package jobs

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"sync/atomic"
)

// ledger is what Tx writes to.
type ledger struct {
	keeper *keeper
	epoch  int64
	used   atomic.Bool
}

func (k *kept) ledger(epoch int64) *ledger {
	if k == nil {
		return nil
	}
	return &ledger{keeper: k.keeper, epoch: k.base + epoch}
}

// ErrNoTx is returned by Job.Tx when runs are not remembered in the database that bodies write to.
var ErrNoTx = errors.New("jobs: Tx needs runs to be remembered in the database that it writes to; set greenroom.Config.JobsInDB")

// Tx commits what f does, and that the row in hand is done, in one transaction of the served database: whatever dies when, the row's effect happens
// exactly once. It is for the loop over Rows.All, one row after the other, with one Tx for each row; a row without a Tx is done at least once only. An
// error of f undoes its effect and is returned; ErrFenced says that another process has the run.
func (j *Job) Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	l := j.ledger
	if l == nil {
		return ErrNoTx
	}
	store, ok := l.keeper.store.(Transactor)
	if !ok {
		return ErrNoTx
	}
	if !l.used.Swap(true) {
		// What was read of this body before must be written before, or it would set the cursor back.
		l.keeper.saving.Lock()
		l.keeper.saving.Unlock() //nolint:staticcheck // it is only waited for
	}
	place := j.cell.hand.Load()
	p := j.progress(j.id, l.epoch)
	p.Cursor = strconv.FormatInt(place+1, 10)
	if !j.cell.explicit.Load() {
		p.Current, p.Vanished = place+1, p.Vanished+place-j.cell.cursor.Load()
	}
	if err := store.Tx(ctx, p, f); err != nil {
		return err
	}
	j.cell.pass(place)
	return nil
}
