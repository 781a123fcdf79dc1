package view_test

import (
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"
)

// dice deals choices out of fuzz bytes; when they are used up it always deals 0, which ends everything.
type dice struct {
	bytes []byte
	depth int
}

func (d *dice) n(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

func pick[T any](d *dice, of ...T) T { return of[d.n(len(of))] }

// state is what the generated templates show: a field for each kind of value that html/template treats its own way.
type state struct {
	S, T  string
	N     int
	F     float64
	B, C  bool
	H     template.HTML
	A     any
	Attr  template.HTMLAttr
	P     *string
	L     []string
	R     []item
	Q     []*item
	M     map[string]string
	MA    map[string]any
	In    *item
	Str   fmt.Stringer
	Err   error
	Tree  item
	D     time.Duration
	Fn    func(int) string
	Bytes []byte
}

type hidden struct{ Upper, Kept string } // Upper is hidden by item's method

type item struct {
	hidden
	ID, S string
	N     int
	B     bool
	H     template.HTML
	A     any
	L     []string
	Kids  []item
}

func (s state) Hello() string           { return "hello <" + s.S + ">" }
func (s *state) Pointer() int           { return s.N + 1 }
func (s state) Join(a, b string) string { return a + "+" + b }
func (s state) Fails() (string, error)  { return "", errors.New("fails") }
func (i item) Upper() string            { return strings.ToUpper(i.S) }
func (i *item) Markup() template.HTML {
	return "<b>" + template.HTML(template.HTMLEscapeString(i.S)) + "</b>"
}
func (i item) Twice(n int) int { return 2 * n }
func (i item) String() string  { return "item " + i.ID }

var funcs = template.FuncMap{
	"shout": func(s string) string { return s + "!" },
	"bold":  func(s string) template.HTML { return "<b>" + template.HTML(template.HTMLEscapeString(s)) + "</b>" },
	"add":   func(a, b int) int { return a + b },
	"some":  func() any { return "some" },
	"list":  func(s ...string) []string { return s },
	"boom":  func() (int, error) { return 0, errors.New("boom") },
}

var texts = []string{
	"", "a", "b c", " ", "\n", "<", "&", "\"", "'", "+", "a&amp;b", "\r\n", "\r", "\x00", "\xff", "\xe2\x82", "é", "\u2028", "<!--", "-->",
	"javascript:alert(1)", "/x?a=1&b=2", "<b>bold</b>", "</div>", "a b", "x=\"y\"", "0", "1", "{{", "&copy=1", "\t", "long long text", "`", "http://x/é y",
}

func (d *dice) text() string { return texts[d.n(len(texts))] }

func (d *dice) markup() template.HTML {
	return pick[template.HTML](d, "", "<b>x</b>", "text", "<i>1</i><i>2</i>", "a<br>b", "&lt;", "<b class='q'>z</b> tail", "\n", "x &amp; y")
}

func (d *dice) any() any {
	return pick[any](d, nil, "s", "<i>", 7, 2.5, true, template.HTML("<u>u</u>"), []string{"x", "<y>"}, map[string]string{"S": "m"},
		&item{ID: "p", S: "pointer"}, item{ID: "v"}, time.Minute, errors.New("e<"), template.URL("javascript:ok()"), "", []int{1, 2}, template.HTML(""), (*item)(nil), template.JS("f()"))
}

func (d *dice) item(depth int) item {
	i := item{hidden: hidden{"u", d.text()}, ID: pick(d, "1", "2", "3", "4", "5", "6", "7", "<8>", ""), S: d.text(), N: d.n(5), B: d.n(2) == 1, H: d.markup(), A: d.any()}
	for range d.n(3) {
		i.L = append(i.L, d.text())
	}
	if depth > 0 {
		for range d.n(3) {
			i.Kids = append(i.Kids, d.item(depth-1))
		}
	}
	return i
}

func (d *dice) state() *state {
	s := &state{S: d.text(), T: d.text(), N: d.n(7) - 2, F: pick(d, 0, 0.5, 1e21, -3), B: d.n(2) == 1, C: d.n(2) == 1, H: d.markup(), A: d.any(), D: time.Duration(d.n(5)) * time.Second}
	s.Attr = pick[template.HTMLAttr](d, "", `data-a="1"`, `data-a="2" data-b`, `title='x' hidden`)
	if d.n(2) == 1 {
		t := d.text()
		s.P = &t
	}
	for range d.n(4) {
		s.L = append(s.L, d.text())
	}
	for range d.n(6) {
		s.R = append(s.R, d.item(1))
	}
	for range d.n(3) {
		i := d.item(0)
		s.Q = append(s.Q, &i)
	}
	if d.n(3) > 0 {
		s.M = map[string]string{"k": d.text(), "j": d.text()}
		s.MA = map[string]any{"k": d.any(), "S": d.text()}
	}
	if d.n(3) > 0 {
		i := d.item(1)
		s.In = &i
	}
	if d.n(3) > 0 {
		s.Str = time.Duration(d.n(9)) * time.Minute
		s.Err = errors.New(d.text())
	}
	s.Tree = d.item(2)
	s.Fn = func(i int) string { return fmt.Sprint("fn", i) }
	s.Bytes = []byte(d.text())
	return s
}

// change makes a state that differs a little.
func (d *dice) change(s *state) *state {
	c := *s
	for range 1 + d.n(3) {
		switch d.n(12) {
		case 0:
			c.S = d.text()
		case 1:
			c.T = d.text()
		case 2:
			c.N, c.F = d.n(7)-2, pick(d, 0, 0.25, 1e21)
		case 3:
			c.B, c.C = d.n(2) == 1, d.n(2) == 1
		case 4:
			c.H, c.A = d.markup(), d.any()
		case 5:
			c.L = append(append([]string{}, c.L...), d.text())
		case 6:
			c.R = d.shuffle(c.R)
		case 7:
			c.R = append([]item{d.item(1)}, c.R...)
		case 8:
			if len(c.R) > 0 {
				c.R = append([]item{}, c.R...)
				i := d.n(len(c.R))
				id := c.R[i].ID
				c.R[i] = d.item(1)
				c.R[i].ID = id
			}
		case 9:
			if len(c.R) > 0 {
				i := d.n(len(c.R))
				c.R = append(append([]item{}, c.R[:i]...), c.R[i+1:]...)
			}
		case 10:
			c.Tree = d.item(2)
			c.Attr = pick[template.HTMLAttr](d, "", `data-a="1"`, `data-a="2" data-b`, `title='x' hidden`)
		case 11:
			return d.state()
		}
	}
	return &c
}

func (d *dice) shuffle(in []item) []item {
	out := append([]item{}, in...)
	for i := range out {
		j := d.n(len(out))
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// gen writes a template.
type gen struct {
	*dice
	b     strings.Builder
	loop  int // loops around, in this template
	vars  []string
	calls bool
	plain int // in elements where markup does not belong
}

// source is a whole template set.
func (d *dice) template() string {
	g := &gen{dice: d, calls: true}
	g.b.WriteString(pick(d, "", "", "\n", " "))
	for range 1 + d.n(4) {
		g.child("state", 4)
	}
	main := g.b.String()
	var defs strings.Builder
	for i, scope := range []string{"state", "item", "string"} {
		g := &gen{dice: d}
		for range 1 + d.n(2) {
			g.child(scope, 2)
		}
		fmt.Fprintf(&defs, `{{define "d%d"}}%s{{end}}`, i, g.b.String())
	}
	defs.WriteString(`{{define "tree"}}<li>{{.S}}{{if .Kids}}<ul>{{range .Kids}}{{template "tree" .}}{{end}}</ul>{{end}}</li>{{end}}`)
	defs.WriteString(`{{define "count"}}{{.S}}{{range .Kids}}, {{template "count" .}}{{end}}{{end}}`)
	defs.WriteString(pick(d, `{{define "open"}}<div class="o {{.}}">{{end}}{{define "close"}}</div>{{end}}`, `{{define "open"}}<p>{{end}}{{define "close"}}{{.}}{{end}}`))
	return defs.String() + main
}

func (g *gen) w(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

// value is an expression for a scope.
func (g *gen) value(scope string) string {
	if g.plain == 0 && len(g.vars) > 0 && g.n(4) == 0 {
		return g.vars[g.n(len(g.vars))]
	}
	switch {
	case g.plain > 0 && scope != "string":
		return pick(g.dice, ".S", ".N", ".B")
	case g.plain > 0:
		return "print ."
	}
	switch scope {
	case "item":
		return pick(g.dice, ".S", ".ID", ".N", ".B", ".Upper", ".Kept", ".H", ".A", ".Markup", ".Twice 3", "len .L", ".", "printf \"%d-%s\" .N .S", "bold .S", ".L", "add .N 1", "eq .S \"a\"", "shout .S", ".Missing")
	case "string":
		return pick(g.dice, ".", "len .", "printf \"%q\" .", "shout .", "html .", ". | bold", "urlquery .", "slice . 0 0", "print .")
	}
	return pick(g.dice, ".S", ".T", ".N", ".F", ".B", ".H", ".A", ".P", ".In.S", ".M.k", ".MA.k", ".Hello", ".Pointer", `.Join "x" .S`, ".Str", ".Err", ".D",
		`index .L 0`, `index .M "j"`, "len .R", `printf "%05d" .N`, "and .B .S", "or .S .T", "not .B", ".S | printf \"%s\"", "bold .T", "some", "shout .S | shout",
		"print .N .S", "html .S", ".S | urlquery", "js .S", "call .Fn 3", ".Fails", "boom", "lt .N 2", "eq .N 1 2", "$.S", "$.In.N", "(index .R 0).S", ".MA.x.y", "index .MA \"S\"",
		"(add .N 1)", "\"lit<\"", "3", "1.5", "true", "'x'", "slice .S 0 0", "nil | print", ".Bytes", ".Tree.Upper", ".Tree.Markup", ".In.Kids", "slice .L 0", "println .S", ".R")
}

func (g *gen) cond(scope string) string {
	switch scope {
	case "item":
		return pick(g.dice, ".B", ".S", ".N", "eq .S \"a\"", ".Kids", "and .B .N", "not .B", ".A")
	case "string":
		return pick(g.dice, ".", "eq . \"a\"", "len .", "true")
	}
	return pick(g.dice, ".B", ".C", ".S", ".N", ".In", ".L", ".A", "and .B .C", "or .B .C", "gt .N 1", "eq .S .T", "not .C", ".P", ".M", "$.B", ".H", "len .R", ".F", "false", ".In.B")
}

// ranges is something to range over, and the scope of its elements.
func (g *gen) ranges(scope string) (string, string) {
	switch scope {
	case "item":
		return pick(g.dice, ".L", ".L", `list .S "x"`), "string"
	case "string":
		return pick(g.dice, "list . .", `list`), "string"
	}
	e := pick(g.dice, ".R", ".R", ".L", ".R", ".Q", ".M", ".R", ".Tree.Kids", `list "a" .S`, ".L")
	switch e {
	case ".R", ".Q", ".Tree.Kids":
		return e, "item"
	}
	return e, "string"
}

func (g *gen) static() {
	g.b.WriteString(pick(g.dice, "x", " ", "\n", "text & more", "a&amp;b", "<br>", "\r\n", "&copy=", "<!-- note -->", " y ", "é", "&#43;", "&nbsp", "z<!-- {{.}} -->z", "{{/* c */}}", "\r", "<!doctype html>", "-"))
}

var blockTags = []string{"div", "section", "p", "ul", "li", "span", "b", "td", "tr", "a", "h2", "form", "table", "tbody", "select", "option", "pre", "svg", "button", "label", "noscript", "g", "dl", "em"}

// child writes something that can stand in an element.
func (g *gen) child(scope string, depth int) {
	if depth <= 0 {
		g.w("{{%s}}", g.value(scope))
		return
	}
	n := g.n(30)
	if g.plain > 0 && n > 21 { // calls
		n = 1
	}
	switch n {
	case 0:
		g.static()
	case 1, 2, 3:
		g.w("{{%s}}", g.value(scope))
	case 4, 5, 6, 7:
		tag := blockTags[g.n(len(blockTags))]
		g.element(tag, scope, depth, false)
	case 8, 9:
		g.w("{{if %s}}", g.cond(scope))
		g.children(scope, depth-1)
		if g.n(2) == 1 {
			g.w("{{else if %s}}", g.cond(scope))
			g.children(scope, depth-1)
		}
		if g.n(2) == 1 {
			g.w("{{else}}")
			g.children(scope, depth-1)
		}
		g.w("{{end}}")
	case 10, 11:
		g.rangeOver(scope, depth, func(inner string) { g.children(inner, depth-1) })
	case 12, 13, 14:
		rows := pick(g.dice, "tr", "li", "option", "div", "rect", "p", "span")
		parent := map[string]string{"tr": "tbody", "li": "ul", "option": "select", "div": "div", "rect": "svg", "p": "section", "span": "p"}[rows]
		if rows == "tr" {
			g.w("<table>")
		}
		g.w("<%s>%s", parent, pick(g.dice, "", "\n"))
		if parent == "svg" || parent == "select" {
			g.plain++
		}
		g.rangeOver(scope, depth, func(inner string) {
			g.w("%s", pick(g.dice, "", "\n  "))
			g.element(rows, inner, depth-1, true)
			g.w("%s", pick(g.dice, "", " "))
		})
		if parent == "svg" || parent == "select" {
			g.plain--
		}
		g.w("%s</%s>", pick(g.dice, "", "\n"), parent)
		if rows == "tr" {
			g.w("</table>")
		}
	case 15:
		if scope == "state" {
			g.w("{{with %s}}", pick(g.dice, ".In", "$w := .In", "index .R 0", ".Tree"))
			g.children("item", depth-1)
			g.w("{{else}}")
			g.children(scope, depth-1)
			g.w("{{end}}")
		} else {
			g.w("{{with $w := .}}{{$w}}")
			g.children(scope, depth-1)
			g.w("{{end}}")
		}
	case 16:
		g.w("<textarea>%s{{%s}}%s</textarea>", pick(g.dice, "", "\n", "x"), g.value(scope), pick(g.dice, "", "{{.}}", "</b>"))
	case 17:
		g.w(`<script>var x = {{%s}};%s</script>`, g.value(scope), pick(g.dice, "", `var s = "{{.}}";`, "// {{.}}\n", "/* c */"))
	case 18:
		g.w(`<style>p { width: {{%s}}; %s }</style>`, g.value(scope), pick(g.dice, "", "/* x */", `background: url("{{.}}")`))
	case 19:
		g.w("<title>%s{{%s}}</title>", pick(g.dice, "", "t "), g.value(scope))
	case 20:
		v := fmt.Sprintf("$v%d", len(g.vars))
		g.w("{{%s := %s}}", v, g.value(scope))
		if g.loop == 0 { // scopes are not followed further
			g.w("{{%s}}", v)
		}
	case 21:
		g.w(`{{$c := 1}}{{if %s}}{{$c = 2}}{{end}}{{$c}}`, g.cond(scope))
	case 22, 23:
		if g.calls {
			g.w(`{{template "%s" .}}`, map[string]string{"state": "d0", "item": "d1", "string": "d2"}[scope])
		}
	case 24:
		if scope == "item" {
			g.w(`{{template "%s" .}}`, pick(g.dice, "tree", "count"))
		} else if scope == "state" {
			g.w(`<ul>{{template "%s" .Tree}}</ul>`, pick(g.dice, "tree", "count"))
		} else if g.calls {
			g.w(`{{template "d2" .}}`)
		}
	case 25:
		switch g.n(8) {
		case 0:
			g.w(`{{if %s}}<b>{{else}}<b class=x>{{end}}bold</b>`, g.cond(scope))
		case 1:
			g.w(`<h{{len "x"}}>title {{%s}}</h1>`, g.value(scope))
		case 2:
			g.w(`{{template "open" "cls"}}inside{{template "close" "x"}}`)
		case 3:
			g.w(`<div {{if %s}}class="a">{{else}}>{{end}}q</div>`, g.cond(scope))
		case 4:
			g.w("<ul><li>{{%s}}<li>two</ul>", g.value(scope))
		case 5:
			g.w("<p>{{%s}}<div>inside</div>", g.value(scope))
		case 6:
			g.w("<table><tr><td>{{%s}}</table>", g.value(scope))
		case 7:
			g.w("<b>{{%s}}<i></b></i>", g.value(scope))
		}
	case 26:
		if g.loop > 0 {
			g.w("{{if %s}}{{%s}}{{end}}", g.cond(scope), pick(g.dice, "continue", "break"))
		}
	case 27:
		g.w(`<input %s value="{{%s}}"{{if %s}} checked{{end}}>`, pick(g.dice, "", "type=text"), g.value(scope), g.cond(scope))
	case 28:
		g.w("{{block \"b%d\" .}}<em>{{%s}}</em>{{end}}", g.n(2), g.value(scope))
	case 29:
		g.static()
		g.w("{{%s}}", g.value(scope))
		g.static()
	}
}

func (g *gen) rangeOver(scope string, depth int, body func(string)) {
	e, inner := g.ranges(scope)
	g.loop++
	vars := len(g.vars)
	g.w("{{range %s%s}}", pick(g.dice, "", "", "", "$i, $e := ", "$e := "), e)
	body(inner)
	g.loop--
	g.vars = g.vars[:vars]
	if g.n(3) == 0 {
		g.w("{{else}}")
		g.children(scope, depth-1)
	}
	g.w("{{end}}")
}

func (g *gen) children(scope string, depth int) {
	vars := len(g.vars)
	for range 1 + g.n(3) {
		g.child(scope, depth)
	}
	g.vars = g.vars[:vars]
}

func (g *gen) element(tag, scope string, depth int, row bool) {
	switch tag {
	case "svg", "g", "rect", "select", "option":
		g.plain++
		defer func() { g.plain-- }()
	}
	g.w("<%s", tag)
	if row && g.n(4) > 0 {
		g.w(` data-key="{{%s}}"`, map[string]string{"item": ".ID", "string": ".", "state": ".S"}[scope])
	}
	for i := range g.n(4) {
		g.attr(scope, i)
	}
	g.w(">")
	g.children(scope, depth-1)
	g.w("</%s>", tag)
}

func (g *gen) attr(scope string, i int) {
	switch g.n(16) {
	case 0:
		g.w(` class="c%d {{%s}} x"`, i, g.value(scope))
	case 1:
		g.w(` id=i{{%s}}`, g.value(scope))
	case 2:
		g.w(`{{if %s}} hidden{{end}}`, g.cond(scope))
	case 3:
		g.w(` {{if %s}}title="{{%s}}"{{end}}`, g.cond(scope), g.value(scope))
	case 4:
		g.w(` href="{{%s}}"`, g.value(scope))
	case 5:
		g.w(` href='/x?q={{%s}}&amp;r=1'`, g.value(scope))
	case 6:
		if scope == "state" {
			g.w(` {{.Attr}}`)
		}
	case 7:
		g.w(` data-{{len "abc"}}="{{%s}}"`, g.value(scope))
	case 8:
		g.w(` alt={{%s}}`, g.value(scope))
	case 9:
		g.w(` lang={{if %s}}x{{end}}`, g.cond(scope))
	case 10:
		g.w(` dir={{if %s}}"ltr"{{else}}'rtl'{{end}}`, g.cond(scope))
	case 11:
		g.w(` data-x="{{range .%s}}{{.}},{{end}}"`, "L")
	case 12:
		g.w(` srcset="{{%s}} 2x"`, g.value(scope))
	case 13:
		g.w(` title='{{with $q := %s}}{{$q}}{{else}}none{{end}}&lt;'`, g.cond(scope))
	case 14:
		g.w(` static="a&b"`)
	case 15:
		g.w(` {{if %s}}class="one"{{else}}class='two {{%s}}'{{end}} `, g.cond(scope), g.value(scope))
	}
}
