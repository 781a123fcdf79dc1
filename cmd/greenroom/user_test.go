package main

import (
	"path/filepath"
	"strings"
	"testing"

	grsql "greenroom/sql"
)

func TestUserManagesWhoMayDoWhat(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("GREENROOM_PASSWORD", "")
	state := filepath.Join(t.TempDir(), "state.db")
	s, err := grsql.OpenState(t.Context(), state)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a test's
	// Each line goes on where the one before ended; says is in the output, or in the errors when it fails.
	for _, c := range []struct {
		line string
		code int
		says string
	}{
		{"user add ann --state STATE", 0, "The password is "},
		{"user add ANN --state STATE", 1, "already"},
		{"user add bob main.view_orders --super --state STATE", 0, "Added bob"},
		{"user add eve nonsense --state STATE", 2, "is no right"},
		{"user add @team --state STATE", 2, "is a group's"},
		{"user grant ann main.view_orders *.change_* --state STATE", 0, "ann holds: *.change_* main.view_orders"},
		{"user revoke --state STATE ann *.change_*", 0, "ann holds: main.view_orders"},
		{"user grant nobody main.view_orders --state STATE", 1, "no user of that name"},
		{"user revoke @support a.b --state STATE", 1, "no group of that name"},
		{"user grant @support *.view_* --state STATE", 0, "@support holds: *.view_*"},
		{"user join ann support --state STATE", 2, "begins with @"},
		{"user join ann @nosuch --state STATE", 1, "no group of that name"},
		{"user join ann @support --state STATE", 0, "ann is in: @support"},
		{"user list --state STATE", 0, "@support"},
		{"user leave ann @support --state STATE", 0, "ann is in: -"},
		{"user super bob off --state STATE", 0, "bob is no superuser"},
		{"user active ann maybe --state STATE", 2, "want on or off"},
		{"user active ann off --state STATE", 0, "may not sign in any more"},
		{"user passwd ann --state STATE", 0, "signed out everywhere"},
		{"user remove @support --state STATE", 0, "Removed @support"},
		{"user remove bob --state STATE", 0, "Removed bob"},
		{"user remove bob --state STATE", 1, "no user of that name"},
		{"user", 2, "say what to do"},
		{"user dance", 2, `unknown command "dance"`},
		{"user list", 2, "--state FILE"},
		{"user list --state STATE --db x", 2, "one of them"},
		{"user list --state STATE.missing", 1, "no state at"},
		{"user add --state STATE", 2, "want: greenroom user add NAME"},
	} {
		var out, errs screen
		code := run(t.Context(), console{&out, &errs}, strings.Fields(strings.ReplaceAll(c.line, "STATE", state)))
		if said := out.String() + errs.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("greenroom %s: exit %d, says %q; want %d and %q", c.line, code, said, c.code, c.says)
		}
	}
	ann, err := s.UserByName(t.Context(), "ann")
	if err != nil || ann.Active || len(ann.Rights) != 1 || ann.Rights[0] != "main.view_orders" {
		t.Errorf("in the end ann is %+v, %v", ann, err)
	}
}
