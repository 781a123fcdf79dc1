package greenroom_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"greenroom/widgets/pages"
)

// TestWhoMayImport sends a file as every role: whoever may not add rows gets nothing of the page, a file is its sender's own, and what is too large is
// refused before it is read.
func TestWhoMayImport(t *testing.T) {
	c := newCompany(t)
	file := []byte("name,good\nfour,yes\n")
	const to = "/admin/main/items/import/upload"
	for _, role := range roles {
		fields := url.Values{}
		if role != "anonymous" && role != "inactive" {
			fields.Set("csrf", c.csrf(role))
		}
		want := map[string]int{"anonymous": 303, "inactive": 303, "nothing": 403, "viewer": 403}[role]
		got := c.people[role].Upload(to, fields, "items.csv", file)
		switch {
		case want != 0:
			if got.Status != want || want == 303 && !strings.HasPrefix(got.Location, "/admin/login/") {
				t.Errorf("%s: %d to %q, want %d", role, got.Status, got.Location, want)
			}
		case got.Status != 303 || !strings.HasPrefix(got.Location, "/admin/main/items/import/?file="):
			t.Errorf("%s: %d to %q", role, got.Status, got.Location)
		}
		if role == "full" {
			if page := c.people["owner"].Get(got.Location); page.Has("#import") || !strings.Contains(page.Text(), "not kept any more") {
				t.Errorf("the owner sees a file of another: %s", page.Text())
			}
			if page := c.people["full"].Get(got.Location); !page.Has("#import") {
				t.Errorf("full does not see their own file: %s", page.Text())
			}
			if said := c.people["full"].Open(got.Location).Event("import", "run", map[string]any{"mode": "add"}); said != "" {
				t.Errorf("full imports: %s", said)
			}
		}
	}
	full := c.people["full"]
	if got := full.Upload(to, url.Values{}, "items.csv", file).Status; got != 403 {
		t.Errorf("without a token: %d, want 403", got)
	}
	if got := full.Upload(to, url.Values{"csrf": {c.csrf("owner")}}, "items.csv", file).Status; got != 403 {
		t.Errorf("with another's token: %d, want 403", got)
	}
	large := append([]byte("name,good\n"), bytes.Repeat([]byte("x,1\n"), 2<<20/4)...)
	if got := full.Upload(to, url.Values{"csrf": {c.csrf("full")}}, "items.csv", large); got.Status != 303 {
		t.Errorf("2 MiB: %d", got.Status)
	}
	if got := full.Post("/admin/main/items/add/", url.Values{"csrf": {c.csrf("full")}, "name": {strings.Repeat("x", 1<<20)}}); got.Status != 413 {
		t.Errorf("2 MiB to a form: %d, want 413", got.Status)
	}
	exact := bytes.Repeat([]byte("x"), pages.MaxUpload+1)
	if got := full.Upload(to, url.Values{"csrf": {c.csrf("full")}}, "items.csv", exact); got.Status != 413 || !strings.Contains(got.Text(), "16 MiB") {
		t.Errorf("one byte more than fits: %d %s", got.Status, got.Text())
	}
}
