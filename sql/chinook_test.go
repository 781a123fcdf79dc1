package sql_test

import (
	"os"
	"path/filepath"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// TestChinook runs on a copy of the sample database where it is at hand: GREENROOM_CHINOOK, or shared/data beside the checkout.
func TestChinook(t *testing.T) {
	t.Parallel()
	from := os.Getenv("GREENROOM_CHINOOK")
	if from == "" {
		from = filepath.Join("..", "..", "shared", "data", "Chinook_Sqlite.sqlite")
	}
	data, err := os.ReadFile(from)
	if err != nil {
		t.Skip("no Chinook database: set GREENROOM_CHINOOK to its path")
	}
	path := filepath.Join(t.TempDir(), "chinook.sqlite")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db := connect(t, path, grsql.Config{})
	columns, refs := 0, 0
	for _, table := range db.Tables() {
		info := table.Table()
		columns, refs = columns+len(info.Columns), refs+len(info.Refs)
		rows, err := table.List(t.Context(), widgets.Query{Last: true})
		if err != nil || len(rows.Rows) == 0 || info.ReadOnly != "" {
			t.Errorf("%s: %d rows, read-only %q, %v", info.Name, len(rows.Rows), info.ReadOnly, err)
			continue
		}
		if row, err := table.Get(t.Context(), rows.Rows[0].Key, widgets.Filter{}); err != nil || len(row.Values) != len(info.Columns) {
			t.Errorf("%s %s: %v, %v", info.Name, rows.Rows[0].Key, row, err)
		}
	}
	if n := len(db.Tables()); n != 11 || columns != 64 || refs != 11 {
		t.Errorf("%d tables, %d columns, %d references; want 11, 64, 11", n, columns, refs)
	}
	if _, err := db.Table("Artist").Insert(t.Context(), text("Name", "Someone")); err != nil {
		t.Error(err)
	}
	if err := db.Table("PlaylistTrack").Delete(t.Context(), widgets.Key{"1", "1"}); err != nil {
		t.Error(err)
	}
	total, err := db.Table("Invoice").Sum(t.Context(), widgets.Query{}, "Total")
	if err != nil || total != "2328.60" {
		t.Errorf("sum: %s, %v", total, err)
	}
}
