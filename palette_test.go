package greenroom_test

import (
	"strings"
	"testing"
)

// TestThePaletteFindsWhatIsTheirs asks for the same words as people with different rights, over the sockets of their pages.
func TestThePaletteFindsWhatIsTheirs(t *testing.T) {
	c := newCompany(t)
	const found = "[data-gr-found]"
	ask := func(role, words string) string {
		t.Helper()
		page := c.people[role].Open("/admin/")
		if said := page.Event("palette", "find", map[string]any{"value": words}); said != "" {
			t.Fatalf("%s: %s", role, said)
		}
		page.WaitUntil(`[data-gr-found="`+words+`"]`, true)
		defer page.Cut()
		return strings.Join(page.Attrs(found+" a", "href"), " ")
	}
	const row, add, audit = "/admin/main/items/2/change/", "/admin/main/items/add/", "/admin/audit/"
	for role, want := range map[string][]string{"nothing": nil, "viewer": {row}, "full": {row}, "super": {row}} {
		if got := ask(role, "two"); got != strings.Join(want, " ") {
			t.Errorf("%s finds %q of a row", role, got)
		}
	}
	for role, want := range map[string]map[string]bool{
		"nothing": {"/admin/main/items/": false, add: false, audit: false},
		"viewer":  {"/admin/main/items/": true, add: false, audit: false},
		"full":    {"/admin/main/items/": true, add: true, audit: false},
		"super":   {"/admin/main/items/": true, add: true},
	} {
		got := " " + ask(role, "item") + " "
		for url, there := range want {
			if strings.Contains(got, " "+url+" ") != there {
				t.Errorf("%s: %s among %s: want %t", role, url, got, there)
			}
		}
	}
	if got := ask("super", "audit"); got != audit {
		t.Errorf("super finds %q", got)
	}
	if got := ask("full", "audit"); got != "" {
		t.Errorf("full finds %q", got)
	}
	if got := ask("full", "no such thing"); got != "" {
		t.Errorf("nothing is found as %q", got)
	}
}
