package greenroom_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"greenroom"
	"greenroom/greenroomtest"
)

// TestSaveHooks has a model that writes a ledger beside each row: in one transaction, by form, cell and deletion, with who did it.
func TestSaveHooks(t *testing.T) {
	db := checked(t)
	if _, err := db.Exec(t.Context(), nil, "CREATE TABLE ledger (who TEXT, what TEXT)"); err != nil {
		t.Fatal(err)
	}
	room, err := greenroom.New(t.Context(), greenroom.Config{
		DB: db, State: filepath.Join(t.TempDir(), "state.db"), Log: slog.New(slog.DiscardHandler), Only: true,
		Models: []greenroom.Model{{
			Table: "books", List: greenroom.List{Edit: []string{"shelf"}},
			BeforeSave: func(_ context.Context, _ *sql.Tx, s *greenroom.Saving) error {
				if title, set := s.Values["title"]; set {
					if title.String() == "Untitled" {
						return &greenroom.Invalid{Fields: map[string]string{"title": "Give it a real title."}}
					}
					s.Values["title"] = greenroom.Text(strings.TrimSpace(title.String()))
				}
				if s.Op == "delete" && s.Key[0] == "1" {
					return greenroom.UserError("The first book stays.")
				}
				return nil
			},
			AfterSave: func(ctx context.Context, tx *sql.Tx, s *greenroom.Saving) error {
				_, err := tx.ExecContext(ctx, "INSERT INTO ledger VALUES (?, ?)", s.Actor.User, s.Op+" "+s.Key.String())
				return err
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := room.SetPassword(t.Context(), "admin", secretWord); err != nil {
		t.Fatal(err)
	}
	admin := greenroomtest.Serve(t, room).SignIn("admin", secretWord)
	ledger := func() string {
		t.Helper()
		var all string
		err := db.Write(t.Context(), nil, func(tx *sql.Tx) error {
			return tx.QueryRow("SELECT coalesce(group_concat(who || ' ' || what, ', '), '') FROM ledger").Scan(&all)
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	add := admin.Open("/admin/main/books/add/")
	if said := add.Event("form", "save", map[string]any{"title": "Untitled"}); said != "" {
		t.Fatal(said)
	}
	add.WaitFor("[data-error-for=title]", "Give it a real title.")
	if said := add.Event("form", "save", map[string]any{"title": "  Dune  "}); said != "" {
		t.Fatal(said)
	}
	add.Redirected()
	if got := ledger(); got != "admin insert 1" {
		t.Errorf("the ledger: %s", got)
	}
	list := admin.Open("/admin/main/books/")
	list.WaitFor("tbody tr", "Dune")
	list.Event("books", "edit", map[string]any{"row": "1", "col": "shelf"})
	if said := list.Event("books", "edit-save", map[string]any{"key": "1", "col": "shelf", "value": "B"}); said != "" {
		t.Error(said)
	}
	remove := admin.Open("/admin/main/books/1/delete/")
	if said := remove.Event("delete", "delete", nil); said != "" && !strings.Contains(said, "stays") {
		t.Errorf("the deletion is answered %q", said)
	} else if said == "" {
		remove.WaitFor(".gr-banner, .gr-error-summary, [role=alert]", "The first book stays.")
	}
	if got := ledger(); got != "admin insert 1, admin update 1" {
		t.Errorf("the ledger: %s", got)
	}
}
