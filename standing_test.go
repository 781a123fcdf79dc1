package greenroom_test

import (
	"testing"
	"time"

	grsql "greenroom/sql"
)

// TestWhatAnotherProcessWithdrawsIsSeenByOpenPages changes people as greenroom user does, in a state opened apart from the server's, and sees pages that
// are open and send nothing end by themselves.
func TestWhatAnotherProcessWithdrawsIsSeenByOpenPages(t *testing.T) {
	c := newCompany(t)
	other, err := grsql.OpenState(t.Context(), c.state)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	bystander := c.people["viewer"].Open("/admin/main/items/")
	super := c.people["super"].Open("/admin/users/")
	full := c.people["full"].Open("/admin/main/items/")
	steps := []struct {
		what   string
		change func() error
		closed func() int
		want   int
	}{
		{"rights are taken away", func() error { return other.SetUserRights(t.Context(), "full", []string{"main.view_items"}, nil) }, full.Closed, 4004},
		{"a superuser is one no longer", func() error { return other.SetUser(t.Context(), "super", false, true, true) }, super.Closed, 4004},
	}
	for _, step := range steps {
		began := time.Now()
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		if code := step.closed(); code != step.want {
			t.Errorf("%s: the page is closed with %d, want %d", step.what, code, step.want)
		}
		t.Logf("%s: the page ended after %s", step.what, time.Since(began).Round(time.Millisecond))
	}
	if code := c.people["full"].Get("/admin/main/items/add/").Status; code != 403 {
		t.Errorf("who lost the right to add is answered %d", code)
	}
	if code := c.people["super"].Get("/admin/users/").Status; code != 403 {
		t.Errorf("who is no superuser any more is answered %d", code)
	}
	if said := bystander.Event("items", "search", map[string]any{"value": "one"}); said != "" {
		t.Errorf("a page of somebody whose rights stayed is answered %q", said)
	}
	if err := other.SetUser(t.Context(), "viewer", false, false, true); err != nil {
		t.Fatal(err)
	}
	if code := bystander.Closed(); code != 4001 {
		t.Errorf("who was switched off: the page is closed with %d, want 4001", code)
	}
}
