package view_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"greenroom/bench/workload"
	"greenroom/internal/viewgen"
	"greenroom/widgets/view"
)

func compile(t *testing.T, text string, funcs ...template.FuncMap) *view.Template {
	t.Helper()
	std := template.New("page")
	for _, f := range funcs {
		std.Funcs(f)
	}
	c, err := view.Compile(template.Must(std.Parse(text)), funcs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustRender(t *testing.T, c *view.Template, data any) *view.Tree {
	t.Helper()
	tree, err := c.Render(data)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"a dynamic style", "<p>\n<b style='color: {{.}}'>x</b></p>", "page:2: a style attribute"},
		{"an optional style", `<b {{if .}}style="color:red"{{end}}>x</b>`, "page:1: a style attribute"},
		{"a style in a branch", `{{if .}}<b style="{{.}}">x</b>{{end}}`, "page:1: a style attribute"},
		{"a dynamic handler", `<b onclick="f({{.}})">x</b>`, "page:1: the handler onclick"},
		{"our own attribute", `<b _="x">{{.}}</b>`, "the attribute _"},
		{"what html/template refuses", "<p>\n<a href='{{if .}}/x{{else}}/y?{{end}}{{.}}'>", "page:2"},
		{"a template that is missing", "<p>\n{{template \"nowhere\"}}</p>", "page:2"},
		{"an end in the middle of a tag", "<p", "page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			std, err := template.New("page").Parse(c.template)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := view.Compile(std); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	executed := template.Must(template.New("page").Parse("x"))
	if err := executed.Execute(io.Discard, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := view.Compile(executed); err == nil || !strings.Contains(err.Error(), "before it is first executed") {
		t.Errorf("an executed template: %v", err)
	}
	if _, err := view.Compile(template.New("page")); err == nil {
		t.Error("a template without a body compiles")
	}
}

// TestCompileLeavesItsArgument alone: it can be executed, and compiled again.
func TestCompileLeavesItsArgument(t *testing.T) {
	std := template.Must(template.New("page").Parse(`{{define "x"}}<i>{{.}}</i>{{end}}<p>{{template "x" .}}</p>`))
	for range 2 {
		if _, err := view.Compile(std); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if err := std.Execute(&b, "<"); err != nil || b.String() != "<p><i>&lt;</i></p>" {
		t.Errorf("%s %v", b.String(), err)
	}
}

func TestNotes(t *testing.T) {
	for _, c := range []struct{ template, want string }{
		{"<p>{{.}}</p>", ""},
		{"<div>\n{{if .}}<b>{{else}}<b class=x>{{end}}x</b></div>", "page:2: an element without its end tag: all that is in <div>"},
		{"<section><p>{{.}}<div>x</div></p></section>", "all that is in <section>"},
		{"{{if .}}<b>{{end}}", "the widget is replaced as a whole"},
		{"<p><script>\nvar x = {{.}}</script></p>", "page:2: a script that changes does not run again"},
		{"<p style='color:red'>{{.}}</p>", "a style attribute in <p>"},
		{"{{range .}}<li><input name={{.}}></li>{{end}}", "page:1: rows with fields to fill in need data-key"},
		{"{{range .}}<li data-key={{.}}><input name={{.}}></li>{{end}}", ""},
	} {
		notes := strings.Join(compile(t, c.template).Notes(), "\n")
		if c.want == "" && notes != "" || !strings.Contains(notes, c.want) {
			t.Errorf("%s: %q, want %q", c.template, notes, c.want)
		}
	}
}

// TestMarkers holds the choice of parts to the static types of what is shown.
func TestMarkers(t *testing.T) {
	type data struct {
		S string
		N *int
		H template.HTML
		A any
		E error
		D time.Duration
		M map[string]string
		V view.Change
	}
	n := 3
	d := &data{S: "s", N: &n, H: "<i>h</i>", A: "a", E: errors.New("e"), D: time.Second, M: map[string]string{"k": "v"}}
	funcs := template.FuncMap{"shout": strings.ToUpper, "raw": func(s string) template.HTML { return template.HTML(s) }}
	for _, c := range []struct{ template, want string }{
		{`<p>{{.S}}</p>`, `<p _="t">s</p>`},
		{`<p>{{.N}}</p>`, `<p _="t">3</p>`},
		{`<p>{{.H}}</p>`, `<p _="h"><i>h</i></p>`},
		{`<p>{{.A}}</p>`, `<p _="h">a</p>`},
		{`<p>{{.E}} {{.D}} {{.V}}</p>`, `<p _="t">e 1s same</p>`},
		{`<p>{{.M.k}}</p>`, `<p _="t">v</p>`},
		{`<p>{{index .M "k"}}</p>`, `<p _="t">v</p>`},
		{`<p>{{printf "%s" .A}}</p>`, `<p _="t">a</p>`},
		{`<p>{{len .S}} {{eq .S "s"}}</p>`, `<p _="t">1 true</p>`},
		{`<p>{{html .H}}</p>`, `<p _="t">&lt;i&gt;h&lt;/i&gt;</p>`},
		{`<p>{{shout .S}}</p>`, `<p _="t">S</p>`},
		{`<p>{{raw .S}}</p>`, `<p _="h">s</p>`},
		{`<p>{{$x := .S}}{{$x}}</p>`, `<p _="t">s</p>`},
		{`<p>{{$x := .S}}{{$x = .A}}{{$x}}</p>`, `<p _="h">a</p>`},
		{`<p>{{or .S "none"}}</p>`, `<p _="t">s</p>`},
		{`<p>{{with .S}}{{.}}{{end}}</p>`, `<p _="t">s</p>`},
	} {
		if got := string(mustRender(t, compile(t, c.template, funcs), d).AppendLive(nil)); got != c.want {
			t.Errorf("%s: %s, want %s", c.template, got, c.want)
		}
	}
}

// TestErrors are html/template's own, and the template goes on to work.
func TestErrors(t *testing.T) {
	type data struct {
		P  *data
		S  string
		Fn func() (string, error)
	}
	funcs := template.FuncMap{
		"panics": func(s string) string {
			if s == "" {
				panic("empty")
			}
			return s
		},
	}
	for _, text := range []string{`<p>{{.P.S}}</p>`, `<p>{{panics .S}}</p>`, `<p>{{if eq .P nil}}{{index .S 9}}{{end}}</p>`, `<p>{{call .Fn}}</p>`, `{{define "inner"}}<p>{{.P.S}}</p>{{end}}<div>{{template "inner" .}}</div>`} {
		std := template.Must(template.New("page").Funcs(funcs).Parse(text))
		c, err := view.Compile(std, funcs)
		if err != nil {
			t.Fatal(err)
		}
		bad := &data{Fn: func() (string, error) { return "", errors.New("no") }}
		want := std.Execute(io.Discard, bad)
		_, got := c.Render(bad)
		if want == nil || got == nil || got.Error() != want.Error() {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		long := strings.Repeat("s", 10)
		good := &data{P: &data{S: long}, S: long, Fn: func() (string, error) { return "ok", nil }}
		if _, err := c.Render(good); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMissingKeys(t *testing.T) {
	for _, option := range []string{"missingkey=default", "missingkey=zero", "missingkey=error"} {
		std := template.Must(template.New("page").Option(option).Parse(`<p>{{.k}} {{.m}}</p>`))
		c, err := view.Compile(std)
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range []any{map[string]int{"k": 1}, map[string]any{"k": 1}, map[string]any{"k": 1, "m": nil}} {
			var want bytes.Buffer
			wantErr := std.Execute(&want, data)
			tree, err := c.Render(data)
			if (err != nil) != (wantErr != nil) {
				t.Errorf("%s %v: %v, want %v", option, data, err, wantErr)
			} else if err == nil && string(tree.AppendHTML(nil)) != want.String() {
				t.Errorf("%s %v: %s, want %s", option, data, tree.AppendHTML(nil), want.String())
			}
		}
	}
}

func TestTypesOfData(t *testing.T) {
	c := compile(t, `<p>{{.}}</p>`)
	a, b := mustRender(t, c, "a"), mustRender(t, c, 1)
	if diff, kind := view.AppendDiff(nil, a, b); kind != view.Whole || len(diff) > 0 {
		t.Errorf("a tree of other data: %s %s", kind, diff)
	}
	if diff, kind := view.AppendDiff(nil, a, mustRender(t, c, "a")); kind != view.Same || len(diff) > 0 {
		t.Errorf("an equal tree: %s %s", kind, diff)
	}
	for i := range 50 { // more types than are compiled for
		if got := string(mustRender(t, c, arrayOf(i)).AppendHTML(nil)); got != "<p>"+fmt.Sprint(arrayOf(i))+"</p>" {
			t.Error(got)
		}
	}
}

// arrayOf makes values of many types.
func arrayOf(n int) any {
	v := any(0)
	for range n % 7 {
		v = []any{v}
	}
	return []any{
		v,
		[1]int{},
		[2]int{},
		[3]int{},
		struct{ A int }{1},
		struct{ B int }{1},
		struct{ C int }{1},
		int8(1), uint8(1), float32(1), true,
		[4]int{},
		[5]int{},
		[6]int{},
		[7]int{},
		[8]int{},
		[9]int{},
		[10]int{},
		[11]int{},
		[12]int{},
		[13]int{},
		[14]int{},
		[15]int{},
		[16]int{},
		[17]int{},
		[18]int{},
		[19]int{},
		[20]int{},
		[21]int{},
		[22]int{},
		[23]int{},
		[24]int{},
		[25]int{},
		[26]int{},
		[27]int{},
		[28]int{},
		[29]int{},
		[30]int{},
		[31]int{},
		[32]int{},
		[33]int{},
		[34]int{},
		[35]int{},
		[36]int{},
		[37]int{},
		[38]int{},
		[39]int{},
		[40]int{},
		[41]int{},
		[42]int{},
	}[n]
}

// TestConcurrency renders one template from many sides, the first time for its type of data.
func TestConcurrency(t *testing.T) {
	std := template.Must(template.New("page").Parse(workload.ChangeList + `<p>{{printf "%d" (len .Rows)}} {{index .Rows 0}}</p>`))
	var want bytes.Buffer
	state := workload.NewOrders(10)
	if err := template.Must(std.Clone()).Execute(&want, state); err != nil {
		t.Fatal(err)
	}
	c, err := view.Compile(std)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				tree, err := c.Render(state)
				if err != nil || !bytes.Equal(tree.AppendHTML(nil), want.Bytes()) {
					t.Errorf("%v", err)
				}
				if _, kind := view.AppendDiff(nil, tree, mustRender(t, c, workload.NewOrders(11))); kind != view.Patched {
					t.Error(kind)
				}
			}
		})
	}
	wg.Wait()
}

// TestRecursionInAttributes cannot be taken apart: html/template hides what it makes of the template there.
func TestRecursionInAttributes(t *testing.T) {
	c := compile(t, `{{define "n"}}{{.Name}}{{range .Kids}}/{{template "n" .}}{{end}}{{end}}<p title="{{template "n" .}}">x</p>`)
	tree := mustRender(t, c, vTree{"a", []vTree{{`"b"`, nil}}})
	if got, want := string(tree.AppendLive(nil)), `<p title="a/&#34;b&#34;">x</p>`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDeepRecursion(t *testing.T) {
	c := compile(t, `{{define "n"}}<b>{{.Name}}{{range .Kids}}{{template "n" .}}{{end}}</b>{{end}}{{template "n" .}}`)
	deep := vTree{Name: "x"}
	for range 2000 {
		deep = vTree{"x", []vTree{deep}}
	}
	if got := string(mustRender(t, c, deep).AppendHTML(nil)); strings.Count(got, "<b>x") != 2001 {
		t.Errorf("%d levels", strings.Count(got, "<b>x"))
	}
}

func TestSize(t *testing.T) {
	c := compile(t, workload.ChangeList)
	small, big := mustRender(t, c, workload.NewOrders(1)).Size(), mustRender(t, c, workload.NewOrders(1000)).Size()
	if small > 1000 || big < 100_000 || big > 400_000 {
		t.Errorf("1 row %d bytes, 1000 rows %d", small, big)
	}
}

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"plain é 🙂":              "plain é 🙂",
		"\"\\\n\r\t\x00\x1f\x7f": "\"\\\n\r\t\x00\x1f\x7f",
		"\xff":                   "\ufffd",
		"a\xe2\x82b":             "a\ufffdb",           // the start of a sequence is one character
		"\xe2\x28\xa1":           "\ufffd(\ufffd",      // and what follows is read anew
		"\xed\xa0\x80":           "\ufffd\ufffd\ufffd", // a surrogate is none
		"\xf0\x9f\x98":           "\ufffd",
		"\xc0\xaf":               "\ufffd\ufffd",
		"\u2028":                 "\u2028",
	} {
		out := view.AppendString([]byte("x"), in)
		var got string
		if err := json.Unmarshal(out[1:], &got); err != nil || got != want || !utf8.Valid(out) {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
		if string(view.AppendString([]byte("x"), []byte(in))) != string(out) {
			t.Errorf("%q: bytes differ from string", in)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add([]byte("a\xe2\x82b\xf4\x90"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := view.AppendString(nil, in)
		var got string
		if err := json.Unmarshal(out, &got); err != nil || !utf8.Valid(out) {
			t.Fatalf("%q: %q %v", in, out, err)
		}
		if utf8.Valid(in) && got != string(in) {
			t.Fatalf("%q: %q", in, got)
		}
	})
}

// TestAllocations is the gate for what an event of a widget costs the collector: nothing where the state looks as before,
// else the tree that is kept (in two pieces where it is large).
func TestAllocations(t *testing.T) {
	if raceOn {
		t.Skip("SKIPPED: the race detector changes what is allocated; the run without it counts")
	}
	most := map[string]float64{"tile10": 1}
	for _, w := range workload.All() {
		c := compile(t, w.Template)
		trees := [2]*view.Tree{mustRender(t, c, w.States[0]), mustRender(t, c, w.States[1])}
		if n := testing.AllocsPerRun(100, func() {
			if again, err := c.Rerender(trees[0], w.States[0]); err != nil || again != trees[0] {
				t.Fatal("a state that looks as before made another tree", err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations where nothing changed", w.Name, n)
		}
		limit, ok := most[w.Name]
		if !ok {
			limit = 2
		}
		var diff []byte
		last, i := trees[1], 0
		if n := testing.AllocsPerRun(100, func() {
			tree, err := c.Rerender(last, w.States[i&1])
			if err != nil {
				t.Fatal(err)
			}
			var kind view.Change
			if diff, kind = view.AppendDiff(diff[:0], last, tree); kind != view.Patched {
				t.Fatal(kind)
			}
			last = tree
			i++
		}); n > limit {
			t.Errorf("%s: %v allocations an update, limit %v", w.Name, n, limit)
		}
	}
}

// TestRerender: a tree that would be the same is the same one, from either engine, and only of the same template.
func TestRerender(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`<p>{{.S}}</p>{{range .L}}<i>{{.}}</i>{{end}}`, `{{if .B}}<p>{{else}}<p class=x>{{end}}{{.S}}`} {
		c, other := compile(t, text), compile(t, text)
		s := &viewgen.State{S: "a<", L: []string{"1", "2"}}
		first := mustRender(t, c, s)
		changed := *s
		changed.S = "b"
		for _, step := range []struct {
			from *view.Tree
			data any
			same bool
		}{{first, s, true}, {nil, s, false}, {first, &changed, false}, {mustRender(t, other, s), s, false}, {first, *s, false}} {
			tree, err := c.Rerender(step.from, step.data)
			if err != nil || (tree == step.from) != step.same {
				t.Errorf("%s: same %v, %v", text, tree == step.from, err)
			}
			if want := mustRender(t, c, step.data); string(tree.AppendLive(nil)) != string(want.AppendLive(nil)) {
				t.Errorf("%s: %s", text, tree.AppendLive(nil))
			}
		}
	}
}
