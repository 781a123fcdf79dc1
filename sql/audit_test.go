package sql

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"greenroom/widgets"
)

var ann = widgets.Actor{UserID: "u1", User: "ann", SignIn: "s1", Address: "192.0.2.1"}

func audited(t *testing.T) (*Database, *State, context.Context) {
	t.Helper()
	d, err := Connect(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "things.db"), Config{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	for _, query := range []string{
		`CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, api_token TEXT, picture BLOB, n INTEGER NOT NULL DEFAULT 7)`,
		`CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES things (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)`,
	} {
		if _, err := d.Exec(t.Context(), nil, query); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenState(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d.SetAudit(s)
	return d, s, widgets.WithActor(t.Context(), ann)
}

func noted(t *testing.T, s *State, q widgets.AuditQuery) []widgets.AuditLine {
	t.Helper()
	all, err := s.Lines(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryChangeHasItsLine(t *testing.T) {
	d, s, ctx := audited(t)
	things := d.Table("things")
	long := strings.Repeat("ä", longestKept)
	key, err := things.Insert(ctx, map[string]widgets.Value{"name": widgets.Text("one"), "api_token": widgets.Text("hush"), "picture": widgets.Blob([]byte{0, 1, 2})})
	if err != nil {
		t.Fatal(err)
	}
	if err := things.Set(ctx, widgets.Key{"01"}, map[string]any{"name": long, "api_token": "other", "n": 7}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Table("parts").Insert(t.Context(), map[string]widgets.Value{"thing": widgets.Text("1")}); err != nil { // nobody's doing
		t.Fatal(err)
	}
	if _, err := d.Exec(ctx, nil, `UPDATE things SET n = 8`); err != nil {
		t.Fatal(err)
	}
	if err := things.Delete(ctx, key); err != nil {
		t.Fatal(err)
	}
	all := noted(t, s, widgets.AuditQuery{})
	if len(all) != 4 {
		t.Fatalf("%d lines, want 4: %+v", len(all), all)
	}
	deleted, statement, changed, created := all[0], all[1], all[2], all[3]
	if created.Deed != widgets.DeedCreate || created.Actor.User != "ann" || created.Address != ann.Address || created.Table != "main.things" || created.Key != "1" {
		t.Errorf("the new row's line is %+v", created)
	}
	fields := map[string]widgets.AuditField{}
	for _, f := range created.Fields {
		fields[f.Column] = f
	}
	if f := fields["n"]; f.New.String() != "7" {
		t.Errorf("the default is written down as %+v", f)
	}
	if f := fields["api_token"]; f.Kept != widgets.KeptMasked || f.New.String() != "" {
		t.Errorf("a secret is written down as %+v", f)
	}
	if f := fields["picture"]; f.Kept != widgets.KeptSize || f.New.String() != "3" {
		t.Errorf("bytes are written down as %+v", f)
	}
	if changed.Key != "1" {
		t.Errorf("the row that 01 finds is written down as %q", changed.Key)
	}
	if changed.Deed != widgets.DeedChange || len(changed.Fields) != 2 {
		t.Fatalf("the change's line is %+v", changed)
	}
	for _, f := range changed.Fields {
		if f.Column == "name" && (f.Old.String() != "one" || f.Kept != widgets.KeptPart || len(f.New.String()) > longestKept+4) {
			t.Errorf("a long text is kept as %d bytes, %q, was %q", len(f.New.String()), f.Kept, f.Old.String())
		}
	}
	if statement.Table != "main.things" || statement.Key != "" {
		t.Errorf("a statement's line is %+v", statement)
	}
	if deleted.Deed != widgets.DeedDelete || !strings.Contains(deleted.Text, "main.parts") {
		t.Errorf("the deletion's line is %+v", deleted)
	}
}

// deaf is an audit that cannot be written.
type deaf struct{ widgets.Audit }

var errDeaf = errors.New("the disk is full")

func (deaf) Note(context.Context, ...widgets.AuditLine) (int64, error) { return 0, errDeaf }

func TestNoChangeWithoutItsLine(t *testing.T) {
	d, s, ctx := audited(t)
	things := d.Table("things")
	key, err := things.Insert(ctx, map[string]widgets.Value{"name": widgets.Text("one")})
	if err != nil {
		t.Fatal(err)
	}
	d.SetAudit(deaf{s})
	if _, err := things.Insert(ctx, map[string]widgets.Value{"name": widgets.Text("two")}); !errors.Is(err, errDeaf) {
		t.Errorf("insert: %v", err)
	}
	if err := things.Set(ctx, key, map[string]any{"name": "changed"}); !errors.Is(err, errDeaf) {
		t.Errorf("update: %v", err)
	}
	if err := things.Delete(ctx, key); !errors.Is(err, errDeaf) {
		t.Errorf("delete: %v", err)
	}
	if _, err := d.Exec(ctx, nil, `DELETE FROM things`); !errors.Is(err, errDeaf) {
		t.Errorf("a statement: %v", err)
	}
	row, err := things.Get(t.Context(), key, widgets.Filter{})
	if err != nil || row.Values[1].String() != "one" {
		t.Errorf("the row is %+v (%v): something was written without its line", row, err)
	}
}

// A change that the database takes back at the commit keeps its line, with a remark.
func TestALineOfWhatDidNotHappenSaysSo(t *testing.T) {
	d, s, ctx := audited(t)
	if _, err := d.Table("parts").Insert(ctx, map[string]widgets.Value{"thing": widgets.Text("404")}); err == nil {
		t.Fatal("a part of no thing was taken")
	}
	all := noted(t, s, widgets.AuditQuery{})
	if len(all) != 1 || all[0].Undone == "" {
		t.Errorf("the lines are %+v", all)
	}
}

func TestTheAuditIsOnlyAddedTo(t *testing.T) {
	_, s, ctx := audited(t)
	first, err := s.Note(ctx, widgets.AuditLine{Deed: widgets.DeedAccount, Text: "a"}, widgets.AuditLine{Deed: widgets.DeedAccount, Text: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Undo(ctx, first, 1, "it was not so"); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`UPDATE greenroom_audit SET words = ''`, `DELETE FROM greenroom_audit`, `DELETE FROM greenroom_audit_undone`, `UPDATE greenroom_audit_undone SET why = ''`} {
		if _, err := s.write.ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s was taken", query)
		}
	}
	all := noted(t, s, widgets.AuditQuery{User: "ANN", Deed: widgets.DeedAccount, Limit: 1})
	if len(all) != 1 || all[0].Text != "b" || all[0].Undone != "" {
		t.Fatalf("the newest is %+v", all)
	}
	all = noted(t, s, widgets.AuditQuery{Before: all[0].ID, To: time.Now().Add(time.Hour)})
	if len(all) != 1 || all[0].Text != "a" || all[0].Undone != "it was not so" {
		t.Errorf("the page after is %+v", all)
	}
}

func TestRefusalsDoNotFillTheDisk(t *testing.T) {
	_, s, ctx := audited(t)
	for range 1000 {
		if _, err := s.Note(ctx, widgets.AuditLine{Deed: widgets.DeedRefused}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(noted(t, s, widgets.AuditQuery{Limit: 2000})); n != refusalsOfOne {
		t.Errorf("%d refusals of one address are written, want %d", n, refusalsOfOne)
	}
	var r refusals
	now := time.Now()
	count := func(at time.Time) (n int) {
		for i := range 5000 {
			if _, ok := r.admit(strings.Repeat("x", i%500), at); ok {
				n++
			}
		}
		return n
	}
	if n := count(now); n != refusalsOfAll {
		t.Errorf("%d refusals of many addresses are admitted, want %d", n, refusalsOfAll)
	}
	if n := count(now.Add(time.Hour)); n != int(time.Hour/refusalEachAll) {
		t.Errorf("%d an hour later, want %d", n, int(time.Hour/refusalEachAll))
	}
	missed, ok := r.admit("new", now.Add(2*time.Hour))
	if !ok || missed < 4000 {
		t.Errorf("the next one says that %d were missed (%t)", missed, ok)
	}
}

// A key that the database finds in another spelling is written down, and told, as the row has it; and by the key's text there is one address of a row.
func TestChangesGoByTheRowsOwnKey(t *testing.T) {
	var told []string
	d, err := Connect(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "things.db"), Config{Create: true, OnChange: func(c widgets.Change) {
		for _, key := range c.Keys {
			told = append(told, c.Table+" "+c.Op+" "+key.String())
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	for _, query := range []string{
		`CREATE TABLE whole (k INTEGER PRIMARY KEY, name TEXT)`,
		`CREATE TABLE folded (k TEXT COLLATE NOCASE PRIMARY KEY NOT NULL, name TEXT)`,
		`INSERT INTO whole VALUES (1, 'x')`, `INSERT INTO folded VALUES ('Ab', 'x')`,
	} {
		if _, err := d.Exec(t.Context(), nil, query); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenState(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d.SetAudit(s)
	ctx := widgets.WithActor(t.Context(), ann)
	var want, lines []string
	for table, c := range map[string]struct {
		own    string
		others []string
	}{"whole": {"1", []string{"1.0", "+1", "1e0", "1\t", "1\x00", "01"}}, "folded": {"Ab", []string{"AB", "ab"}}} {
		told, lines, want = nil, nil, nil
		of := d.Table(table)
		for _, other := range c.others {
			if _, err := of.Get(ctx, widgets.Key{other}, widgets.Filter{}); !errors.Is(err, widgets.ErrNoRow) {
				t.Errorf("%s has a row at %q: %v", table, other, err)
			}
			if err := of.Update(ctx, widgets.Key{other}, nil, map[string]widgets.Value{"name": widgets.Text("by " + other)}); err != nil {
				t.Errorf("%s %q: %v", table, other, err)
			}
			want = append(want, "main."+table+" update "+c.own)
		}
		if err := of.Delete(ctx, widgets.Key{c.others[0]}); err != nil {
			t.Errorf("%s: %v", table, err)
		}
		want = append(want, "main."+table+" delete "+c.own)
		if !slices.Equal(told, want) {
			t.Errorf("told is %q, want %q", told, want)
		}
		for _, l := range noted(t, s, widgets.AuditQuery{Table: "main." + table}) {
			lines = append(lines, l.Key)
		}
		if !slices.Equal(lines, slices.Repeat([]string{c.own}, len(want))) {
			t.Errorf("the audit has the keys %q, want %q only", lines, c.own)
		}
	}
}

func TestRowsThatChangeTogetherHaveALineEach(t *testing.T) {
	d, s, ctx := audited(t)
	steps := []widgets.Step{
		{Table: "main.things", Op: "insert", Values: map[string]widgets.Value{"name": widgets.Text("one")}},
		{Table: "main.parts", Op: "insert", Of: map[string]string{"thing": "id"}},
	}
	if _, err := d.Table("things").Together(ctx, steps); err != nil {
		t.Fatal(err)
	}
	all := noted(t, s, widgets.AuditQuery{})
	if len(all) != 2 || all[1].Table != "main.things" || all[1].Key != "1" || all[0].Table != "main.parts" || all[0].Deed != widgets.DeedCreate || all[0].User != "ann" {
		t.Fatalf("lines %+v", all)
	}
	d.SetAudit(deaf{})
	if _, err := d.Table("things").Together(ctx, steps); !errors.Is(err, errDeaf) {
		t.Fatalf("without an audit: %v", err)
	}
	rows, err := d.Table("parts").Count(ctx, widgets.Query{})
	if err != nil || rows.N != 1 {
		t.Errorf("%d parts, %v: the rows of an unwritten line were kept", rows.N, err)
	}
}
