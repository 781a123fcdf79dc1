package http

import (
	"testing"

	"greenroom/internal/race"
	"greenroom/widgets"
)

// decisions asks the built-in rules what a page asks of them: a clerk with a role's worth of rights and patterns, who may change orders and is asked for an
// action's permission besides.
func decisions(tb testing.TB) func() {
	tb.Helper()
	guard := NewGuard(nil)
	clerk := &widgets.User{ID: "7", Name: "ann", Rights: []string{
		"main.view_customers", "main.view_products", "jobs.*", "reports.view_*", "*.export_*", "main.add_orders", "main.change_orders", "shop.refund_orders",
	}}
	on := widgets.Subject{Table: &widgets.Table{App: "main", Name: "orders"}, Permissions: []string{"shop.refund_orders"}}
	ctx := tb.Context()
	return func() {
		if !guard.Decide(ctx, clerk, widgets.Edit, on).Allow {
			tb.Fatal("denied")
		}
	}
}

// BenchmarkGuard is one decision of the built-in rules; several are made for each page and each event.
func BenchmarkGuard(b *testing.B) {
	decide := decisions(b)
	b.ReportAllocs()
	for b.Loop() {
		decide()
	}
}

// TestGuardAllocates: a decision allocates nothing.
func TestGuardAllocates(t *testing.T) {
	if race.Enabled {
		t.Skip("allocations cannot be counted under the race detector; the tests without it do")
	}
	if n := testing.AllocsPerRun(500, decisions(t)); n > 0 {
		t.Errorf("a decision allocates %v times", n)
	}
}
