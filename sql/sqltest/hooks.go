package sqltest

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// hooks are called in the transaction, may change what is written, and take everything back with an error.
func hooks(t *testing.T, e Engine) {
	f := shop(t, e)
	orders, lines := f.Table("orders"), f.Table("order_lines")
	var told []string
	var refuse error
	orders.SetHooks(grsql.Hooks{
		Before: func(_ context.Context, _ *sql.Tx, s *grsql.Saving) error {
			told = append(told, "before "+s.Op+" "+s.Key.String())
			if note, ok := s.Values["note"]; ok {
				s.Values["note"] = widgets.Text(strings.ToUpper(note.String()))
			}
			return nil
		},
		After: func(ctx context.Context, tx *sql.Tx, s *grsql.Saving) error {
			told = append(told, "after "+s.Op+" "+s.Key.String()+" "+s.Values["note"].String())
			if s.Op == "insert" { // what it writes is committed with the row
				_, err := tx.ExecContext(ctx, "INSERT INTO order_lines (order_id, line, product) VALUES ("+s.Key[0]+", 1, 'Gift')") //nolint:gosec // a number, and placeholders differ by engine
				if err != nil {
					return err
				}
			}
			return refuse
		},
	})
	said := func() string {
		t.Helper()
		text := strings.Join(told, ", ")
		told = nil
		return text
	}
	count := func() int64 {
		t.Helper()
		n := must[widgets.Count](t)(orders.Count(t.Context(), widgets.Query{}))
		return n.N*100 + must[widgets.Count](t)(lines.Count(t.Context(), widgets.Query{})).N
	}
	before := count()
	key := must[widgets.Key](t)(orders.Insert(t.Context(), given("customer_id", "1", "total", "5", "note", "quick")))
	same(t, "inserted", said(), "before insert , after insert 13 QUICK")
	same(t, "with what the hook wrote", count(), before+101)
	done(t, orders.Update(t.Context(), key, given("note", "QUICK"), given("note", "slow")))
	same(t, "updated", said(), "before update 13, after update 13 SLOW")
	done(t, orders.Update(t.Context(), key, nil, given("note", "Slow")))
	same(t, "nothing to write", said(), "before update 13")
	_, err := orders.Together(t.Context(), []widgets.Step{{Table: "shop.orders", Op: "update", Key: key, Values: given("note", "joint")}})
	done(t, err)
	same(t, "with other rows", said(), "before update 13, after update 13 JOINT")

	// An error takes everything back, and is told as it is.
	f.published()
	before, refuse = count(), widgets.UserError("The books of this month are closed.")
	_, err = orders.Insert(t.Context(), given("customer_id", "1", "total", "7"))
	same(t, "refused", errors.Is(err, refuse), true)
	if err := orders.Update(t.Context(), key, nil, given("note", "late")); !errors.Is(err, refuse) {
		t.Errorf("an update: %v", err)
	}
	if err := lines.Delete(t.Context(), widgets.Key{"13", "1"}); err != nil {
		t.Errorf("a table without hooks: %v", err)
	}
	said()
	if err := orders.Delete(t.Context(), key); !errors.Is(err, refuse) {
		t.Errorf("a deletion: %v", err)
	}
	same(t, "before and after", said(), "before delete 13, after delete 13 ")
	same(t, "nothing was written", count(), before-1)
	row := must[widgets.Row](t)(orders.Get(t.Context(), key, widgets.Filter{}))
	if text := row.Values; !strings.Contains(join(text), "JOINT") {
		t.Errorf("the row is %v", text)
	}
	refuse = errors.New("the ledger does not answer")
	var person widgets.UserError
	if err := orders.Delete(t.Context(), key); !errors.Is(err, refuse) || errors.As(err, &person) {
		t.Errorf("a fault of the hook: %v", err)
	}
	orders.SetHooks(grsql.Hooks{})
	done(t, orders.Delete(t.Context(), key))
}

func join(values []widgets.Value) string {
	var all []string
	for _, v := range values {
		all = append(all, v.String())
	}
	return strings.Join(all, " ")
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
