package view_test

import (
	"html/template"
	"testing"

	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

// TestMarkupThatStayedStays: markup that takes a parser is parsed once, and told anew as soon as it is another, or in another place.
func TestMarkupThatStayedStays(t *testing.T) {
	type row struct {
		ID   int
		Cell template.HTML
	}
	type data struct {
		N    int
		Rows []row
	}
	std := template.Must(template.New("page").Parse(`<p>{{.N}}</p>{{range .Rows}}<div data-key="{{.ID}}"><span>{{.Cell}}</span><b>{{.ID}}</b></div>{{end}}`))
	tmpl, err := view.Compile(std)
	if err != nil {
		t.Fatal(err)
	}
	const fine, breaks = template.HTML("<svg><path d=''></path></svg>"), template.HTML("</span></div><p>out")
	states := []struct {
		data data
		want view.Change
	}{
		{data{1, []row{{1, fine}, {2, "<i>x</i>"}}}, view.Whole}, // nothing before it
		{data{2, []row{{1, fine}, {2, "<i>y</i>"}}}, view.Patched},
		{data{3, []row{{2, "<i>y</i>"}, {1, fine}, {3, fine}}}, view.Patched},
		{data{4, []row{{2, breaks}, {1, fine}}}, view.Whole},
		{data{5, []row{{2, breaks}, {1, fine}}}, view.Whole},
		{data{6, []row{{2, fine}, {1, fine}}}, view.Whole}, // the page before it was broken
		{data{7, []row{{2, fine}, {1, "<i>z</i>"}}}, view.Patched},
		{data{8, []row{{2, fine + "<p>"}}}, view.Whole},
	}
	var before *view.Tree
	for i, s := range states {
		after, err := tmpl.Render(s.data)
		if err != nil {
			t.Fatal(err)
		}
		if before == nil {
			before = after
			continue
		}
		diff, kind := view.AppendDiff(nil, before, after)
		if kind != s.want {
			t.Errorf("state %d is %v, want %v", i, kind, s.want)
		}
		if kind == view.Patched {
			page, err := viewtest.Parse(string(before.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			want, err := viewtest.Parse(string(after.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if err := page.Apply(diff); err != nil || page.HTML() != want.HTML() {
				t.Errorf("state %d: %v\ngot  %s\nwant %s", i, err, page.HTML(), want.HTML())
			}
		}
		before = after
	}
}
