package pages

import (
	"context"
	"errors"
	"html/template"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/widgets"
	"greenroom/widgets/view"
)

func TestCountsAreWrittenAsPeopleReadThem(t *testing.T) {
	for want, c := range map[string]widgets.Count{
		"0": {}, "999": {N: 999}, "1,234": {N: 1234}, "10,000+": {N: 10_000, AtLeast: true}, "~1.2M": {N: 1_234_567, Estimate: true},
		"~12M": {N: 12_345_678, Estimate: true}, "~2k": {N: 2000, Estimate: true}, "~3.4B": {N: 3_400_000_000, Estimate: true}, "": {N: 5, Unknown: true},
	} {
		if got := countText(nil, c); got != want {
			t.Errorf("%+v is %q, want %q", c, got, want)
		}
	}
	if got := group(-1234567); got != "-1,234,567" {
		t.Errorf("%q", got)
	}
	for want, d := range map[string]time.Duration{"1 s": 0, "17 s": 17 * time.Second, "3 min": 170 * time.Second, "2 h 5 min": 125 * time.Minute, "2 h": 2 * time.Hour} {
		if got := span(nil, d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	if got := minutes(nil, "2026-01-02T03:04:05.6Z"); got != "2026-01-02 03:04" {
		t.Errorf("%q", got)
	}
	if got := cut("äöü", 2); got != "äö…" {
		t.Errorf("%q", got)
	}
}

// What a filter says of values without the database must never be a wrong yes or no.
func TestHoldsKnowsWhatItDoesNotKnow(t *testing.T) {
	row := map[string]widgets.Value{"tenant": widgets.Text("5"), "owner": widgets.Null(), "active": widgets.Text("true")}
	eq := func(column, v string) widgets.Filter { return widgets.Where(column, widgets.OpEq, v) }
	for _, c := range []struct {
		filter widgets.Filter
		want   answer
	}{
		{widgets.Filter{}, yes},
		{widgets.Nothing(), no},
		{eq("tenant", "5"), yes},
		{eq("tenant", "5.0"), yes},
		{eq("active", "1"), yes},
		{eq("tenant", "6"), no},
		{eq("owner", ""), no},
		{eq("region", "x"), unknown},
		{widgets.Where("tenant", widgets.OpLt, "9"), unknown},
		{widgets.Where("owner", widgets.OpNull), yes},
		{widgets.Where("tenant", widgets.OpIn, "4", "5"), yes},
		{eq("tenant", "5").And(eq("region", "x")), unknown},
		{eq("tenant", "6").And(eq("region", "x")), no},
		{widgets.Filter{Any: []widgets.Filter{eq("region", "x"), eq("tenant", "5")}}, yes},
		{widgets.Filter{Any: []widgets.Filter{eq("region", "x"), eq("tenant", "6")}}, unknown},
		{widgets.Filter{Any: []widgets.Filter{eq("tenant", "7"), eq("tenant", "6")}}, no},
	} {
		if got := holds(c.filter, row); got != c.want {
			t.Errorf("%+v: %d, want %d", c.filter, got, c.want)
		}
	}
	got := demanded(eq("tenant", "5").And(widgets.Filter{Any: []widgets.Filter{eq("a", "1"), eq("b", "2")}}))
	if !reflect.DeepEqual(got, map[string]string{"tenant": "5"}) {
		t.Errorf("demanded %v", got)
	}
}

func TestTrendsFillTheirBox(t *testing.T) {
	for want, values := range map[string][]float64{"": {1}, "0.0,38.0 100.0,2.0": {1, 2}, "0.0,20.0 50.0,20.0 100.0,20.0": {7, 7, 7}} {
		if got := points(values); got != want {
			t.Errorf("%v: %q, want %q", values, got, want)
		}
	}
}

// A count that is slow, fails or panics leaves the rows alone, and its read is told to end.
func TestCountingNeverHoldsAPageUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		wait := beside(t.Context(), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			close(ended)
			return 0, ctx.Err()
		})
		began := time.Now()
		if _, err := wait(100 * time.Millisecond); err == nil || time.Since(began) != 100*time.Millisecond {
			t.Errorf("waited %v: %v", time.Since(began), err)
		}
		<-ended
		if _, err := beside(t.Context(), func(context.Context) (int, error) { panic("no") })(time.Second); !errors.Is(err, errPanicked) {
			t.Errorf("a panic became %v", err)
		}
		if n, err := beside(t.Context(), func(context.Context) (int, error) { return 7, nil })(time.Second); n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// FuzzAddress: whatever stands in an address, what is understood of it survives being written and read again, and names visible columns only.
func FuzzAddress(f *testing.F) {
	table := &widgets.Table{App: "main", Name: "t", Key: []string{"id"}, Columns: []widgets.Column{
		{Name: "id", Label: "ID", Kind: widgets.KindInteger, KeyPart: 1},
		{Name: "a.b", Label: "A", Choices: []string{"x", "..", ""}, Nullable: true},
		{Name: "-n", Label: "N", Kind: widgets.KindDecimal},
		{Name: "d", Label: "D", Kind: widgets.KindDate},
		{Name: "ok", Label: "OK", Kind: widgets.KindBool},
		{Name: "hidden", Label: "H"},
	}}
	m := &Model{Source: bareTable{table: table}, site: &Site{}, perPage: 25}
	m.columns, m.filters = everyColumn(table), everyColumn(table)
	g := &grid{Model: m, hide: []string{"hidden"}}
	g.columns, g.filters = g.visible(m.columns), g.visible(m.filters)
	f.Add("q=x&o=--n,a.b&f.a.b=..&f.a.b=x&null.a.b=1&f.-n=1..&from.d=2026-01-01&to.d=2026-02-01&f.ok=yes&after=c&last=1")
	f.Add("f.hidden=1&o=hidden&null.hidden=1&f.id=1&before=z")
	f.Fuzz(func(t *testing.T, raw string) {
		at, _ := g.parse(rawQuery(raw))
		again, faults := g.parse(at.values())
		if len(faults) > 0 || !reflect.DeepEqual(at.values(), again.values()) {
			t.Fatalf("%q became %v, then %v (%v)", raw, at.values(), again.values(), faults)
		}
		q := g.query(at)
		if mentions(q.Filter, map[string]widgets.Value{"hidden": {}}) || strings.Contains(orderText(q.Order), "hidden") {
			t.Fatalf("%q reads a hidden column: %+v", raw, q)
		}
		if _, err := url.ParseQuery(at.values().Encode()); err != nil {
			t.Fatal(err)
		}
	})
}

// bareTable is a Source with a table and nothing else.
type bareTable struct {
	widgets.Source
	table *widgets.Table
}

func (o bareTable) Table() *widgets.Table { return o.table }

// The templates are made of parts only: nothing is replaced as a whole that a text or an attribute could be patched in.
func TestTemplatesCompileWithoutNotes(t *testing.T) {
	for _, set := range []*template.Template{listTemplate, formTemplate, deleteTemplate, indexTemplate, progressTemplate, statTemplate} {
		compiled, err := view.Compile(set)
		must0(t, err)
		for _, note := range compiled.Notes() {
			t.Errorf("%s: %s", set.Name(), note)
		}
	}
}
