package pages

import (
	"context"
	"html/template"
	"strings"
	"testing"

	"greenroom/jobs"
	"greenroom/widgets"
)

func BenchmarkPrepare(b *testing.B) {
	for b.Loop() {
		for _, w := range []widgets.Widget{{Name: "a", Template: listTemplate}, {Name: "a", Template: formTemplate}} {
			w.Mount = func(context.Context, widgets.In) (any, error) { return nil, nil }
			if _, err := w.Compile(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// Prepare tells every fault at once, and where a column is misspelt, which one is near.
func TestPrepareTellsEveryFault(t *testing.T) {
	h := open(t, nil)
	blank := widgets.Widget{Name: "w", Template: template.Must(template.New("").Parse("<p>{{.}}</p>")), Mount: func(context.Context, widgets.In) (any, error) { return "", nil }}
	act := jobs.On(jobs.Action{Name: "go"}, func(context.Context, *jobs.Job, jobs.Rows[widgets.Row], struct{ Key string }) error { return nil })
	orders := h.model("orders").Source
	s := &Site{Prefix: "admin/", Widgets: []widgets.Widget{blank, blank}, Models: []*Model{
		{Source: orders, Title: "{nmber}", List: List{
			Columns: []string{"number", "totl", "number"}, Search: []string{"nope"}, Filters: []string{"statu"}, Sort: []string{"-created"}, PerPage: -1,
			Cells: map[string]func(widgets.Value) any{"x": nil}, Widgets: []widgets.Widget{{Name: "orders"}, {Name: "bad name"}},
		}, Form: Form{Fields: []string{"note", "sttus"}, ReadOnly: []string{"idd"}, Help: map[string]string{"hlp": ""}}, Labels: map[string]string{"lbl": ""}, Actions: []jobs.Action{act, act, {Name: "empty"}}},
		{Source: orders},
		{},
	}}
	err := s.Prepare()
	if err == nil {
		t.Fatal("no fault was found")
	}
	for _, want := range []string{
		`Decider is nil`, `want a path like /admin`, `two widgets are named "w"`, `registered twice`, `no Source`,
		`Title names "nmber", which is no column; the nearest is "number"`, `List.Columns names "totl", which is no column; the nearest is "total"`,
		`List.Columns names "number" twice`, `List.Search names "nope"`, `List.Filters names "statu", which is no column; the nearest is "status"`,
		`List.Sort names "created"`, `PerPage is -1`, `List.Cells names "x"`, `two widgets are named "orders"`, `bad name`,
		`Form.Fields names "sttus", which is no column; the nearest is "status"`, `Form.ReadOnly names "idd", which is no column; the nearest is "id"`,
		`Form.Help names "hlp"`, `Labels names "lbl"`, `two actions are named "go"`, `a field is named "key"`, `action "empty" has no body`, `Site.Jobs is nil`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}
