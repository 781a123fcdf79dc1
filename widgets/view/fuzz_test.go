package view_test

import (
	"bytes"
	"flag"
	"html/template"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

// check compiles a generated template and follows it through some states. The plain HTML must be html/template's, the
// live HTML must show the same, and patches must lead to what a parser makes of the live HTML.
func check(t *testing.T, seed []byte) {
	d := &dice{bytes: seed}
	text := d.template()
	std, err := template.New("main").Funcs(funcs).Parse(text)
	if err != nil {
		return // not a template
	}
	var c *view.Template
	if d.n(2) == 0 {
		c, err = view.Compile(std)
	} else {
		c, err = view.Compile(std, funcs)
	}
	first := d.state()
	data := func(s *state) any { return s }
	if d.n(3) == 0 { // by value: nothing of it is addressable
		data = func(s *state) any { return *s }
	}
	var out bytes.Buffer
	wantErr := std.Execute(&out, data(first))
	if err != nil {
		if wantErr == nil || !strings.Contains(wantErr.Error(), "html/template:") {
			t.Fatalf("%s\nCompile: %v, html/template: %v", text, err, wantErr)
		}
		return
	}
	var page *viewtest.Page
	var before *view.Tree
	s := first
	for step := range 5 {
		if step > 0 {
			s = d.change(s)
		}
		out.Reset()
		wantErr := std.Execute(&out, data(s))
		tree, err := c.Rerender(before, data(s))
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%s\nRender: %v, html/template: %v", text, err, wantErr)
		}
		if err != nil {
			continue
		}
		if got := tree.AppendHTML(nil); !bytes.Equal(got, out.Bytes()) {
			t.Fatalf("%s\ngot  %q\nwant %q", text, got, out.Bytes())
		}
		if err := view.SameRecordings(c, data(s), &engines); err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		live := string(tree.AppendLive(nil))
		want, err := viewtest.Parse(live)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := viewtest.Parse(out.String())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := spaceless(want), spaceless(plain); a != b {
			t.Fatalf("%s\nlive  %q\nplain %q\nlive  %s\nplain %s", text, live, out.String(), a, b)
		}
		if page == nil {
			page, before = want, tree
			continue
		}
		diff, kind := view.AppendDiff(nil, before, tree)
		if !utf8.Valid(diff) {
			t.Fatalf("%s\nthe diff is not UTF-8: %q", text, diff)
		}
		switch kind {
		case view.Same:
			if !bytes.Equal(before.AppendLive(nil), tree.AppendLive(nil)) {
				t.Fatalf("%s\nSame, but\n%q\n%q", text, before.AppendLive(nil), live)
			}
		case view.Patched:
			was := page.HTML()
			if err := page.Apply(diff); err != nil {
				t.Fatalf("%s\n%v\n%s\n%s", text, err, was, diff)
			}
		case view.Whole:
			if err := page.Apply(view.AppendString(nil, live)); err != nil {
				t.Fatal(err)
			}
		}
		if page.HTML() != want.HTML() {
			t.Fatalf("%s\nbefore %q\nlive   %q\ndiff   %s\ngot    %s\nwant   %s", text, before.AppendLive(nil), live, diff, page.HTML(), want.HTML())
		}
		before = tree
	}
}

// spaceless is a page without its markers and with spaces collapsed: rows are stripped of those around them.
func spaceless(p *viewtest.Page) string {
	var b strings.Builder
	for _, part := range strings.SplitAfter(p.Plain(), ">") {
		text, tag, _ := strings.Cut(part, "<")
		b.WriteString(strings.Join(strings.Fields(text), " ") + "<" + tag)
	}
	return b.String()
}

var engines view.Engines

func seedBytes(n uint64) []byte {
	r := rand.New(rand.NewPCG(n, 1))
	b := make([]byte, 200+r.IntN(1200))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

var (
	seeds = flag.Uint64("seeds", 600, "how many templates TestRandom generates")
	from  = flag.Uint64("from", 0, "the seed of the first")
)

func TestRandom(t *testing.T) {
	for i := *from; i < *from+*seeds; i++ {
		check(t, seedBytes(i))
		if t.Failed() {
			t.Fatalf("seed %d", i)
		}
	}
	t.Logf("%+v", engines)
}

// FuzzParity holds the plain HTML to html/template's own, for one state of a generated template.
func FuzzParity(f *testing.F) {
	for i := range uint64(20) {
		f.Add(seedBytes(i))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		d := &dice{bytes: seed}
		text := d.template()
		std, err := template.New("main").Funcs(funcs).Parse(text)
		if err != nil {
			return
		}
		c, err := view.Compile(std, funcs)
		if err != nil {
			return // FuzzDiff looks at it
		}
		s := d.state()
		var want bytes.Buffer
		wantErr := std.Execute(&want, s)
		tree, err := c.Render(s)
		switch {
		case (err != nil) != (wantErr != nil):
			t.Fatalf("%s\nRender: %v, html/template: %v", text, err, wantErr)
		case err == nil && string(tree.AppendHTML(nil)) != want.String():
			t.Fatalf("%s\ngot  %q\nwant %q", text, tree.AppendHTML(nil), want.String())
		}
	})
}

// FuzzDiff follows a generated template through several states.
func FuzzDiff(f *testing.F) {
	for i := range uint64(20) {
		f.Add(seedBytes(i))
	}
	f.Fuzz(check)
}
