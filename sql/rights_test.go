package sql_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	grsql "greenroom/sql"
)

func TestRightsOfUsersAndGroups(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openState(t, filepath.Join(t.TempDir(), "state.db"))
	for _, name := range []string{"ann", "bob"} {
		if err := s.PutUser(ctx, grsql.User{Name: name, Password: "hash"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutGroup(ctx, "Support", []string{"*.view_*", "shop.refund"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetUserRights(ctx, "Ann", []string{"shop.change_orders", "shop.refund"}, []string{"support"}); err != nil {
		t.Fatal(err)
	}
	ann, err := s.UserByName(ctx, "ann")
	want := []string{"*.view_*", "shop.change_orders", "shop.refund"}
	if err != nil || !slices.Equal(ann.Rights, want) || ann.Super || !ann.Active || !ann.Staff {
		t.Errorf("ann: %+v, %v; want the rights %v", ann, err, want)
	}
	if bob, err := s.UserByName(ctx, "bob"); err != nil || len(bob.Rights) != 0 {
		t.Errorf("bob: %+v, %v", bob, err)
	}
	id, err := s.CreateSignIn(ctx, ann.ID, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if in, err := s.SignIn(ctx, id); err != nil || !slices.Equal(in.User.Widget("").Rights, want) {
		t.Errorf("signed in: %+v, %v", in.User, err)
	}

	// What is refused changes nothing.
	if err := s.SetUserRights(ctx, "ann", []string{"a.b"}, []string{"nosuch"}); !errors.Is(err, grsql.ErrNoGroup) {
		t.Errorf("an unknown group: %v", err)
	}
	for _, word := range []string{"", "nothing", "two words.x", "line\n.x"} {
		if err := s.SetUserRights(ctx, "ann", []string{word}, nil); err == nil {
			t.Errorf("%q was taken for a right", word)
		}
	}
	if err := errors.Join(s.SetUserRights(ctx, "nobody", nil, nil)); !errors.Is(err, grsql.ErrNoUser) {
		t.Errorf("an unknown user: %v", err)
	}
	if again, err := s.UserByName(ctx, "ann"); err != nil || !slices.Equal(again.Rights, want) {
		t.Errorf("after refusals: %v, %v", again.Rights, err)
	}

	accounts, err := s.Accounts(ctx)
	if err != nil || len(accounts) != 2 || accounts[0].Name != "ann" || accounts[0].SignIns != 1 || accounts[0].Seen.IsZero() ||
		!slices.Equal(accounts[0].Groups, []string{"Support"}) || !slices.Equal(accounts[0].Own, []string{"shop.change_orders", "shop.refund"}) {
		t.Errorf("accounts: %+v, %v", accounts, err)
	}
	groups, err := s.Groups(ctx)
	if err != nil || len(groups) != 1 || !slices.Equal(groups[0].Members, []string{"ann"}) || !slices.Equal(groups[0].Rights, []string{"*.view_*", "shop.refund"}) {
		t.Errorf("groups: %+v, %v", groups, err)
	}

	if err := s.DeleteGroup(ctx, "support"); err != nil {
		t.Fatal(err)
	}
	if in, err := s.SignIn(ctx, id); err != nil || slices.Contains(in.User.Rights, "*.view_*") {
		t.Errorf("a removed group's rights are gone at the next look: %+v, %v", in.User.Rights, err)
	}
	if err := errors.Join(s.DeleteUser(ctx, "bob"), s.DeleteUser(ctx, "ann")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignIn(ctx, id); !errors.Is(err, grsql.ErrNoSignIn) {
		t.Errorf("a removed user is still signed in: %v", err)
	}
}

func TestAnAccountThatIsSwitchedOffIsSignedOut(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openState(t, filepath.Join(t.TempDir(), "state.db"))
	for _, off := range []struct{ active, staff bool }{{false, true}, {true, false}} {
		if err := s.PutUser(ctx, grsql.User{Name: "ann", Password: "hash"}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetUser(ctx, "ann", false, true, true); err != nil {
			t.Fatal(err)
		}
		ann, err := s.UserByName(ctx, "ann")
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.CreateSignIn(ctx, ann.ID, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetUser(ctx, "ann", false, off.active, off.staff); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, id); !errors.Is(err, grsql.ErrNoSignIn) {
			t.Errorf("%+v: still signed in: %v", off, err)
		}
		// Nor does a sign-in that is made later count.
		id, err = s.CreateSignIn(ctx, ann.ID, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, id); !errors.Is(err, grsql.ErrNoSignIn) {
			t.Errorf("%+v: a later sign-in counts: %v", off, err)
		}
	}
}
