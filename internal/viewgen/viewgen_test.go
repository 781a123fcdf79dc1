package viewgen_test

import (
	"encoding/json"
	"strings"
	"testing"

	"greenroom/internal/viewgen"
)

func TestSequencesComeBack(t *testing.T) {
	deal := func(seed uint64, n int) []string {
		all, err := viewgen.Sequences(seed, n)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, s := range all {
			data, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(data))
			if len(s.Steps) < 2 || len(s.Steps[0].Diff) > 0 || len(s.Steps[0].Live) == 0 {
				t.Errorf("seed %d: %d steps, the first %s", s.Seed, len(s.Steps), s.Steps[0].Diff)
			}
		}
		return out
	}
	first, again := deal(7, 5), deal(7, 5)
	for i := range first {
		if first[i] != again[i] {
			t.Errorf("sequence %d of the same seed differs:\n%s\n%s", i, first[i], again[i])
		}
	}
	all, err := viewgen.Sequences(7, 5)
	if err != nil {
		t.Fatal(err)
	}
	if alone := deal(all[4].Seed, 1); alone[0] != first[4] {
		t.Errorf("its seed brings back another sequence:\n%s\n%s", alone[0], first[4])
	}
}

// TestTemplate deals everything that package view promises to work.
func TestTemplate(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(800) {
		all.WriteString(viewgen.NewDice(viewgen.Seed(seed)).Template())
	}
	for _, want := range []string{
		"{{if ", "{{else if ", "{{else}}", "{{with ", "{{else with ", "{{range ", "{{break}}", "{{continue}}", "$i, $e := ", "{{$c = 2}}", "{{template ", "{{block ", "{{/* ", "{{- ",
		"<svg", "<math", "<textarea", "<title", "<select", "<option", "<script", "<style", "<details", "<dialog", "<table", "<pre", "<noscript", "<!--",
		" data-key=", " checked", " selected", " value=", " hidden", " srcset=", " href=", " style=", " onclick=", "{{.Attr}}", "xlink:href", "viewBox",
		".H", ".U", ".J", ".JStr", ".Style", ".Srcset", ".P", ".PN", ".M.k", "index .MI", "printf ", "call .Fn", ".Hello", ".Pointer", ".Join", ".Fails", "boom", "html ", "urlquery", "slice ", "eq ", "and ", "or ", "not ",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no template has %s", want)
		}
	}
}
