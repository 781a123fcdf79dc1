package view_test

import (
	"html/template"
	"testing"

	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

// TestFound goes through what random templates once got wrong: from the first state to the second and back.
func TestFound(t *testing.T) {
	for _, c := range []struct {
		name, template string
		before, after  vData
	}{
		{"an attribute with a namespace in a tag that closes itself", `<svg><use xlink:href="#{{.S}}"/></svg>`, vData{S: "a"}, vData{S: "b"}},
		{"an attribute with a namespace that stays", `<svg xmlns:xlink="http://www.w3.org/1999/xlink"><text>{{.S}}</text></svg>`, vData{S: "a"}, vData{S: "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			std := template.Must(template.New("page").Parse(c.template))
			tmpl, err := view.Compile(std)
			if err != nil {
				t.Fatal(err)
			}
			before, after := render(t, tmpl, std, &c.before), render(t, tmpl, std, &c.after)
			page, err := viewtest.Parse(string(before.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range [][2]*view.Tree{{before, after}, {after, before}} {
				diff, kind := view.AppendDiff(nil, step[0], step[1])
				if kind != view.Patched {
					t.Fatal(kind)
				}
				if err := page.Apply(diff); err != nil {
					t.Fatalf("%s: %v", diff, err)
				}
				want, err := viewtest.Parse(string(step[1].AppendLive(nil)))
				if err != nil {
					t.Fatal(err)
				}
				if page.HTML() != want.HTML() {
					t.Fatalf("diff %s\ngot  %s\nwant %s", diff, page.HTML(), want.HTML())
				}
			}
		})
	}
}
