package view

import (
	"html/template"
	"testing"
)

// A noscript element whose end is where a parser finds it stays in its place, without asking a parser; anything else in it is text on a page with scripts.
func TestNoscriptStaysInItsPlace(t *testing.T) {
	t.Parallel()
	compiled, err := Compile(template.Must(template.New("t").Parse(`<section>{{.A}}<p>{{.N}}</p></section>`)))
	if err != nil {
		t.Fatal(err)
	}
	type data struct {
		A template.HTML
		N int
	}
	for markup, want := range map[template.HTML]Change{
		`<noscript><form><p><button name="a">x</button></form></noscript>`: Patched,
		`<noscript>a</noscript><b>c</b><noscript>d</noscript>`:             Patched,
		`<noscript></p></div></noscript>`:                                  Patched,
		`<noscript>never closed`:                                           Whole,
		`<noscript>a</NOSCRIPT><b>`:                                        Whole,
		`<noscript>a</noscript></section>`:                                 Whole,
	} {
		one, err := compiled.Render(data{markup, 1})
		if err != nil {
			t.Fatal(err)
		}
		two, err := compiled.Render(data{markup, 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, got := AppendDiff(nil, one, two); got != want {
			t.Errorf("%s: %s, want %s", markup, got, want)
		}
	}
	if !harmless([]byte(`<noscript><form><input></form></noscript>`), givenFlow) || harmless([]byte(`<noscript>a</noscript>`), givenText) {
		t.Error("a noscript element is looked at by a parser, or let pass where it may not be")
	}
}
