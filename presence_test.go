package greenroom_test

import (
	"strings"
	"testing"
)

// TestWhoIsAtARow: people see who else has a row open, as they come and go, each once, and nobody who may not view it is told.
func TestWhoIsAtARow(t *testing.T) {
	c := newCompany(t)
	const row, here = "/admin/main/items/2/change/", "[data-present]"
	full := c.people["full"].Open(row)
	full.WaitUntil(here+" .gr-pill", false)
	other := c.people["owner"].Open("/admin/main/items/1/change/") // another row
	viewer := c.people["viewer"].Open(row)
	viewer.WaitFor(here, "Also here: full")
	full.WaitFor(here, "Also here: viewer")
	again := c.people["viewer"].Open(row) // the same person once more
	super := c.people["super"].Open(row)
	super.WaitFor(here, "Also here: full viewer")
	full.WaitFor(here, "Also here: super viewer")
	again.Cut()
	super.Cut()
	full.WaitFor(here, "Also here: viewer")
	viewer.Cut()
	full.WaitUntil(here+" .gr-pill", false)
	other.WaitUntil(here+" .gr-pill", false)
	if got := c.people["nothing"].Get(row); got.Status != 403 || strings.Contains(got.Body, "data-present") {
		t.Errorf("whoever may not view: %d", got.Status)
	}
}
