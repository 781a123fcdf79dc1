package view_test

import (
	"html/template"
	"testing"

	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

// TestMarkupThatBreaksOut of its place is found again nowhere, so the page is sent whole; the rest of markup is a part.
func TestMarkupThatBreaksOut(t *testing.T) {
	for _, c := range []struct {
		name, template string
		before, after  template.HTML
		want           view.Change
	}{
		{"a block in a paragraph", `<p>{{.}}</p>`, "a", "<p>x</p>", view.Whole},
		{"a block in a span in a paragraph", `<p><span>{{.}}</span></p>`, "a", "<div>x</div>", view.Whole},
		{"and back", `<p>{{.}}</p>`, "<p>x</p>", "a", view.Whole},
		{"what is left open", `<div>{{.}} tail</div>`, "a", "<p>x", view.Whole},
		{"what is left open, among siblings", `<b>x</b>{{.}}<i>y</i>`, "a", "<u>x", view.Whole},
		{"what is left open, with nothing after it", `<div>{{.}}</div>`, "a", "<p>x", view.Whole},
		{"an end too many", `<div><b>{{.}}</b></div>`, "a", "x</div>", view.Whole},
		{"half a tag", `<div>{{.}}</div>`, "a", `<b title="`, view.Whole},
		{"half a comment", `<div>{{.}}<b>x</b></div>`, "a", `<!--`, view.Whole},
		{"our markers", `<div>{{.}}<b>x</b></div>`, "a", `<!--/-->`, view.Whole},
		{"HTML in svg", `<svg>{{.}}</svg>`, "a", `<b>x</b>`, view.Whole},
		{"a link in a link", `<a href="/">{{.}}</a>`, "a", `<a href="/">x</a>`, view.Whole},
		{"in a row", `<ul>{{range .}}<li data-key="{{.}}"><p>{{.}}</p></li>{{end}}</ul>`, "a", "<p>x", view.Whole},
		{"a cell without its table", `<div>{{.}}</div>`, "a", "<td>x</td>", view.Patched},
		{"text", `<p>{{.}}</p>`, "a", "b &lt; c", view.Patched},
		{"a phrase in a paragraph", `<p>{{.}}</p>`, "a", "<b>x</b><br>", view.Patched},
		{"blocks in a block", `<div>{{.}}</div>`, "a", "<p>x</p><ul><li>y</li></ul>", view.Patched},
		{"blocks in a cell", `<table><tbody><tr><td>{{.}}</td></tr></tbody></table>`, "a", "<p>x</p>", view.Patched},
		{"a table in a block", `<div>{{.}} tail</div>`, "a", "<table><tr><td>x</table>", view.Patched},
		{"an island", `<div><h{{len "x"}}>x</h1>{{.}}</div>`, "a", "<p>x</p>", view.Patched},
		{"a comment", `<div>{{.}}</div>`, "a", "<!-- x -->", view.Patched},
		{"shapes in svg", `<svg>{{.}}</svg>`, "a", `<circle r="1"/>`, view.Patched},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmpl := compile(t, c.template)
			data := func(h template.HTML) any {
				if c.name == "in a row" {
					return []template.HTML{"x", h}
				}
				return h
			}
			before, after := mustRender(t, tmpl, data(c.before)), mustRender(t, tmpl, data(c.after))
			diff, kind := view.AppendDiff(nil, before, after)
			if kind != c.want {
				t.Errorf("%s, want %s: %s", kind, c.want, after.AppendLive(nil))
			}
			if kind == view.Whole {
				return
			}
			page, err := viewtest.Parse(string(before.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			want, err := viewtest.Parse(string(after.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if err := page.Apply(diff); err != nil || page.HTML() != want.HTML() {
				t.Errorf("%v\ngot  %s\nwant %s", err, page.HTML(), want.HTML())
			}
		})
	}
}
