package sql_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "odd ?#%&name.db")
	run(t, strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path), "CREATE TABLE things (id INTEGER PRIMARY KEY)")
	escaped := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23", " ", "%20").Replace(path)
	for _, dsn := range []string{path, "sqlite:" + path, "sqlite://" + path, "file:" + escaped, "file://" + escaped, "file:" + escaped + "?mode=ro&_pragma=user_version(7)"} {
		db := connect(t, dsn, grsql.Config{})
		if len(db.Tables()) != 1 || db.Table("things") == nil || db.Table("other") != nil {
			t.Errorf("%s: %d tables", dsn, len(db.Tables()))
		}
	}
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("this is not a database, but long enough to be taken for one by its size"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dsn, want := range map[string]string{
		"oracle://x":        `unknown kind of database "oracle://"`,
		"nowhere.db":        "no file that exists",
		"":                  "give sqlite:PATH",
		"sqlite:":           "names no file",
		"sqlite:nowhere.db": "there is no file",
		"file:%zz":          "not well encoded",
		":memory:":          "one connection",
		"file::memory:":     "one connection",
		"sqlite:" + dir:     "is a folder",
		"sqlite:" + text:    "is not an SQLite database",
	} {
		_, err := grsql.Connect(t.Context(), dsn, grsql.Config{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", dsn, err, want)
		}
	}
	fresh := filepath.Join(dir, "fresh.db")
	db := connect(t, "sqlite:"+fresh, grsql.Config{Create: true})
	if err := db.Write(t.Context(), nil, func(tx *sql.Tx) error {
		_, err := tx.Exec("CREATE TABLE made (id INTEGER PRIMARY KEY, name TEXT)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if db.Table("made") == nil {
		t.Error("a table that was made through us is seen at once")
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestServedFileStaysAsItIs reads from a database in every way: not a byte of it changes, and nothing is put beside it.
func TestServedFileStaysAsItIs(t *testing.T) {
	t.Parallel()
	path := made(t, "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO things (name) VALUES ('a'), ('b')")
	before := sum(t, path)
	db := connect(t, path, grsql.Config{})
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := db.Watch(ctx, 5*time.Millisecond); err != nil {
		t.Error(err)
	}
	things := db.Table("things")
	if _, err := things.List(t.Context(), widgets.Query{Search: "a"}); err != nil {
		t.Error(err)
	}
	if _, err := things.Insert(t.Context(), map[string]widgets.Value{"nope": {}}); err == nil {
		t.Error("an unknown column was taken")
	}
	if err := things.Update(t.Context(), widgets.Key{"1"}, nil, map[string]widgets.Value{"name": widgets.Text("a")}); err != nil {
		t.Error(err)
	}
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(list) != 1 {
		t.Errorf("beside the file: %v, %v", list, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if sum(t, path) != before {
		t.Error("the file has changed")
	}
	db = connect(t, path, grsql.Config{})
	if err := db.Table("things").Update(t.Context(), widgets.Key{"1"}, nil, map[string]widgets.Value{"name": widgets.Text("c")}); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, "PRAGMA journal_mode"); got != "delete" {
		t.Errorf("the journal mode is now %s", got)
	}
}

func sum(t *testing.T, path string) [32]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}

// ask reads one value from outside.
func ask(t *testing.T, path, query string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing is left to write
	var out string
	if err := db.QueryRow(query).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReadOnly needs a person who may not write everywhere: go test as root skips it.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everything")
	}
	for _, mode := range []string{"delete", "wal"} {
		for _, folder := range []os.FileMode{0o755, 0o555} {
			t.Run(fmt.Sprintf("%s in %o", mode, folder), func(t *testing.T) {
				t.Parallel()
				path := made(t, "PRAGMA journal_mode = "+mode+"; CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO things (name) VALUES ('a')")
				if err := errors.Join(os.Chmod(path, 0o444), os.Chmod(filepath.Dir(path), folder)); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o755) })
				db := connect(t, path, grsql.Config{})
				rows, err := db.Table("things").List(t.Context(), widgets.Query{})
				if err != nil || len(rows.Rows) != 1 {
					t.Errorf("list: %v, %v", rows, err)
				}
				_, err = db.Table("things").Insert(t.Context(), map[string]widgets.Value{"name": widgets.Text("b")})
				if _, ok := errors.AsType[widgets.UserError](err); !ok {
					t.Errorf("insert: %v, want a text for the person", err)
				}
				ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer stop()
				t.Log("watch: ", db.Watch(ctx, 5*time.Millisecond))
			})
		}
	}
}

// TestHotJournal opens what a program left that died while writing: the write is rolled back.
func TestHotJournal(t *testing.T) {
	t.Parallel()
	path := made(t, "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO things (name) VALUES ('kept')")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=cache_size(5)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing is left to write
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing is left to write
	if _, err := tx.Exec(`UPDATE things SET name = 'lost'`); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if _, err := tx.Exec(`INSERT INTO things (name) VALUES (?)`, strings.Repeat("x", 2000)); err != nil {
			t.Fatal(err)
		}
	}
	dead := filepath.Join(t.TempDir(), "dead.db")
	for _, suffix := range []string{"", "-journal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dead+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := connect(t, dead, grsql.Config{}).Table("things").List(t.Context(), widgets.Query{})
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0].Values[1] != widgets.Text("kept") {
		t.Errorf("%d rows, %v", len(rows.Rows), err)
	}
}

// TestOddSchema is what real files hold: broken views, strings in double quotes, virtual tables, keys without order.
func TestOddSchema(t *testing.T) {
	t.Parallel()
	db := connect(t, made(t, `
		CREATE TABLE base (id INTEGER PRIMARY KEY, a TEXT, b TEXT DEFAULT NULL);
		CREATE TABLE descending (id INTEGER PRIMARY KEY DESC, a TEXT);
		CREATE TABLE child (base_id REFERENCES base, lost_id INTEGER REFERENCES nowhere (id));
		CREATE TABLE hides (rowid TEXT, _rowid_ TEXT, a TEXT);
		CREATE TABLE greenroom_users (id TEXT);
		CREATE TABLE strict_one (id INTEGER PRIMARY KEY, n INT, x ANY) STRICT;
		CREATE VIEW quoted AS SELECT id, "a string" AS words FROM base;
		CREATE VIEW broken AS SELECT * FROM gone;
		CREATE VIRTUAL TABLE found USING fts5(words);
		CREATE TABLE audit (what TEXT);
		CREATE TRIGGER noted AFTER UPDATE ON base BEGIN INSERT INTO audit VALUES ("changed"); END;
		CREATE TRIGGER refused BEFORE INSERT ON base WHEN NEW.a = 'bad' BEGIN SELECT RAISE(ABORT, 'We do not take bad ones.'); END;
		CREATE TRIGGER passed BEFORE INSERT ON base WHEN NEW.a = 'skip' BEGIN SELECT RAISE(IGNORE); END;
		INSERT INTO base (a) VALUES ('one'), ('two');
		INSERT INTO descending (id, a) VALUES (1, 'x');
		INSERT INTO hides VALUES ('r', '_', '1'), ('r', '_', '2'), ('r', '_', '3');
		INSERT INTO found VALUES ('hello world')`), grsql.Config{})
	var names []string
	for _, table := range db.Tables() {
		names = append(names, table.Table().Name)
		if _, err := table.List(t.Context(), widgets.Query{}); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(names, " "); got != "audit base child descending found hides quoted strict_one" {
		t.Errorf("tables: %s", got)
	}
	if why := db.Skipped()["broken"]; !strings.Contains(why, "gone") {
		t.Errorf("the broken view: %q", why)
	}
	for name, want := range map[string]bool{"base": false, "descending": false, "child": true, "found": true, "quoted": true, "hides": true, "strict_one": false} {
		if info := db.Table(name).Table(); (info.ReadOnly != "") != want {
			t.Errorf("%s: read-only %q", name, info.ReadOnly)
		}
	}
	if refs := db.Table("child").Table().Refs; len(refs) != 1 || refs[0].To[0] != "id" {
		t.Errorf("references: %v", refs)
	}
	if c := db.Table("descending").Table().Column("id"); c.Auto {
		t.Error("PRIMARY KEY DESC numbers nothing")
	}
	base := db.Table("base")
	if err := base.Update(t.Context(), widgets.Key{"1"}, nil, text("a", "1")); err != nil {
		t.Errorf("a trigger with a string in double quotes: %v", err)
	}
	if rows, err := db.Table("quoted").List(t.Context(), widgets.Query{}); err != nil || rows.Rows[0].Values[1] != widgets.Text("a string") {
		t.Errorf("a view with a string in double quotes: %v, %v", rows, err)
	}
	for value, want := range map[string]string{"bad": "We do not take bad ones.", "skip": "one of its triggers"} {
		_, err := base.Insert(t.Context(), text("a", value))
		var bad *widgets.Invalid
		if !errors.As(err, &bad) || !strings.Contains(bad.Fields[""], want) {
			t.Errorf("%s: %v", value, err)
		}
	}
	_, err := db.Table("strict_one").Insert(t.Context(), text("n", "abc"))
	var bad *widgets.Invalid
	if !errors.As(err, &bad) || bad.Fields["n"] == "" {
		t.Errorf("strict: %v", err)
	}
	page, err := db.Table("hides").List(t.Context(), widgets.Query{Limit: 2, Order: []widgets.Order{{Column: "rowid"}}})
	if err != nil || len(page.Rows) != 2 || page.Next == "" {
		t.Fatalf("hidden rowid: %v, %v", page, err)
	}
	page, err = db.Table("hides").List(t.Context(), widgets.Query{Limit: 2, Order: []widgets.Order{{Column: "rowid"}}, After: page.Next})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Values[2] != widgets.Text("3") {
		t.Errorf("second page: %v, %v", page, err)
	}
	// A column that another program drops is an error, and not its own name as a text.
	run(t, db.Path(), "DROP VIEW broken; ALTER TABLE base DROP COLUMN b")
	if rows, err := base.List(t.Context(), widgets.Query{}); err == nil {
		t.Errorf("a column that is gone: %v", rows)
	}
	if err := db.Reload(t.Context()); err != nil || len(base.Table().Columns) != 2 {
		t.Errorf("after the reload: %v, %v", base.Table().Columns, err)
	}
	if _, err := base.List(t.Context(), widgets.Query{}); err != nil {
		t.Error(err)
	}
}

func text(pairs ...string) map[string]widgets.Value {
	out := map[string]widgets.Value{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = widgets.Text(pairs[i+1])
	}
	return out
}

// TestDeferred has foreign keys that are checked at the commit.
func TestDeferred(t *testing.T) {
	t.Parallel()
	db := connect(t, made(t, `
		CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE pets (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owners DEFERRABLE INITIALLY DEFERRED, name TEXT);
		INSERT INTO owners VALUES (1, 'Ann'); INSERT INTO pets VALUES (1, 1, 'Rex')`), grsql.Config{})
	var bad *widgets.Invalid
	_, err := db.Table("pets").Insert(t.Context(), text("owner_id", "9"))
	if !errors.As(err, &bad) || bad.Fields["owner_id"] != "There is no such owner." {
		t.Errorf("insert: %v", err)
	}
	if err := db.Table("pets").Update(t.Context(), widgets.Key{"1"}, nil, text("owner_id", "9")); !errors.As(err, &bad) || bad.Fields["owner_id"] == "" {
		t.Errorf("update: %v", err)
	}
	if err := db.Table("owners").Delete(t.Context(), widgets.Key{"1"}); !errors.As(err, &bad) || !strings.Contains(bad.Fields[""], "1 Pets still refer") {
		t.Errorf("delete: %v", err)
	}
	if _, err := db.Table("pets").Insert(t.Context(), text("owner_id", "1", "name", "Tom")); err != nil {
		t.Errorf("the connection is in order afterwards: %v", err)
	}
}

// TestCancelRunning ends a query that would never end.
func TestCancelRunning(t *testing.T) {
	t.Parallel()
	db := connect(t, made(t, `CREATE VIEW endless AS WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0`), grsql.Config{})
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	start := time.Now()
	if _, err := db.Table("endless").List(ctx, widgets.Query{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("list: %v", err)
	}
	count, err := db.Table("endless").Count(t.Context(), widgets.Query{})
	if err != nil || !count.Unknown {
		t.Errorf("count gives up by itself: %+v, %v", count, err)
	}
	facets, err := db.Table("endless").Facets(t.Context(), widgets.Query{}, "x", 3)
	if err != nil || len(facets) != 0 {
		t.Errorf("facets give up by themselves: %v, %v", facets, err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
