package greenroom_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"greenroom"
	"greenroom/widgets/pages"
)

// checked is a database with something to find in it.
func checked(t *testing.T) *greenroom.Database {
	t.Helper()
	file := filepath.Join(t.TempDir(), "odd.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plain.ExecContext(t.Context(), `
		CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER, shelf TEXT);
		CREATE INDEX books_year ON books (year);
		CREATE TABLE lines (n INTEGER, text TEXT);`)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func nothing(context.Context, *greenroom.Job, greenroom.Rows[item], struct{}) error { return nil }

func TestChecksFindWhatIsWrong(t *testing.T) {
	db := checked(t)
	act := []greenroom.Action{greenroom.On(greenroom.Action{Name: "act"}, nothing)}
	good := greenroom.Model{Table: "books", List: greenroom.List{Sort: []string{"-year"}}, Actions: act}
	for name, c := range map[string]struct {
		cfg    greenroom.Config
		listen string
		want   []string // ID, place, and a part of the text or hint
	}{
		"in order":         {greenroom.Config{Models: []greenroom.Model{good}, Only: true}, "127.0.0.1:8080", nil},
		"unknown column":   {greenroom.Config{Models: []greenroom.Model{{Table: "books", List: greenroom.List{Columns: []string{"titel"}}}}, Only: true}, "", []string{"greenroom.A001", "main.books: List.Columns", `"title"`}},
		"page size":        {greenroom.Config{Models: []greenroom.Model{{Table: "books", List: greenroom.List{PerPage: -1}}}, Only: true}, "", []string{"greenroom.A002", "declaration", "1 to 500"}},
		"unknown table":    {greenroom.Config{Models: []greenroom.Model{{Table: "boks"}}, Only: true}, "", []string{"greenroom.A003", "declaration", "books"}},
		"no key":           {greenroom.Config{}, "", []string{"greenroom.A010", "main.lines", "primary key"}},
		"unindexed sort":   {greenroom.Config{Models: []greenroom.Model{{Table: "books", List: greenroom.List{Sort: []string{"shelf"}}}}, Only: true}, "", []string{"greenroom.A011", "main.books", "shelf"}},
		"not live":         {greenroom.Config{Widgets: []greenroom.Widget{{Name: "still"}}, Models: []greenroom.Model{good}, Only: true}, "", []string{"greenroom.A072", "dashboard", "Template"}},
		"nodes":            {greenroom.Config{Models: []greenroom.Model{good}, Only: true, Nodes: 3}, "", []string{"greenroom.A073", "Nodes", "3 processes"}},
		"nodes that share": {greenroom.Config{Models: []greenroom.Model{good}, Only: true, Nodes: 3, JobsInDB: true}, "", nil},
		"plain":            {greenroom.Config{Models: []greenroom.Model{good}, Only: true}, "0.0.0.0:8080", []string{"greenroom.A081", "0.0.0.0", "TLS"}},
		"insecure":         {greenroom.Config{Models: []greenroom.Model{good}, Only: true, Insecure: true}, ":8080", []string{"greenroom.A081", "0.0.0.0", "plain HTTP"}},
		"silenced":         {greenroom.Config{Models: []greenroom.Model{good}, Only: true, Nodes: 3, SuppressChecks: []string{"greenroom.A073"}}, "", nil},
		"silenced wrong":   {greenroom.Config{Models: []greenroom.Model{good}, Only: true, SuppressChecks: []string{"A073"}}, "", []string{"greenroom.A090", "SuppressChecks", "A073"}},
		"errors stay":      {greenroom.Config{Models: []greenroom.Model{{Table: "boks"}}, Only: true, SuppressChecks: []string{"greenroom.A003"}}, "", []string{"greenroom.A003", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.DB = db
			found, err := greenroom.Check(t.Context(), c.cfg, c.listen)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == nil {
				if len(found) != 0 {
					t.Fatalf("found %v, want nothing", found)
				}
				return
			}
			if len(found) != 1 || found[0].ID != c.want[0] || !strings.Contains(found[0].Place, c.want[1]) || !strings.Contains(found[0].Text+found[0].Hint, c.want[2]) {
				t.Errorf("found %v, want %v", found, c.want)
			}
			if found[0].Hint == "" || found[0].Level == "" {
				t.Errorf("%v has no hint or level", found[0])
			}
		})
	}
}

// The same findings stand in the log of an admin that starts, but for those that were silenced.
func TestFindingsAreLoggedAtTheStart(t *testing.T) {
	db := checked(t)
	var log bytes.Buffer
	cfg := greenroom.Config{
		DB: db, State: filepath.Join(t.TempDir(), "state.db"), Log: slog.New(slog.NewTextHandler(&log, nil)), SuppressChecks: []string{"greenroom.A010"},
		Models: []greenroom.Model{{Table: "books", List: greenroom.List{Sort: []string{"shelf"}}}},
	}
	for range 2 {
		room, err := greenroom.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := room.SetPassword(t.Context(), "admin", "correct horse"); err != nil {
			t.Fatal(err)
		}
		if err := room.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"greenroom.A011", "greenroom.A080"} {
		if !strings.Contains(log.String(), id) {
			t.Errorf("the log lacks %s: %s", id, log.String())
		}
	}
	if strings.Contains(log.String(), "greenroom.A010") {
		t.Error("what was silenced is logged")
	}
	found, err := greenroom.Check(t.Context(), cfg, "192.0.2.1:80")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(found, func(f greenroom.Finding) bool { return f.ID == "greenroom.A080" && f.Level == greenroom.LevelError }) {
		t.Errorf("a well-known password where others reach it is no error: %v", found)
	}
}

// TestEachFindingIsDocumented holds docs/checks.md to the IDs that there are, both ways.
func TestEachFindingIsDocumented(t *testing.T) {
	text, err := os.ReadFile("docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, line := range regexp.MustCompile(`(?m)^\| (greenroom\.A\d+) \|`).FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, line[1])
	}
	if !slices.Equal(documented, pages.FindingIDs()) {
		t.Errorf("docs/checks.md has %v, the code %v", documented, pages.FindingIDs())
	}
	code, err := os.ReadFile("widgets/pages/finding.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range regexp.MustCompile(`greenroom\.A\d+`).FindAllString(string(code), -1) {
		if !slices.Contains(pages.FindingIDs(), id) {
			t.Errorf("FindingIDs lacks %s", id)
		}
	}
}
