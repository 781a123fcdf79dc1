package sql_test

import (
	"path/filepath"
	"slices"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

func TestMemoryOfLists(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := openState(t, filepath.Join(t.TempDir(), "state.db"))
	id := map[string]string{}
	for _, name := range []string{"ann", "bob"} {
		if err := s.PutUser(ctx, grsql.User{Name: name, Password: "hash"}); err != nil {
			t.Fatal(err)
		}
		u, err := s.UserByName(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		id[name] = u.ID
	}
	look := func(name, table string) widgets.Look {
		t.Helper()
		l, err := s.Look(ctx, id[name], table)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	keep := func(v widgets.SavedView) widgets.SavedView {
		t.Helper()
		kept, err := s.KeepView(ctx, v)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	names := func(who, table string) (out []string) {
		t.Helper()
		views, err := s.Views(ctx, id[who], table)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			name := v.Name
			if v.Opens {
				name += "*"
			}
			out = append(out, name)
		}
		return out
	}
	if l := look("ann", "shop.orders"); l.Columns != nil || l.Roomy {
		t.Errorf("nothing was chosen: %+v", l)
	}
	for range 2 {
		if err := s.KeepLook(ctx, id["ann"], "shop.orders", widgets.Look{Columns: []string{"id", `a,"b`}, Roomy: true}); err != nil {
			t.Fatal(err)
		}
	}
	if l := look("ann", "shop.orders"); !slices.Equal(l.Columns, []string{"id", `a,"b`}) || !l.Roomy {
		t.Errorf("kept %+v", l)
	}
	if look("bob", "shop.orders").Roomy || look("ann", "shop.lines").Roomy {
		t.Error("a look reached another person or table")
	}
	if err := s.KeepLook(ctx, id["ann"], "shop.orders", widgets.Look{}); err != nil || look("ann", "shop.orders").Roomy {
		t.Errorf("not forgotten: %v", err)
	}

	mine := keep(widgets.SavedView{Owner: id["ann"], Table: "shop.orders", Name: "mine", Query: "q=x", Opens: true})
	all := keep(widgets.SavedView{Owner: id["ann"], Table: "shop.orders", Name: "All of us", Query: "f.status=paid", Shared: true})
	keep(widgets.SavedView{Owner: id["bob"], Table: "shop.lines", Name: "lines"})
	if got := names("ann", "shop.orders"); !slices.Equal(got, []string{"All of us", "mine*"}) {
		t.Errorf("ann's: %v", got)
	}
	if got := names("bob", "shop.orders"); !slices.Equal(got, []string{"All of us"}) {
		t.Errorf("bob's: %v", got)
	}
	all.Opens = true
	keep(all)
	if got := names("ann", "shop.orders"); !slices.Equal(got, []string{"All of us*", "mine"}) {
		t.Errorf("two views open the list: %v", got)
	}
	stolen := mine
	stolen.Owner, stolen.Name = id["bob"], "stolen"
	keep(stolen)
	if got := names("ann", "shop.orders"); !slices.Equal(got, []string{"All of us*", "mine"}) {
		t.Errorf("another's view was replaced: %v", got)
	}
	for range 2 {
		if err := s.DropView(ctx, mine.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := names("ann", "shop.orders"); !slices.Equal(got, []string{"All of us*"}) {
		t.Errorf("after dropping: %v", got)
	}
}
