package shop

import (
	"context"
	"database/sql"
	"fmt"

	"greenroom"
)

// pack marks paid orders as packed. Each order is changed in a transaction of its own that asks whether the order still needs it, so that the action may be
// paused, go on after a failure, and be run twice.
func (s shop) pack() greenroom.Action {
	return greenroom.On(greenroom.Action{
		Name: "pack", Label: "Pack selected orders", Permissions: []string{"shop.change_orders"},
		Confirm: "Pack {count} orders?", Resumable: true, DryRun: true, Unique: greenroom.PerRows,
	}, func(ctx context.Context, job *greenroom.Job, rows greenroom.Rows[order], _ struct{}) error {
		err := greenroom.Each(ctx, rows, func(ctx context.Context, o order) error {
			return job.Tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
				done, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE orders SET status = 'packed' WHERE id = %d AND status = 'paid'", o.ID))
				if err != nil {
					return err
				}
				if n, err := done.RowsAffected(); err != nil || n == 0 {
					return greenroom.UserError("It is not paid, or was packed before.")
				}
				return nil
			})
		}, greenroom.MaxFailures(1000))
		if err != nil {
			return err // also when it is to pause or to end: pass on what Each says
		}
		if !job.DryRun() {
			job.Result("Everything that was paid is packed.")
		}
		return nil
	})
}
