package shop

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom"
	"greenroom/widgets"
)

// order is what the actions need to know of a row of orders.
type order struct {
	ID     int64  `db:"id"`
	Number string `db:"number"`
	Status string `db:"status"`
	Cents  int64  `db:"total_cents"`
}

// refundInput is asked for before refunds start.
type refundInput struct {
	Reason string `form:"label=Reason,textarea,required,max=180,help='Kept with each order.'"`
}

// refund sends the money of the selected orders back, one after the other. An order whose refund fails is counted and the next one is tried;
// a cancel or a pause stops between two orders. What was refunded before is skipped, so the action may be run again on the same rows, and goes on by itself after
// the server was restarted.
func (s shop) refund() greenroom.Action {
	return greenroom.On(greenroom.Action{
		Name: "refund", Label: "Refund selected orders", Permissions: []string{"shop.change_orders", "shop.refund_orders"}, Danger: true, Resumable: true,
		Confirm: "Refund {count} orders? The money is sent back at once.",
	}, func(ctx context.Context, job *greenroom.Job, rows greenroom.Rows[order], in refundInput) error {
		var refunded, skipped, failed int
		for o, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			if o.Status == "refunded" {
				skipped++
				continue
			}
			key := strconv.FormatInt(o.ID, 10)
			if err := s.gateway.Refund(ctx, job.ItemKey(key), o.ID, o.Cents); err != nil {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				failed++
				job.Fail(greenroom.Key{key}, err)
				continue
			}
			// The money is on its way: a cancel that comes now must not keep it out of the books.
			if err := s.book(context.WithoutCancel(ctx), key, job.User().Name, in.Reason); err != nil {
				return fmt.Errorf("book the refund of order %s: %w", o.Number, err)
			}
			refunded++
			job.Status(func() string { return "Refunded " + o.Number })
		}
		job.Logf("Refunded %d orders since it began or was resumed, skipped %d that were refunded before, %d failed.", refunded, skipped, failed)
		return nil
	})
}

// book writes a refund down: in what happened to the order, and then in the order, so that a refund of which the first is missing is booked again. Pages
// that show either follow.
func (s shop) book(ctx context.Context, key, who, reason string) error {
	_, err := s.db.Table("order_activity").Insert(ctx, map[string]greenroom.Value{
		"order_id": widgets.Text(key), "at": widgets.Text(at(time.Now().UTC())), "kind": widgets.Text("refunded"), "actor": widgets.Text(who), "message": widgets.Text(reason),
	})
	if err != nil {
		return err
	}
	return s.db.Table("orders").Set(ctx, greenroom.Key{key}, map[string]any{"status": "refunded"})
}

// capture asks the gateway for payments, which never works: it shows what people see of an error that was not written for them.
func (s shop) capture() greenroom.Action {
	return greenroom.On(greenroom.Action{
		Name: "capture", Label: "Capture payments (fails)", Permissions: []string{"shop.change_orders"},
	}, func(ctx context.Context, job *greenroom.Job, rows greenroom.Rows[order], _ struct{}) error {
		for o, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			job.Status(func() string { return "Capturing " + o.Number })
			if err := s.gateway.Capture(ctx, o.ID, o.Cents); err != nil {
				return fmt.Errorf("capture order %s: %w", o.Number, err)
			}
		}
		return nil
	})
}

// reconcile calls a part of the gateway that knows no context: it cannot be stopped, and the progress page says so when somebody tries.
func (s shop) reconcile() greenroom.Action {
	return greenroom.On(greenroom.Action{
		Name: "reconcile", Label: "Reconcile with the gateway (ignores cancel)", Permissions: []string{"shop.view_orders"},
	}, func(_ context.Context, job *greenroom.Job, rows greenroom.Rows[order], _ struct{}) error {
		job.Logf("Comparing the books with the gateway's, for %d orders.", rows.Len())
		return s.gateway.Reconcile(func(done, total int) {
			job.Update(int64(done), int64(total), fmt.Sprintf("Part %d of %d agrees.", done, total))
		})
	})
}
