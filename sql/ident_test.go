package sql

import (
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

func testShape(tb testing.TB) *shape {
	tb.Helper()
	s, err := newShape(sqlite{}, &rawTable{name: `a "b" ?`, columns: []rawColumn{
		{name: "id", declared: "INTEGER", keyPart: 1},
		{name: "ok?", declared: "TEXT"},
		{name: "n", declared: "REAL"},
	}}, "main")
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestIdent(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "a\x00", "a\x01b"} {
		if id, err := quoted(sqlite{}, bad); err == nil {
			t.Errorf("%q became %s", bad, id)
		}
	}
	s := testShape(t)
	query, args, err := where(selecting(s, string(s.columns[1].at)), all(sq.Expr(string(s.columns[1].at)+" = ?", "why?"), nil)).Limit(1).ToSql()
	if err != nil || query != `SELECT t."ok?" FROM "a ""b"" ?" AS t WHERE t."ok?" = ? LIMIT 1` || len(args) != 1 {
		t.Errorf("%s %v %v", query, args, err)
	}
	if _, _, err := updating(s, []assignment{{&s.columns[1], "x"}}, nil); !errors.Is(err, errEverything) {
		t.Errorf("an update of everything: %v", err)
	}
	if _, _, err := deleting(s, nil); !errors.Is(err, errEverything) {
		t.Errorf("a deletion of everything: %v", err)
	}
	if all() != nil || all(nil, nil) != nil {
		t.Error("no condition is nil")
	}
	if text, _, _ := either(nil).ToSql(); text != "(1=0)" {
		t.Errorf("no alternative holds for nothing: %s", text)
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	for search, want := range map[string]string{
		"": "", "  a  b ": "[a][b]", `"a b" c`: "[a b][c]", `=a ^b`: "[=a][^b]", `="a b" ^"c d"`: "[=a b][^c d]", `"open end`: "[open end]", "=": "[=]", "^ a": "[^][a]",
		`""`: "", `a"b`: `[a"b]`, "\ta\nb": "[a][b]", "==a": "[==a]",
	} {
		var got strings.Builder
		for _, x := range terms(search) {
			got.WriteString("[")
			if x.mark != 0 {
				got.WriteByte(x.mark)
			}
			got.WriteString(x.text + "]")
		}
		if got.String() != want {
			t.Errorf("%q: %s, want %s", search, got.String(), want)
		}
	}
}

// FuzzCursor: no text that a request holds makes anything but a position or an error for the person.
func FuzzCursor(f *testing.F) {
	s := testShape(f)
	keys, err := sortKeys(s, []widgets.Order{{Column: "ok?", Desc: true}, {Column: "n"}})
	if err != nil {
		f.Fatal(err)
	}
	bound := binding(s, keys)
	for _, values := range [][]any{{"text", 1.5, int64(7)}, {nil, nil, int64(-1)}, {[]byte{0}, "", int64(0)}} {
		f.Add(cursor{kind: cursorValues, values: values}.encode(bound))
	}
	f.Add(cursor{kind: cursorKey, values: []any{int64(3)}}.encode(bound))
	f.Add(cursor{kind: cursorOffset, offset: 9}.encode(bound))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := decodeCursor(text, bound, len(keys), len(s.tail))
		var told widgets.UserError
		switch {
		case err != nil && !errors.As(err, &told):
			t.Errorf("%q: %v", text, err)
		case err == nil && c.encode(bound) != text && c.kind != cursorOffset:
			// varints have more than one form; the values are what counts
			again, err := decodeCursor(c.encode(bound), bound, len(keys), len(s.tail))
			if err != nil || len(again.values) != len(c.values) {
				t.Errorf("%q: %+v, then %+v, %v", text, c, again, err)
			}
		}
	})
}

// FuzzPart: whatever a key's part holds, the text of it reads back as the same value.
func FuzzPart(f *testing.F) {
	for _, seed := range []string{"", "5", "'5'", "x'35'", "NULL", "5.0", "1e5", "007", "-0", "+1", "Inf", "\xff", "x'", "''"} {
		f.Add(seed, 1.5)
	}
	f.Fuzz(func(t *testing.T, s string, r float64) {
		if r != r {
			return
		}
		for _, a := range []affinity{affinityNone, affinityText, affinityInteger, affinityReal} {
			c := &column{Column: &widgets.Column{}, affinity: a, holes: true}
			stored := []any{s, nil, []byte(s)}
			if _, isNumber := number(s); a.numeric() && isNumber {
				stored = stored[1:] // such a column cannot hold a text that is a number
			}
			if a != affinityText {
				stored = append(stored, int64(len(s)), r)
			}
			for _, v := range stored {
				part := sqlite{}.part(c, v)
				got, _ := sqlite{}.parsed(c, part)
				if !same(got, v) {
					t.Errorf("affinity %d: %#v is written %q and read %#v", a, v, part, got)
				}
			}
		}
	})
}

// same lets an integer stand for a float of the same value: SQLite finds the one by the other.
func same(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && string(x) == string(y)
	}
	if x, ok := a.(int64); ok {
		if y, ok := b.(float64); ok {
			return float64(x) == y
		}
	}
	return a == b
}
