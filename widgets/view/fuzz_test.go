package view_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/internal/viewgen"
	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

// The invariants that check holds a template to:
//
//	the plain HTML is html/template's, and so is whether there is an error
//	both engines leave the same behind
//	a patch leads to what a parser makes of the new live HTML; so does one over several states, and one back
//	nothing is sent exactly when nothing changed
//	a patch is JSON and valid UTF-8
//	a patch uses each row that there was at most once

// check compiles a generated template and follows it through some states.
func check(t *testing.T, seed []byte) {
	d := viewgen.NewDice(seed)
	text := d.Template()
	std, err := template.New("main").Funcs(viewgen.Funcs()).Parse(text)
	if err != nil {
		return // not a template
	}
	c, err := compileGenerated(std, d.N(2) == 0)
	state := d.State()
	if err != nil {
		if wantErr := std.Execute(&bytes.Buffer{}, state); wantErr == nil || !strings.Contains(wantErr.Error(), "html/template:") {
			t.Fatalf("%s\nCompile: %v, html/template: %v", text, err, wantErr)
		}
		return
	}
	f := follower{t: t, text: text, std: std, c: c, byValue: d.N(3) == 0}
	for range 5 {
		f.step(state)
		state = d.Change(state)
	}
	f.leap()
}

// compileGenerated compiles also what Compile refuses for its attributes; typed says what functions return.
func compileGenerated(std *template.Template, typed bool) (c *view.Template, err error) {
	if typed {
		c, err = view.Compile(std, viewgen.Funcs())
	} else {
		c, err = view.Compile(std)
	}
	if err != nil && strings.Contains(err.Error(), "security policy") {
		return view.CompileAny(std)
	}
	return c, err
}

// follower holds a page to the states of one template.
type follower struct {
	t    *testing.T
	text string
	std  *template.Template
	c    *view.Template
	// byValue renders the states themselves, not pointers to them.
	byValue bool
	trees   []*view.Tree
	page    *viewtest.Page
}

func (f *follower) step(state *viewgen.State) {
	f.t.Helper()
	var data any = state
	if f.byValue { // nothing of it has an address
		data = *state
	}
	var out bytes.Buffer
	wantErr := f.std.Execute(&out, data)
	var before *view.Tree
	if len(f.trees) > 0 {
		before = f.trees[len(f.trees)-1]
	}
	tree, err := f.c.Rerender(before, data)
	counts.renders++
	if (err != nil) != (wantErr != nil) {
		f.t.Fatalf("%s\nRender: %v, html/template: %v", f.text, err, wantErr)
	}
	if err != nil {
		counts.failures++
		return
	}
	if got := tree.AppendHTML(nil); !bytes.Equal(got, out.Bytes()) {
		f.t.Fatalf("%s\ngot  %q\nwant %q", f.text, got, out.Bytes())
	}
	if err := view.SameRecordings(f.c, data, &counts.Engines); err != nil {
		f.t.Fatalf("%s\n%v", f.text, err)
	}
	live := f.parse(string(tree.AppendLive(nil)))
	if a, b := spaceless(live), spaceless(f.parse(out.String())); a != b {
		f.t.Fatalf("%s\nlive  %q\nplain %q\nlive  %s\nplain %s", f.text, tree.AppendLive(nil), out.String(), a, b)
	}
	again, err := f.c.Render(data)
	if err != nil {
		f.t.Fatal(err)
	}
	if diff, kind := view.AppendDiff(nil, tree, again); kind != view.Same || len(diff) > 0 {
		f.t.Fatalf("%s\nthe same state, and %s %s", f.text, kind, diff)
	}
	if f.page == nil {
		f.page = live
	} else {
		f.patch(f.page, f.trees[len(f.trees)-1], tree)
	}
	f.trees = append(f.trees, tree)
}

// leap goes from the first state to the last with one patch, and back.
func (f *follower) leap() {
	f.t.Helper()
	if len(f.trees) > 2 {
		first, last := f.trees[0], f.trees[len(f.trees)-1]
		page := f.parse(string(first.AppendLive(nil)))
		f.patch(page, first, last)
		f.patch(page, last, first)
	}
}

func (f *follower) parse(live string) *viewtest.Page {
	f.t.Helper()
	p, err := viewtest.Parse(live)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// patch brings a page from one state to another.
func (f *follower) patch(page *viewtest.Page, from, to *view.Tree) {
	f.t.Helper()
	was, live := page.HTML(), string(to.AppendLive(nil))
	want := f.parse(live).HTML()
	diff, kind := view.AppendDiff(nil, from, to)
	counts.diffs++
	switch kind {
	case view.Same:
		if !bytes.Equal(from.AppendLive(nil), to.AppendLive(nil)) || len(diff) > 0 {
			f.t.Fatalf("%s\nSame, but\n%q\n%q", f.text, from.AppendLive(nil), live)
		}
	case view.Patched:
		counts.patches++
		if string(diff) == "[]" && was != want {
			f.t.Fatalf("%s\nan empty patch, but\n%q\n%q", f.text, from.AppendLive(nil), live)
		}
		if err := wellFormed(diff); err != nil {
			f.t.Fatalf("%s\n%v: %q", f.text, err, diff)
		}
	case view.Whole:
		diff = view.AppendString(nil, live)
	}
	if len(diff) > 0 {
		if err := page.Apply(diff); err != nil {
			f.t.Fatalf("%s\n%v\n%s\n%s", f.text, err, was, diff)
		}
	}
	if got := page.HTML(); got != want {
		f.t.Fatalf("%s\nbefore %q\nlive   %q\ndiff   %s\nwas    %s\ngot    %s\nwant   %s", f.text, from.AppendLive(nil), live, diff, was, got, want)
	}
}

// wellFormed says what every patch is, whatever page it is for.
func wellFormed(diff []byte) error {
	if !utf8.Valid(diff) {
		return errors.New("a patch that is not UTF-8")
	}
	var v any
	if err := json.Unmarshal(diff, &v); err != nil {
		return fmt.Errorf("a patch that is not JSON: %w", err)
	}
	return rowsOnce(v)
}

// rowsOnce looks for an order of rows that uses one twice.
func rowsOnce(v any) error {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			if err := rowsOnce(inner); err != nil {
				return err
			}
		}
	case map[string]any:
		used := map[float64]bool{}
		order, _ := v["o"].([]any)
		for i := 0; i < len(order); i++ {
			start, ok := order[i].(float64)
			if !ok {
				continue // a fresh row
			}
			i++
			count, ok := float64(0), false
			if i < len(order) {
				count, ok = order[i].(float64)
			}
			if !ok || count < 1 {
				return fmt.Errorf("an order with a run of %v rows", order[i:])
			}
			for n := start; n < start+count; n++ {
				if used[n] {
					return fmt.Errorf("an order that uses row %v twice", n)
				}
				used[n] = true
			}
		}
		for _, inner := range v {
			if err := rowsOnce(inner); err != nil {
				return err
			}
		}
	}
	return nil
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

// counts says what TestRandom went through.
var counts struct {
	view.Engines
	renders, failures, diffs, patches int
}

var (
	seeds = flag.Uint64("seeds", 600, "how many templates TestRandom generates")
	from  = flag.Uint64("from", 0, "the seed of the first")
)

func TestRandom(t *testing.T) {
	if raceOn { // it costs ten times as much, and finds races no better with more
		*seeds = min(*seeds, 100)
	}
	for i := *from; i < *from+*seeds; i++ {
		check(t, viewgen.Seed(i))
		if t.Failed() {
			t.Fatalf("seed %d", i)
		}
	}
	t.Logf("%d renders, %d of them errors, %d diffs, %d of them patches; executed by %+v", counts.renders, counts.failures, counts.diffs, counts.patches, counts.Engines)
	if *seeds >= 600 && (counts.failures > counts.renders/2 || counts.patches < 500) {
		t.Error("the generator makes too little that can be compared")
	}
}

// FuzzParity holds the plain HTML to html/template's own, for one state of a generated template.
func FuzzParity(f *testing.F) {
	for i := range uint64(20) {
		f.Add(viewgen.Seed(i))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		d := viewgen.NewDice(seed)
		text := d.Template()
		std, err := template.New("main").Funcs(viewgen.Funcs()).Parse(text)
		if err != nil {
			return
		}
		c, err := compileGenerated(std, true)
		if err != nil {
			return // FuzzDiff looks at it
		}
		s := d.State()
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
		f.Add(viewgen.Seed(i))
	}
	f.Fuzz(check)
}
