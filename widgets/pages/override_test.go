package pages

import (
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"greenroom/widgets"
)

// The types that overriding files are checked against are those that the built-in ones are executed with: none of these asks for what is not there.
func TestTheBuiltInTemplatesFitTheirStates(t *testing.T) {
	t.Parallel()
	for _, set := range builtIn() {
		of := states()[set.Name()]
		if of == nil {
			t.Errorf("%s has no type", set.Name())
			continue
		}
		if err := checkFields(set, of); err != nil {
			t.Errorf("%s: %v", set.Name(), err)
		}
	}
	for name, of := range states() {
		set, err := load(nil, nil, slices.Concat([]string{name}, map[string][]string{
			"document.html": {"head.html"}, "login.html": {"head.html"}, "problem.html": {"head.html", "seeing.html"}, "shell.html": {"widget.html", "waiting.html", "seeing.html"},
		}[name])...)
		if err != nil {
			continue // a set of several, which is among those above
		}
		if err := checkFields(set, of); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	parts := []string{"head.html", "widget.html", "waiting.html", "seeing.html"}
	for _, set := range builtIn() {
		parts = append(parts, namesOf(set)...)
	}
	for _, name := range builtInFiles() {
		if path.Ext(name) != ".html" {
			t.Errorf("%s is no template", name)
		}
		if states()[name] == nil && !slices.Contains(parts, name) {
			t.Errorf("%s cannot be overridden: add its template to builtIn, and its type to states", name)
		}
	}
}

func TestTemplatesAreOverridden(t *testing.T) {
	t.Parallel()
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	h := open(t, func(h *house) {
		h.site.Widgets = []widgets.Widget{StatWidget("total", "Total", total)}
		h.site.Templates = fstest.MapFS{
			"dashboard.html": text("<h1>Our tables</h1>\n{{range .Apps}}<p data-key=\"{{.Label}}\">{{range .Tables}}{{.Label}} {{end}}</p>{{end}}"),
			"stat.html":      text(`<div class="ours">{{.Value}}{{with $n := .Note}}{{$n}}{{end}}</div>`),
			"input.html":     text(`<div class="our-input" data-key="{{.Field}}"><label>{{.Label}} <input name="{{.Name}}" value="{{.Value}}"></label></div>`),
			"login.html":     text(`<!doctype html><title>{{.Site}}</title>{{template "head.html" .Assets}}<form><input name="csrf" value="{{.CSRF}}"></form>`),
			"readme.txt":     text("not a template"),
		}
	})
	h.stock(2)
	page := h.show(h.site.Dashboard(widgets.In{User: ann, Prefix: "/admin"})).document()
	for _, want := range []string{"<h1>Our tables</h1>", `class="ours"`, ">42"} {
		if !strings.Contains(page, want) {
			t.Errorf("the dashboard lacks %s", want)
		}
	}
	if form := h.change(ann, "orders", "1").html(0); !strings.Contains(form, "our-input") || !strings.Contains(form, "gr-fieldset") {
		t.Error("the form does not use the file of ours beside the built-in ones")
	}
	var login strings.Builder
	must0(t, h.site.Login(&login, LoginData{CSRF: "c"}))
	if !strings.Contains(login.String(), "<title>Shop</title>") && !strings.Contains(login.String(), `value="c"`) {
		t.Error("the sign-in page is the built-in one")
	}
}

func TestFaultsOfTemplatesAreFindings(t *testing.T) {
	t.Parallel()
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	h := open(t, nil)
	s := &Site{
		Prefix: "/admin", Decider: h.rules, Models: []*Model{{Source: h.model("orders").Source}, {Source: h.model("tags").Source}},
		Templates: fstest.MapFS{
			"form.html":     text("{{with .View}}\n<h1>{{.Headng}}</h1>\n{{range .Groups}}<div data-key=\"{{.Key}}\">{{range $n, $in := .Inputs}}{{$in.Lable}}{{template \"input.html\" $in}}{{end}}</div>{{end}}\n{{end}}"),
			"list.html":     text("{{with .View}}\n\n{{if .Nothing}\n{{end}}"),
			"shell.html":    text("<p>{{.Site}} {{.Usr}}</p>"),
			"dashbord.html": text(""),
			"delete.html":   text("{{.Title.First}} {{(index .Gone 0).Count}} {{range .Gone}}{{.Nmber}}{{else}}{{.Titel}}{{end}}"),
		},
	}
	found := Faults(s.Prepare(), "x", "")
	var all strings.Builder
	for _, f := range found {
		all.WriteString(f.String() + "\n")
	}
	for _, want := range []string{
		`A030 error: form.html:2: pages: template: form.html:2:`, `there is no .Headng here; the nearest is .Heading`, `there is no .Lable here; the nearest is .Label`,
		`A030 error: list.html:3: `, `there is no .Usr here; the nearest is .User`, `dashbord.html: no page is drawn by a file of this name; the nearest is "dashboard.html"`,
		`there is no .First here`, `there is no .Nmber here`, `there is no .Titel here; the nearest is .Title`,
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if n := strings.Count(all.String(), "Headng"); n != 1 {
		t.Errorf("a fault is told %d times", n)
	}
	if t.Failed() {
		t.Log(all.String())
	}
}
