package widgets

import "testing"

func TestRightsCoverPermissions(t *testing.T) {
	for _, c := range []struct {
		right, permission string
		want              bool
	}{
		{"main.view_orders", "main.view_orders", true},
		{"main.view_orders", "main.view_order", false},
		{"main.view_orders", "main.view_orders_archive", false},
		{"*", "anything.at_all", true},
		{"*.view_*", "main.view_orders", true},
		{"*.view_*", "main.change_orders", false},
		{"main.*", "main.delete_orders", true},
		{"main.*", "maintenance.delete_orders", false},
		{"main.*_orders", "main.delete_orders", true},
		{"main.*_orders", "main.delete_orders_archive", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"", "main.view_orders", false},
	} {
		u := &User{ID: "1", Rights: []string{c.right}}
		if got := u.Has(c.permission); got != c.want {
			t.Errorf("the right %q covers %q: %v, want %v", c.right, c.permission, got, c.want)
		}
	}
	if (&User{Rights: []string{"*"}}).Has("a.b") {
		t.Error("nobody in particular has rights")
	}
}
