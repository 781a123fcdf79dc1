package greenroom_test

import (
	"strings"
	"testing"
)

// TestWhoReadsTheHistory: each person finds their own jobs, who supervises finds everybody's, and a filter and its page are in the address.
func TestWhoReadsTheHistory(t *testing.T) {
	c := newCompany(t)
	line := `tr[data-job="` + c.job + `"]`
	for role, sees := range map[string]bool{"nothing": false, "viewer": false, "full": false, "owner": true, "super": true} {
		page := c.people[role].Open("/admin/jobs/history/")
		if page.Has(line) != sees {
			t.Errorf("%s sees the owner's job: %t, want %t", role, !sees, sees)
		}
		if !sees && !strings.Contains(page.Text(".gr-empty"), "No jobs") {
			t.Errorf("%s reads %q", role, page.Text(".gr-empty"))
		}
	}
	owner := c.people["owner"]
	if text := owner.Open("/admin/jobs/history/").Text(line); !strings.Contains(text, "Touch") || !strings.Contains(text, "Running") || strings.Contains(text, "owner") {
		t.Errorf("the owner's line is %q", text)
	}
	if text := c.people["super"].Open("/admin/jobs/history/").Text(line); !strings.Contains(text, "owner") {
		t.Errorf("the supervisor's line is %q", text)
	}
	for address, sees := range map[string]bool{
		"?state=unfinished": true, "?state=failed": false, "?state=nonsense": true, "?after=nonsense": true, "?after=1-x": false, "?%zz": true,
	} {
		if page := owner.Open("/admin/jobs/history/" + address); page.Has(line) != sees {
			t.Errorf("%s: the job is there: %t, want %t", address, !sees, sees)
		}
	}
	// The page follows.
	page := owner.Open("/admin/jobs/history/?state=cancelled")
	page.Attach()
	progress := owner.Open("/admin/progress/" + c.job + "/")
	progress.Attach()
	if said := progress.Event("progress", "cancel", nil); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil(line, true)
	if text := page.Text(line); !strings.Contains(text, "Cancelled") {
		t.Errorf("after the cancel: %q", text)
	}
}
