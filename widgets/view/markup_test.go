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
		{"a tag in quotes", `<p>{{.}}</p>`, "a", `<b a">x</b><div>"y</div>`, view.Whole},
		{"a value that begins with a quote later", `<p>{{.}}</p>`, "a", `<b a= x="></b><div>">y</div>`, view.Whole},
		{"an attribute named by a sign", `<p>{{.}}</p>`, "a", `<b ="></b><div>">y</div>`, view.Whole},
		{"a name that begins like another", `<p>{{.}}<i>y</i></p>`, "a", `<b-x>x</b>`, view.Whole},
		{"half a tag", `<div>{{.}}</div>`, "a", `<b title="`, view.Whole},
		{"half a comment", `<div>{{.}}<b>x</b></div>`, "a", `<!--`, view.Whole},
		{"our markers", `<div>{{.}}<b>x</b></div>`, "a", `<!--/-->`, view.Whole},
		{"HTML in svg", `<svg>{{.}}</svg>`, "a", `<b>x</b>`, view.Whole},
		{"a link in a link", `<a href="/">{{.}}</a>`, "a", `<a href="/">x</a>`, view.Whole},
		{"in a row", `<ul>{{range .}}<li data-key="{{.}}"><p>{{.}}</p></li>{{end}}</ul>`, "a", "<p>x", view.Whole},
		{"a cell without its table", `<div>{{.}}</div>`, "a", "<td>x</td>", view.Patched},
		{"text", `<p>{{.}}</p>`, "a", "b &lt; c", view.Patched},
		{"attributes", `<p>{{.}}</p>`, "a", `<b class="x" title="a > b" hidden>x</b><img src="/x"/>`, view.Patched},
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

// BenchmarkMarkup is a render and a diff of 100 rows with a cell of markup: text only, what is told to stay by its tags, and
// what takes a parser.
func BenchmarkMarkup(b *testing.B) {
	type row struct {
		ID   int
		Cell template.HTML
	}
	std := template.Must(template.New("page").Parse(`<table><tbody>{{range .}}<tr data-key="{{.ID}}"><td>{{.Cell}}</td><td>{{.ID}}</td></tr>{{end}}</tbody></table>`))
	tmpl, err := view.Compile(std)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		cell template.HTML
	}{{"text", "plain"}, {"tags", "<b>bold</b> and <i>more</i>"}, {"parser", "<table><tr><td>x</table>"}} {
		b.Run(c.name, func(b *testing.B) {
			var states [2][]row
			for i := range states {
				for id := range 100 {
					states[i] = append(states[i], row{id, c.cell})
				}
				states[i][50].ID += 1000 * i
			}
			before, err := tmpl.Render(states[1])
			if err != nil {
				b.Fatal(err)
			}
			var diff []byte
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				after, err := tmpl.Render(states[i%2])
				if err != nil {
					b.Fatal(err)
				}
				var kind view.Change
				if diff, kind = view.AppendDiff(diff[:0], before, after); kind != view.Patched {
					b.Fatal(kind)
				}
				before = after
			}
		})
	}
}
