package view_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

// A vector is one patch, complete: the browser's patch.js is tested with the same files.
type vector struct {
	Name     string          `json:"name"`
	Template string          `json:"template"`
	Before   string          `json:"before"` // live HTML
	Diff     json.RawMessage `json:"diff"`
	After    string          `json:"after"` // live HTML
}

type vRow struct {
	ID   int
	Name string
	Sel  bool
	Tags []string
}

type vTree struct {
	Name string
	Kids []vTree
}

type vData struct {
	S, T string
	N    int
	On   bool
	H    template.HTML
	A    any
	At   template.HTMLAttr
	Rows []vRow
	L    []string
	Tree vTree
}

func rows(ids ...int) []vRow {
	var out []vRow
	for _, id := range ids {
		out = append(out, vRow{ID: id, Name: strings.Repeat("x", id%4+1)})
	}
	return out
}

func span(from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

func swapped(ids []int, i, j int) []int {
	out := append([]int{}, ids...)
	out[i], out[j] = out[j], out[i]
	return out
}

const (
	keyed   = `<table><tbody>{{range .Rows}}<tr data-key="{{.ID}}"><td>{{.ID}}</td><td>{{.Name}}</td></tr>{{end}}</tbody></table>`
	orElse  = `<ul>{{range .Rows}}<li data-key="{{.ID}}">{{.Name}}</li>{{else}}<li>no rows for {{.S}}</li>{{end}}</ul>`
	several = `<dl>{{range .Rows}}<dt>{{.ID}}</dt><dd>{{.Name}}</dd>{{end}}</dl>`
	nested  = `<ul>{{range .Tree.Kids}}<li data-key="{{.Name}}"><b>{{.Name}}</b><ol>{{range .Kids}}<li data-key="{{.Name}}">{{.Name}}{{range .Kids}}<i>{{.Name}}</i>{{end}}</li>{{end}}</ol></li>{{end}}</ul>`
	deep    = `{{define "deep"}}<li data-key="{{.Name}}" class="n{{len .Kids}}">{{.Name}}<ul>{{range .Kids}}{{template "deep" .}}{{else}}<li>none</li>{{end}}</ul></li>{{end}}<ul>{{template "deep" .Tree}}</ul>`
	tree    = `{{define "node"}}<li>{{.Name}}<ul>{{range .Kids}}{{template "node" .}}{{end}}</ul></li>{{end}}<ul>{{template "node" .Tree}}</ul>`
)

var vectors = []struct {
	name, template string
	before, after  vData
}{
	{"text-only-child", `<b>{{.N}}</b>`, vData{N: 50}, vData{N: 51}},
	{"text-with-siblings", `<p>Hello {{.S}}!<br>and {{.T}}</p>`, vData{S: "Ann", T: "Bob"}, vData{S: "Ann & Eve", T: "Bob"}},
	{"text-run-with-if", `<p>{{.N}} row{{if ne .N 1}}s{{end}} of {{.S}}</p>`, vData{N: 1, S: "orders"}, vData{N: 2, S: "orders"}},
	{"text-from-empty", `<p><i>x</i>{{.S}}</p>`, vData{}, vData{S: "now"}},
	{"text-to-empty", `<p>{{.S}}<i>x</i></p>`, vData{S: "now"}, vData{}},
	{"text-at-the-root", `{{.S}} and <b>{{.T}}</b>`, vData{S: "a", T: "b"}, vData{S: "c", T: "d"}},
	{"text-unescaped", `<p>{{.S}}</p>`, vData{S: "x"}, vData{S: "<b> & \"q\" 'a' + é 🙂 \u2028"}},
	{"text-newlines", `<p>{{.S}}</p>`, vData{S: "x"}, vData{S: "a\r\nb\rc\nd"}},
	{"text-not-utf8", `<p>{{.S}}</p>`, vData{S: "x"}, vData{S: "a\xffb\xe2\x82c\x00d"}},
	{"attribute", `<a href="/o/{{.N}}">x</a>`, vData{N: 1}, vData{N: 2}},
	{"attribute-mixed", `<a class="row {{.S}} {{if .On}}on{{else}}off{{end}}" title='{{.T}}'>x</a>`, vData{S: "a", T: "t"}, vData{S: "b", T: `"<q>"`, On: true}},
	{"attribute-url-filtered", `<a href="{{.S}}">x</a>`, vData{S: "/ok?a=1&copy=2"}, vData{S: "javascript:alert(1)"}},
	{"attribute-unquoted", `<a id=i{{.N}}>{{.S}}</a>`, vData{N: 1, S: "x"}, vData{N: 2, S: "y"}},
	{"attribute-added", `<button{{if .On}} disabled{{end}}>go</button>`, vData{}, vData{On: true}},
	{"attribute-removed", `<button{{if .On}} disabled{{end}}>go</button>`, vData{On: true}, vData{}},
	{"attribute-optional-value", `<tr {{if .On}}class="sel {{.S}}"{{end}}></tr><p {{if .On}}title="{{.S}}"{{end}}>x</p>`, vData{On: true, S: "a"}, vData{On: true, S: "b"}},
	{"attribute-group", `<p {{.At}} class="k" data-{{.S}}="v">x</p>`, vData{At: `title="a" hidden`, S: "one"}, vData{At: `title="b"`, S: "two"}},
	{"input-value-and-checked", `<input type="checkbox" value="{{.S}}"{{if .On}} checked{{end}}>`, vData{S: "a"}, vData{S: "b", On: true}},
	{"branch-patched", `<div>{{if .On}}<p>{{.S}}</p>{{end}}</div>`, vData{On: true, S: "a"}, vData{On: true, S: "b"}},
	{"branch-taken", `<div>{{if .On}}<p>{{.S}}</p>{{end}}</div>`, vData{S: "a"}, vData{On: true, S: "a"}},
	{"branch-left", `<div>{{if .On}}<p>{{.S}}</p>{{end}}</div>`, vData{On: true, S: "a"}, vData{S: "a"}},
	{"branch-with-siblings", `<div>a{{if .On}}<p>{{.S}}</p>{{else}}<b>{{.T}}</b>{{end}}b</div>`, vData{S: "s", T: "t"}, vData{On: true, S: "s", T: "t"}},
	{"branch-else-if", `<div>{{if .On}}<p>on</p>{{else if .N}}<i>{{.N}}</i>{{else}}<b>none</b>{{end}}</div>`, vData{}, vData{N: 3}},
	{"branch-else-if-patched", `<div>{{if .On}}<p>on</p>{{else if .N}}<i>{{.N}}</i>{{end}}</div>`, vData{N: 2}, vData{N: 3}},
	{"branch-with", `<div>{{with .S}}<p>{{.}}</p>{{else with .T}}<b>{{.}}</b>{{end}}</div>`, vData{T: "t"}, vData{S: "s"}},
	{"branch-of-text-or-element", `<div>{{if .On}}text {{.S}}{{else}}<b>{{.T}}</b>{{end}}</div>`, vData{On: true, S: "s"}, vData{On: true, S: "t"}},
	{"list-cell", keyed, vData{Rows: rows(1, 2, 3)}, vData{Rows: []vRow{{ID: 1, Name: "xx"}, {ID: 2, Name: "changed"}, {ID: 3, Name: "xxxx"}}}},
	{"list-swap", keyed, vData{Rows: rows(span(0, 100)...)}, vData{Rows: rows(swapped(span(0, 100), 1, 98)...)}},
	{"list-remove", keyed, vData{Rows: rows(span(0, 100)...)}, vData{Rows: rows(append(span(0, 33), span(34, 100)...)...)}},
	{"list-insert-on-top", keyed, vData{Rows: rows(1, 2, 3)}, vData{Rows: rows(9, 1, 2, 3)}},
	{"list-move-and-change", keyed, vData{Rows: rows(1, 2, 3, 4, 5)}, vData{Rows: []vRow{{ID: 5, Name: "five"}, {ID: 2, Name: "xxx"}, {ID: 1, Name: "one"}, {ID: 7, Name: "new"}}}},
	{"list-reverse", keyed, vData{Rows: rows(1, 2, 3, 4)}, vData{Rows: rows(4, 3, 2, 1)}},
	{"list-replace-all", keyed, vData{Rows: rows(1, 2)}, vData{Rows: rows(3, 4, 5)}},
	{"list-equal-keys", keyed, vData{Rows: rows(1, 1, 2)}, vData{Rows: rows(2, 1, 1, 1)}},
	{"list-emptied", keyed, vData{Rows: rows(1, 2)}, vData{}},
	{"list-filled", keyed, vData{}, vData{Rows: rows(1, 2)}},
	{"list-became-else", orElse, vData{Rows: rows(1), S: "q"}, vData{S: "q"}},
	{"list-else-patched", orElse, vData{S: "q"}, vData{S: "r"}},
	{"list-else-to-rows", orElse, vData{S: "q"}, vData{S: "q", Rows: rows(1, 2)}},
	{"list-with-siblings", `<div><h1>x</h1>{{range .L}}<p>{{.}}</p>{{end}}<hr></div>`, vData{L: []string{"a", "b"}}, vData{L: []string{"b", "c", "a"}}},
	{"list-without-keys-sliding", `<ol>{{range .L}}<li>{{.}}</li>{{end}}</ol>`, vData{L: []string{"1", "2", "3"}}, vData{L: []string{"2", "3", "4"}}},
	{"list-without-keys-in-place", `<ol>{{range .L}}<li>{{.}}</li>{{end}}</ol>`, vData{L: []string{"1", "2", "3"}}, vData{L: []string{"1", "zwei", "3"}}},
	{"list-several-roots", several, vData{Rows: rows(1, 2, 3)}, vData{Rows: []vRow{{ID: 3, Name: "xxxx"}, {ID: 2, Name: "two"}, {ID: 4, Name: "x"}}}},
	{"list-text-rows", `<p>{{range .L}}{{.}}<br>{{end}}</p>`, vData{L: []string{"a", "b"}}, vData{L: []string{"a", "c", "b"}}},
	{"list-spaces", "<p>tags:\n{{range .L}}\n  <span>{{.}}</span>\n{{end}}\n</p><ul>\n{{range .L}}\n  <li>{{.}}</li>\n{{end}}\n</ul>", vData{L: []string{"a"}}, vData{L: []string{"a", "b"}}},
	{
		"list-nested", `<ul>{{range .Rows}}<li data-key="{{.ID}}">{{.Name}}<i>{{range .Tags}}<b>{{.}}</b>{{end}}</i></li>{{end}}</ul>`,
		vData{Rows: []vRow{{ID: 1, Tags: []string{"a", "b"}}, {ID: 2, Tags: []string{"c"}}}},
		vData{Rows: []vRow{{ID: 2, Tags: []string{"d", "c"}}, {ID: 1, Tags: []string{"a", "x"}}}},
	},
	{
		"list-row-attributes", `<ul>{{range .Rows}}<li{{if .Sel}} aria-selected="true"{{end}} data-key="{{.ID}}" class="r{{.ID}}">{{.Name}}</li>{{end}}</ul>`,
		vData{Rows: rows(1, 2)},
		vData{Rows: []vRow{{ID: 1, Name: "xx", Sel: true}, {ID: 2, Name: "y"}}},
	},
	{"list-inlined-row", `{{define "row"}}<li data-key="{{.ID}}">{{.Name}} {{$.ID}}</li>{{end}}<ul>{{range .Rows}} {{template "row" .}} {{end}}</ul>`, vData{Rows: rows(1, 2, 3)}, vData{Rows: []vRow{{ID: 3, Name: "three"}, {ID: 1, Name: "xx"}}}},
	{"list-continue", `<ul>{{range .Rows}}{{if .Sel}}{{continue}}{{end}}<li>{{.Name}}</li>{{end}}</ul>`, vData{Rows: rows(1, 2, 3)}, vData{Rows: []vRow{{ID: 1, Name: "xx"}, {ID: 2, Sel: true}, {ID: 3, Name: "z"}}}},
	{"list-break", `<ul>{{range .Rows}}<li>{{.Name}}</li>{{if .Sel}}{{break}}{{end}}{{end}}</ul>`, vData{Rows: rows(1, 2, 3)}, vData{Rows: []vRow{{ID: 1, Name: "xx"}, {ID: 2, Name: "xxx", Sel: true}, {ID: 3}}}},
	{"html-value", `<p>{{.H}}</p>`, vData{H: "a <b>b</b>"}, vData{H: "<i>c</i>"}},
	{"html-with-siblings", `<p>say: {{.H}}, done<br></p>`, vData{H: "a <b>b</b>"}, vData{H: "<i>c</i> d"}},
	{"interface-text-to-markup", `<p>{{.A}}</p>`, vData{A: "a < b"}, vData{A: template.HTML("<b>b</b>")}},
	{"textarea", "<textarea>{{.S}}</textarea>", vData{S: "a"}, vData{S: "\nb </textarea> & c"}},
	{"title-and-style", "<div><title>{{.S}} – x</title><style>p { width: {{.N}}px }</style></div>", vData{S: "a", N: 1}, vData{S: "b&c", N: 2}},
	{"pre", "<pre>\n{{.S}}\n</pre><pre>{{.T}}</pre>", vData{S: "a", T: "a"}, vData{S: "\nb", T: "\nb"}},
	{"pre-after-a-variable", "<pre>{{$s := .S}}{{$s}}</pre><pre>{{$s := .S}}\n{{$s}}</pre>", vData{S: "a"}, vData{S: "\nb"}},
	{"island-unbalanced", `<div id="d{{.N}}">{{if .On}}<p class="on">{{else}}<p>{{end}}{{.S}}</p></div>`, vData{S: "a"}, vData{S: "b", On: true, N: 1}},
	{"island-tag-name", `<div><h{{.N}}>{{.S}}</h{{.N}}></div><p>{{.S}}</p>`, vData{S: "a", N: 1}, vData{S: "b", N: 2}},
	{"island-no-tbody", `<section><table>{{range .Rows}}<tr><td>{{.Name}}</td></tr>{{end}}</table></section>`, vData{Rows: rows(1)}, vData{Rows: rows(1, 2)}},
	{"noscript", `<p><noscript><b>{{.S}}</b></noscript></p>`, vData{S: "a"}, vData{S: "b"}},
	{"inlined-template", `{{define "kpi"}}<b class="{{.S}}">{{.N}}</b> {{$.T}}{{end}}<p>{{template "kpi" .}} of {{.N}}</p>`, vData{S: "a", N: 1, T: "t"}, vData{S: "b", N: 2, T: "u"}},
	{"inlined-unbalanced", `{{define "open"}}<div class="{{.}}">{{end}}{{define "close"}}</div>{{end}}{{template "open" .S}}{{.T}}{{template "close"}}`, vData{S: "a", T: "t"}, vData{S: "b", T: "u"}},
	{"recursive-template", tree, vData{Tree: vTree{"r", []vTree{{"a", nil}, {"b", []vTree{{"c", nil}}}}}}, vData{Tree: vTree{"r", []vTree{{"a", []vTree{{"new", nil}}}, {"b", []vTree{{"C", nil}}}}}}},
	{"svg", `<svg viewBox="0 0 {{.N}} 10">{{range .Rows}}<rect data-key="{{.ID}}" width="{{.ID}}"/>{{end}}{{if .On}}<text>{{.S}}</text>{{end}}</svg>`, vData{N: 1, Rows: rows(1)}, vData{N: 2, Rows: rows(2, 1), On: true, S: "s"}},
	{"select", `<select name="s">{{range .Rows}}<option value="{{.ID}}"{{if .Sel}} selected{{end}}>{{.Name}}</option>{{end}}</select>`, vData{Rows: rows(1, 2)}, vData{Rows: []vRow{{ID: 1, Name: "xx"}, {ID: 2, Name: "yyy", Sel: true}}}},
	{"variables", `{{$total := 0}}{{range .Rows}}{{$total = .ID}}{{end}}<p>{{$total}}</p>`, vData{Rows: rows(1)}, vData{Rows: rows(1, 2)}},
	{"comment", `<p>a<!-- {{.S}} -->b {{.T}}</p>`, vData{S: "x", T: "y"}, vData{S: "z", T: "w"}},
	{"boolean-attributes", `<button{{if .On}} disabled{{end}}>a</button><input{{if not .On}} readonly{{end}} {{if .On}}required{{end}}><p{{if .On}} hidden{{end}}>x</p>`, vData{}, vData{On: true}},
	{"boolean-attributes-back", `<button{{if .On}} disabled{{end}}>a</button><input{{if not .On}} readonly{{end}} {{if .On}}required{{end}}><p{{if .On}} hidden{{end}}>x</p>`, vData{On: true}, vData{}},
	{"input-value-emptied", `<input name="n" value="{{.S}}"><input value={{.T}}>`, vData{S: "a", T: "b"}, vData{T: "c d"}},
	{"input-value-optional", `<input{{if .On}} value="{{.S}}"{{end}}>`, vData{On: true, S: "a"}, vData{}},
	{"input-unchecked", `<input type="checkbox"{{if .On}} checked{{end}}><input type="radio" name="r"{{if .On}} checked{{end}}><input type="radio" name="r"{{if not .On}} checked{{end}}>`, vData{On: true}, vData{}},
	{
		"select-another", `<select>{{range .Rows}}<option value="{{.ID}}"{{if .Sel}} selected{{end}}>{{.Name}}</option>{{end}}</select>`,
		vData{Rows: []vRow{{ID: 1, Name: "a", Sel: true}, {ID: 2, Name: "b"}}},
		vData{Rows: []vRow{{ID: 1, Name: "a"}, {ID: 2, Name: "b", Sel: true}}},
	},
	{
		"select-options-come-and-go", `<select>{{range .Rows}}<option data-key="{{.ID}}" value="{{.ID}}"{{if .Sel}} selected{{end}}>{{.Name}}</option>{{else}}<option value="">none</option>{{end}}</select>`,
		vData{Rows: []vRow{{ID: 1, Name: "a", Sel: true}, {ID: 2, Name: "b"}, {ID: 3, Name: "c"}}},
		vData{Rows: []vRow{{ID: 4, Name: "d"}, {ID: 3, Name: "C", Sel: true}, {ID: 1, Name: "a"}}},
	},
	{"select-emptied", `<select>{{range .Rows}}<option value="{{.ID}}">{{.Name}}</option>{{else}}<option value="">none</option>{{end}}</select>`, vData{Rows: rows(1, 2)}, vData{}},
	{"textarea-emptied", `<textarea>{{.S}}</textarea><textarea>fixed {{.T}}</textarea>`, vData{S: "a", T: "b"}, vData{}},
	{"details-opened", `<details{{if .On}} open{{end}}><summary>{{.S}}</summary>{{if .On}}<p>{{.T}}</p>{{end}}</details>`, vData{S: "a", T: "t"}, vData{S: "b", T: "t", On: true}},
	{"dialog-closed", `<dialog{{if .On}} open{{end}}><p>{{.S}}</p></dialog>`, vData{S: "a", On: true}, vData{S: "b"}},
	{"svg-attributes", `<svg viewBox="0 0 {{.N}} 10" preserveAspectRatio="{{.S}}"><path d="M0 {{.N}}"{{if .On}} fill="red"{{end}}/><linearGradient gradientUnits="{{.T}}"></linearGradient></svg>`, vData{N: 1, S: "none", T: "x"}, vData{N: 2, S: "xMidYMid", T: "y", On: true}},
	{"svg-children", `<svg>{{if .On}}<g><circle r="{{.N}}"/></g>{{else}}<text>{{.S}}</text>{{end}}{{range .Rows}}<rect data-key="{{.ID}}" width="{{.ID}}"/>{{end}}</svg>`, vData{N: 1, S: "s", Rows: rows(1, 2, 3)}, vData{N: 2, On: true, Rows: rows(4, 3, 1)}},
	{"svg-foreign-object", `<svg><foreignObject width="{{.N}}"><p>{{.S}}</p>{{if .On}}<b>x</b>{{end}}</foreignObject></svg>`, vData{S: "a"}, vData{N: 1, S: "b", On: true}},
	{"svg-namespaced-attribute", `<svg><use xlink:href="#{{.S}}"/></svg>`, vData{S: "a"}, vData{S: "b"}},
	{"math", `<math><mfrac><mi>{{.S}}</mi>{{if .On}}<mn>{{.N}}</mn>{{else}}<mo>+</mo>{{end}}</mfrac></math>`, vData{S: "x"}, vData{S: "y", On: true, N: 2}},
	{"list-everything-at-once", keyed, vData{Rows: rows(1, 2, 3, 4, 5, 6)}, vData{Rows: []vRow{{ID: 7, Name: "new"}, {ID: 5, Name: "xx"}, {ID: 2, Name: "changed"}, {ID: 8, Name: "new"}, {ID: 6, Name: "xxx"}, {ID: 1, Name: "xx"}}}},
	{
		"list-nested-everything-at-once", nested,
		vData{Tree: vTree{"", []vTree{{"a", []vTree{{"1", nil}, {"2", nil}, {"3", nil}}}, {"b", []vTree{{"4", nil}}}, {"c", nil}}}},
		vData{Tree: vTree{"", []vTree{{"d", []vTree{{"9", nil}}}, {"c", []vTree{{"7", nil}}}, {"a", []vTree{{"3", nil}, {"new", nil}, {"1", []vTree{{"x", nil}}}}}}}},
	},
	{"list-equal-keys-apart", `<ul>{{range .Rows}}<li data-key="{{.ID}}">{{.Name}}</li>{{end}}</ul>`, vData{Rows: []vRow{{ID: 1, Name: "a"}, {ID: 2, Name: "b"}, {ID: 1, Name: "c"}}}, vData{Rows: []vRow{{ID: 1, Name: "c"}, {ID: 1, Name: "a"}, {ID: 1, Name: "d"}, {ID: 2, Name: "b"}}}},
	{"list-several-roots-and-siblings", `<dl><dt>head</dt>{{range .Rows}}<dt>{{.ID}}</dt>{{if .Sel}}<dd>{{.Name}}</dd>{{end}}{{end}}<dt>foot</dt></dl>`, vData{Rows: rows(1, 2, 3)}, vData{Rows: []vRow{{ID: 3, Name: "c", Sel: true}, {ID: 4}, {ID: 1, Name: "a"}}}},
	{
		"recursive-keyed-rows", deep,
		vData{Tree: vTree{"r", []vTree{{"a", []vTree{{"b", nil}, {"c", nil}}}, {"d", nil}}}},
		vData{Tree: vTree{"r", []vTree{{"d", []vTree{{"e", nil}}}, {"a", []vTree{{"c", nil}, {"b", []vTree{{"f", nil}}}}}}}},
	},
	{"recursive-to-else", deep, vData{Tree: vTree{"r", []vTree{{"a", nil}}}}, vData{Tree: vTree{"s", nil}}},
	{
		"recursive-each-other", `{{define "even"}}<b>{{.Name}}</b>{{range .Kids}}{{template "odd" .}}{{end}}{{end}}{{define "odd"}}<i title="{{.Name}}">{{range .Kids}}{{template "even" .}}{{end}}</i>{{end}}<div>{{template "even" .Tree}}</div>`,
		vData{Tree: vTree{"r", []vTree{{"a", []vTree{{"b", nil}}}}}},
		vData{Tree: vTree{"R", []vTree{{"a", []vTree{{"B", nil}, {"c", nil}}}, {"d", nil}}}},
	},
	{"branch-else-with", `<div>{{with .Rows}}<p>{{len .}}</p>{{else with .S}}<b>{{.}}</b>{{else}}<i>{{.T}}</i>{{end}}</div>`, vData{S: "s", T: "t"}, vData{T: "t"}},
	{"variable-assigned-in-a-list", `{{$last := "none"}}<ul>{{range .L}}{{$last = .}}<li>{{$last}}</li>{{end}}</ul><p title="{{$last}}">{{$last}}</p>`, vData{L: []string{"a"}}, vData{L: []string{"a", "b"}}},
	{"attribute-srcset-and-url", `<img srcset="{{.S}} 2x" src="/i?n={{.T}}&amp;x=1"><a href='{{if .On}}/on{{else}}/off{{end}}'>x</a>`, vData{S: "/a", T: "1"}, vData{S: "javascript:x", T: "a b+c", On: true}},
	{"markup-that-breaks-out", `<p>{{.H}}</p><b>{{.S}}</b>`, vData{H: "a", S: "s"}, vData{H: "<div>b</div>", S: "t"}},
	{"markup-of-blocks", `<div>{{.H}} tail</div>`, vData{H: "<p>a</p>"}, vData{H: "<ul><li>b</li></ul><p>c</p>"}},
	{"script-and-json", `<script>var a = {{.N}};</script><script type="application/json">{"a": {{.S}}}</script>`, vData{N: 1, S: "x"}, vData{N: 2, S: "</script>"}},
	{"whole", `</p>{{.S}}`, vData{S: "a"}, vData{S: "b"}},
}

// TestVectors holds each vector to the file that the browser reads, and applies it.
func TestVectors(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			std := template.Must(template.New(v.name).Parse(v.template))
			c, err := view.Compile(std)
			if err != nil {
				t.Fatal(err)
			}
			before, after := render(t, c, std, &v.before), render(t, c, std, &v.after)
			diff, kind := view.AppendDiff(nil, before, after)
			if kind == view.Whole {
				diff = view.AppendString(nil, after.AppendLive(nil))
			}
			page, err := viewtest.Parse(string(before.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if err := page.Apply(diff); err != nil {
				t.Fatal(err)
			}
			want, err := viewtest.Parse(string(after.AppendLive(nil)))
			if err != nil {
				t.Fatal(err)
			}
			if page.HTML() != want.HTML() {
				t.Errorf("diff %s\ngot  %s\nwant %s", diff, page.HTML(), want.HTML())
			}
			compare(t, vector{v.name, v.template, string(before.AppendLive(nil)), diff, string(after.AppendLive(nil))})
		})
		seen[v.name+".json"] = true
	}
	files, err := filepath.Glob("testdata/vectors/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[filepath.Base(f)] {
			t.Errorf("%s is no vector of this test", f)
		}
	}
}

func render(t *testing.T, c *view.Template, std *template.Template, data any) *view.Tree {
	t.Helper()
	tree, err := c.Render(data)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := std.Execute(&b, data); err != nil {
		t.Fatal(err)
	}
	if got := tree.AppendHTML(nil); !bytes.Equal(got, b.Bytes()) {
		t.Fatalf("got  %s\nwant %s", got, b.Bytes())
	}
	return tree
}

// quoted is a JSON string of what a browser makes of s.
func quoted(s string) string { return string(view.AppendString(nil, s)) }

func compare(t *testing.T, v vector) {
	t.Helper()
	var diff bytes.Buffer
	if err := json.Compact(&diff, v.Diff); err != nil {
		t.Fatal(err)
	}
	text := "{"
	for i, field := range []struct{ name, json string }{
		{"name", quoted(v.Name)}, {"template", quoted(v.Template)}, {"before", quoted(v.Before)}, {"diff", diff.String()}, {"after", quoted(v.After)},
	} {
		if i > 0 {
			text += ","
		}
		text += "\n  " + quoted(field.name) + ": " + field.json
	}
	text += "\n}\n"
	file := filepath.Join("testdata", "vectors", v.Name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -run Vectors -update writes it)", err)
	}
	if string(want) != text {
		t.Errorf("%s is not what it was; is that meant? (-update)\ngot  %s\nwant %s", file, text, want)
	}
}
