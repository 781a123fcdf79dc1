package viewgen

import (
	"fmt"
	"strings"
)

// gen writes a template.
type gen struct {
	*Dice
	b     strings.Builder
	loop  int // loops around, in this template
	vars  []string
	calls bool
	plain int // in elements where markup does not belong
}

// Template deals the text of a template, and of what it calls.
func (d *Dice) Template() string {
	g := &gen{Dice: d, calls: true}
	g.b.WriteString(pick(d, "", "", "\n", " "))
	for range 1 + d.N(4) {
		g.child("state", 4)
	}
	main := g.b.String()
	var defs strings.Builder
	for i, scope := range []string{"state", "item", "string"} {
		g := &gen{Dice: d}
		for range 1 + d.N(2) {
			g.child(scope, 2)
		}
		fmt.Fprintf(&defs, `{{define "d%d"}}%s{{end}}`, i, g.b.String())
	}
	defs.WriteString(`{{define "tree"}}<li>{{.S}}{{if .Kids}}<ul>{{range .Kids}}{{template "tree" .}}{{end}}</ul>{{end}}</li>{{end}}`)
	defs.WriteString(`{{define "count"}}{{.S}}{{range .Kids}}, {{template "count" .}}{{end}}{{end}}`)
	defs.WriteString(`{{define "keyed"}}<li data-key="{{.ID}}" class="n{{.N}}">{{.S}}<ul>{{range .Kids}}{{template "keyed" .}}{{else}}<li>none</li>{{end}}</ul></li>{{end}}`)
	defs.WriteString(`{{define "even"}}<b>{{.S}}</b>{{range .Kids}}{{template "odd" .}}{{end}}{{end}}{{define "odd"}}<i title="{{.S}}">{{range .Kids}}{{template "even" .}}{{end}}</i>{{end}}`)
	defs.WriteString(`{{define "chain"}}{{.S}}{{with .Next}}<br>{{template "chain" .}}{{end}}{{end}}`)
	defs.WriteString(`{{define "word"}}{{.S}}{{with .Next}} {{template "word" .}}{{end}}{{end}}`)
	defs.WriteString(`{{define "shape"}}<g class="{{.S}}"><circle r="{{.N}}"/>{{range .Kids}}{{template "shape" .}}{{end}}</g>{{end}}`)
	defs.WriteString(pick(d, `{{define "open"}}<div class="o {{.}}">{{end}}{{define "close"}}</div>{{end}}`, `{{define "open"}}<p>{{end}}{{define "close"}}{{.}}{{end}}`))
	return defs.String() + main
}

func (g *gen) w(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

// value is an expression for a scope.
func (g *gen) value(scope string) string {
	if g.plain == 0 && len(g.vars) > 0 && g.N(4) == 0 {
		return g.vars[g.N(len(g.vars))]
	}
	switch {
	case g.plain > 0 && scope != "string":
		return pick(g.Dice, ".S", ".N", ".B")
	case g.plain > 0:
		return "print ."
	}
	if g.N(24) == 0 { // what fails for some states: seldom, for the rest of the template to be seen
		switch scope {
		case "item":
			return pick(g.Dice, ".Missing", ".Next.S", "index .L 0", ".Next.Markup")
		case "state":
			return pick(g.Dice, ".In.S", ".Fails", "boom", "$.In.N", "(index .R 0).S", ".MA.x.y", "nil | print", ".In.Kids", ".Seldom", ".In.Next.S", ".Err.Error", "index .L 0")
		}
	}
	switch scope {
	case "item":
		return pick(g.Dice, ".S", ".ID", ".N", ".B", ".Upper", ".Kept", ".H", ".A", ".Markup", ".Twice 3", "len .L", ".", ".U", "same .A", "or .S .ID", "and .Next .Next.S", "printf \"%v\" .A", "printf \"%d-%s\" .N .S", "bold .S", ".L", "add .N 1", "eq .S \"a\"", "shout .S")
	case "string":
		return pick(g.Dice, ".", "len .", "printf \"%q\" .", "shout .", "html .", ". | bold", "urlquery .", "slice . 0 0", "print .")
	}
	return pick(g.Dice, ".S", ".T", ".N", ".F", ".B", ".H", ".A", ".P", ".M.k", ".MA.k", ".Hello", ".Pointer", `.Join "x" .S`, ".Str", ".Err", ".D",
		`index .M "j"`, "len .R", `printf "%05d" .N`, "and .B .S", "or .S .T", "not .B", ".S | printf \"%s\"", "bold .T", "some", "shout .S | shout",
		"print .N .S", "html .S", ".S | urlquery", "js .S", "call .Fn 3", "lt .N 2", "eq .N 1 2", "$.S", "index .MA \"S\"",
		"(add .N 1)", "\"lit<\"", "3", "1.5", "true", "'x'", "slice .S 0 0", ".Bytes", ".Tree.Upper", ".Tree.Markup", "slice .L 0", "println .S", ".R",
		".U", ".J", ".JStr", ".Style", ".Srcset", ".PN", ".PH", ".Letter", ".Pair", "index .Pair 1", "index .MI 1", "(index .MI 2).S", "same .H", "same .A | printf \"%v\"", ".Attr",
		"index .MA \"k\"", "and .P .In", "or .PN 0", `printf "%s %d %v" .S .N .A`, `printf "%q" .T`, "len .M", "and .In .In.S", "le 1 .N", "ge .F 0.5", "ne .S .T", ".D.Seconds", "and .Err .Err.Error", "and .Str .Str.String",
		".Small", ".Big", ".Wide", ".F32", "and .Deep.Inner .Deep.Word", ".Deep.Pair.Word", "and .Deep.Inner .Deep.Flag", `index .Idx "a"`, `index .Idx .S`, ".S | shout", ".N | add 2", "printf \"%.2f\" .F")
}

func (g *gen) cond(scope string) string {
	switch scope {
	case "item":
		return pick(g.Dice, ".B", ".S", ".N", "eq .S \"a\"", ".Kids", "and .B .N", "not .B", ".A", ".Next", ".L", "lt .N 3", ".H")
	case "string":
		return pick(g.Dice, ".", "eq . \"a\"", "len .", "true")
	}
	return pick(g.Dice, ".B", ".C", ".S", ".N", ".In", ".L", ".A", "and .B .C", "or .B .C", "gt .N 1", "eq .S .T", "not .C", ".P", ".M", "$.B", ".H", "len .R", ".F", "false", ".In.B",
		".PN", ".PH", ".U", "eq .S .Selected", "and .In .In.B", "or .P .PN", ".Pair", ".MI", "not .A", "le .N 2", ".Q", ".Attr", ".D",
		"lt .Small 3", "ge .Big 1", "ne .S \"a\"", "le .S \"b\"", ".Small", ".Wide", ".F32", "and .Deep.Inner .Deep.Flag", ".Deep.Inner", ".Idx", "eq .Deep.Pair.Word .S")
}

// ranges is something to range over, and the scope of its elements.
func (g *gen) ranges(scope string) (string, string) {
	switch scope {
	case "item":
		e := pick(g.Dice, ".L", ".L", `list .S "x"`, ".Kids", ".Kids")
		if e == ".Kids" {
			return e, "item"
		}
		return e, "string"
	case "string":
		return pick(g.Dice, "list . .", `list`), "string"
	}
	e := pick(g.Dice, ".R", ".R", ".L", ".R", ".Q", ".M", ".R", ".Tree.Kids", `list "a" .S`, ".L", ".MI", ".In.Kids")
	switch e {
	case ".R", ".Q", ".Tree.Kids", ".MI", ".In.Kids":
		return e, "item"
	}
	return e, "string"
}

func (g *gen) static() {
	g.b.WriteString(pick(g.Dice, "x", " ", "\n", "text & more", "a&amp;b", "<br>", "\r\n", "&copy=", "<!-- note -->", " y ", "é", "&#43;", "&nbsp", "z<!-- {{.}} -->z", "{{/* c */}}", "\r", "<!doctype html>", "-", "<!--/-->", "&#13;", "\t", "<!---->", "<hr>", "{{- /* t */ -}}", "<wbr>", "+"))
}

var blockTags = []string{"div", "section", "p", "ul", "li", "span", "b", "td", "tr", "a", "h2", "form", "table", "tbody", "select", "option", "pre", "svg", "button", "label", "noscript", "g", "dl", "em", "math", "dialog", "details", "optgroup", "main", "foreignobject"}

// child writes something that can stand in an element.
func (g *gen) child(scope string, depth int) {
	if depth <= 0 {
		g.w("{{%s}}", g.value(scope))
		return
	}
	n := g.N(36)
	if g.plain > 0 && n > 21 { // calls, and what stands in text only
		n = 1
	}
	switch n {
	case 0:
		g.static()
	case 1, 2, 3:
		g.w("{{%s}}", g.value(scope))
	case 4, 5, 6, 7:
		tag := blockTags[g.N(len(blockTags))]
		g.element(tag, scope, depth, false)
	case 8, 9:
		g.w("{{if %s}}", g.cond(scope))
		g.children(scope, depth-1)
		if g.N(2) == 1 {
			g.w("{{else if %s}}", g.cond(scope))
			g.children(scope, depth-1)
		}
		if g.N(2) == 1 {
			g.w("{{else}}")
			g.children(scope, depth-1)
		}
		g.w("{{end}}")
	case 10, 11:
		g.rangeOver(scope, depth, func(inner string) { g.children(inner, depth-1) })
	case 12, 13, 14:
		rows := pick(g.Dice, "tr", "li", "option", "div", "rect", "p", "span")
		parent := map[string]string{"tr": "tbody", "li": "ul", "option": "select", "div": "div", "rect": "svg", "p": "section", "span": "p"}[rows]
		if rows == "tr" {
			g.w("<table>")
		}
		g.w("<%s>%s", parent, pick(g.Dice, "", "\n"))
		if parent == "svg" || parent == "select" {
			g.plain++
		}
		g.rangeOver(scope, depth, func(inner string) {
			g.w("%s", pick(g.Dice, "", "\n  "))
			g.element(rows, inner, depth-1, true)
			g.w("%s", pick(g.Dice, "", " "))
		})
		if parent == "svg" || parent == "select" {
			g.plain--
		}
		g.w("%s</%s>", pick(g.Dice, "", "\n"), parent)
		if rows == "tr" {
			g.w("</table>")
		}
	case 15:
		if scope == "state" {
			g.w("{{with %s}}", pick(g.Dice, ".In", "$w := .In", "index .R 0", ".Tree"))
			g.children("item", depth-1)
			if g.flip() {
				g.w("{{else with %s}}", pick(g.Dice, ".Tree", "index .R 0", ".In"))
				g.children("item", depth-1)
			}
			g.w("{{else}}")
			g.children(scope, depth-1)
			g.w("{{end}}")
		} else {
			g.w("{{with $w := .}}{{$w}}")
			g.children(scope, depth-1)
			g.w("{{end}}")
		}
	case 16:
		g.w("<textarea>%s{{%s}}%s</textarea>", pick(g.Dice, "", "\n", "x"), g.value(scope), pick(g.Dice, "", "{{.}}", "</b>"))
	case 17:
		g.w(`<script>var x = {{%s}};%s</script>`, g.value(scope), pick(g.Dice, "", `var s = "{{.}}";`, "// {{.}}\n", "/* c */"))
	case 18:
		g.w(`<style>p { width: {{%s}}; %s }</style>`, g.value(scope), pick(g.Dice, "", "/* x */", `background: url("{{.}}")`))
	case 19:
		g.w("<title>%s{{%s}}</title>", pick(g.Dice, "", "t "), g.value(scope))
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
			g.w(`{{template "%s" .}}`, pick(g.Dice, "tree", "count", "keyed", "even", "chain"))
		} else if scope == "state" {
			g.w(`<ul>{{template "%s" .Tree}}</ul>`, pick(g.Dice, "tree", "count", "keyed", "even", "chain"))
		} else if g.calls {
			g.w(`{{template "d2" .}}`)
		}
	case 25:
		g.awkward(scope)
	case 26:
		if g.loop > 0 {
			g.w("{{if %s}}{{%s}}{{end}}", g.cond(scope), pick(g.Dice, "continue", "break"))
		}
	case 27:
		g.field(scope, depth)
	case 28:
		g.w("{{block \"b%d\" .}}<em>{{%s}}</em>{{end}}", g.N(2), g.value(scope))
	case 29:
		g.static()
		g.w("{{%s}}", g.value(scope))
		g.static()
	case 30:
		g.drawing(scope, depth)
	case 31:
		g.severalRoots(scope, depth)
	case 32:
		g.nested(scope)
	case 33:
		g.field(scope, depth)
	case 34:
		v := fmt.Sprintf("$n%d", g.N(3))
		e, _ := g.ranges(scope)
		g.w("{{%s := 0}}{{range %s}}{{%s = %s}}<i>{{%s}}</i>{{end}}<b>{{%s}}</b>", v, e, v, pick(g.Dice, ".", "add 1 2", `"x<"`), v, v)
	case 35:
		g.w(`<%s{{if %s}} open{{end}}><p>{{%s}}</p></%[1]s>`, pick(g.Dice, "details", "dialog"), g.cond(scope), g.value(scope))
	}
}

// awkward writes what cannot be taken apart.
func (g *gen) awkward(scope string) {
	switch g.N(14) {
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
	case 8:
		g.w(`<a href="{{if %s}}/x"{{else}}/y"{{end}}>x</a>`, g.cond(scope))
	case 9:
		g.w(`<ul>{{if %s}}<li>a{{end}}<li>b</ul>`, g.cond(scope))
	case 10:
		g.w("{{if %s}}</p>{{end}}<p>{{%s}}</p>", g.cond(scope), g.value(scope))
	case 11:
		g.w("<!-- {{if %s}}a{{end}} {{%s}} -->{{%s}}", g.cond(scope), g.value(scope), g.value(scope))
	case 12:
		g.w(`<p title="{{template "word" %s}}">x</p>`, g.tree(scope))
	case 13:
		g.w(`<svg>{{template "shape" %s}}</svg>`, g.tree(scope))
	}
}

// field writes something that is filled in.
func (g *gen) field(scope string, depth int) {
	switch g.N(6) {
	case 0:
		g.w(`<input %s value="{{%s}}"{{if %s}} checked{{end}}>`, pick(g.Dice, "", "type=text", "type=checkbox", "type=radio name=r"), g.value(scope), g.cond(scope))
	case 1:
		g.w(`<input type="{{if %s}}checkbox{{else}}text{{end}}" value={{%s}} {{if %s}}disabled{{end}} {{if %s}}required{{end}}>`, g.cond(scope), g.value(scope), g.cond(scope), g.cond(scope))
	case 2:
		g.w("<textarea%s>%s{{%s}}%s</textarea>", pick(g.Dice, "", ` name="n"`, `{{if true}} readonly{{end}}`), pick(g.Dice, "", "\n", "\r\n", "x"), g.value(scope), pick(g.Dice, "", "{{.}}", "\n"))
	case 3:
		g.w("<select%s>", pick(g.Dice, "", " multiple", ` name="s"`))
		g.plain++
		g.rangeOver(scope, depth, func(inner string) {
			g.w(`<option value="{{%s}}"{{if %s}} selected{{end}}>{{%s}}</option>`, g.value(inner), g.cond(inner), g.value(inner))
		})
		g.plain--
		g.w("</select>")
	case 4:
		g.w(`<progress value="{{%s}}" max="{{%s}}">{{%s}}</progress><meter value={{%s}}></meter>`, g.value(scope), g.value(scope), g.value(scope), g.value(scope))
	case 5:
		g.w(`<button type=button{{if %s}} disabled{{end}} aria-pressed="{{%s}}">{{%s}}</button><label for="{{%s}}">x</label>`, g.cond(scope), g.cond(scope), g.value(scope), g.value(scope))
	}
}

// drawing writes SVG or MathML.
func (g *gen) drawing(scope string, depth int) {
	g.plain++
	defer func() { g.plain-- }()
	switch g.N(5) {
	case 0:
		g.w(`<svg viewBox="0 0 {{%s}} 10" preserveAspectRatio="none" class="{{%s}}">`, g.value(scope), g.value(scope))
		g.rangeOver(scope, depth, func(inner string) {
			g.w(`<rect%s width="{{%s}}" height=1 {{if %s}}fill="red"{{end}}/>`, pick(g.Dice, "", ` data-key="{{`+g.key(inner)+`}}"`), g.value(inner), g.cond(inner))
		})
		g.w("<text>{{%s}}<tspan>{{%s}}</tspan></text></svg>", g.value(scope), g.value(scope))
	case 1:
		g.w(`<svg><g>{{if %s}}<path d="M0 {{%s}}"/>{{else}}<circle r="{{%s}}"></circle>{{end}}</g><use xlink:href="#{{%s}}"/><title>{{%s}}</title></svg>`, g.cond(scope), g.value(scope), g.value(scope), g.value(scope), g.value(scope))
	case 2:
		g.w(`<math><mfrac><mi>{{%s}}</mi>{{if %s}}<mn>{{%s}}</mn>{{else}}<mo>+</mo>{{end}}</mfrac></math>`, g.value(scope), g.cond(scope), g.value(scope))
	case 3:
		g.w(`<svg><foreignObject width="{{%s}}"><p>{{%s}}</p>{{if %s}}<b>x</b>{{end}}</foreignObject></svg>`, g.value(scope), g.value(scope), g.cond(scope))
	case 4:
		g.w(`<svg><linearGradient id="{{%s}}" gradientUnits="{{%s}}"><stop offset="{{%s}}"/></linearGradient>{{%s}}<desc>{{%s}}</desc></svg>`, g.value(scope), g.value(scope), g.value(scope), g.value(scope), g.value(scope))
	}
}

// severalRoots writes rows that are more than one element, or less.
func (g *gen) severalRoots(scope string, depth int) {
	rows := pick(g.Dice, "<dt>{{%s}}</dt><dd>{{%s}}</dd>", "{{%s}} <b>{{%s}}</b>", "<b>{{%s}}</b>, {{%s}}", "<i>{{%s}}</i><!-- c --><i>{{%s}}</i>", "{{%s}}{{if true}}<u>{{%s}}</u>{{end}}", "{{%s}}{{%s}}")
	g.w("<dl>%s", pick(g.Dice, "", "head ", "<dt>x</dt>"))
	g.rangeOver(scope, depth, func(inner string) { g.w(rows, g.value(inner), g.value(inner)) })
	g.w("%s</dl>", pick(g.Dice, "", " tail", "<dt>y</dt>"))
}

// nested writes keyed rows in keyed rows.
func (g *gen) nested(scope string) {
	if scope != "state" {
		g.w("{{%s}}", g.value(scope))
		return
	}
	g.w(`<table><tbody>{{range .R}}<tr data-key="{{.ID}}"{{if .B}} aria-selected="true"{{end}}><td>{{.S}}</td><td><ul>{{range .Kids}}<li data-key="{{.ID}}" class="{{.S}}">{{.N}}{{range .L}}<b>{{.}}</b>{{end}}</li>{{%s}}</ul></td></tr>{{end}}</tbody></table>`,
		pick(g.Dice, "end", "else}}<li>none</li>{{end"))
}

// tree is what a recursive template shows.
func (g *gen) tree(scope string) string {
	return map[string]string{"item": ".", "string": "$", "state": ".Tree"}[scope]
}

// key is what a row is told by.
func (g *gen) key(scope string) string {
	return map[string]string{"item": ".ID", "string": ".", "state": ".S"}[scope]
}

func (g *gen) rangeOver(scope string, depth int, body func(string)) {
	e, inner := g.ranges(scope)
	g.loop++
	vars := len(g.vars)
	g.w("{{range %s%s}}", pick(g.Dice, "", "", "", "$i, $e := ", "$e := "), e)
	body(inner)
	g.loop--
	g.vars = g.vars[:vars]
	if g.N(3) == 0 {
		g.w("{{else}}")
		g.children(scope, depth-1)
	}
	g.w("{{end}}")
}

func (g *gen) children(scope string, depth int) {
	vars := len(g.vars)
	for range 1 + g.N(3) {
		g.child(scope, depth)
	}
	g.vars = g.vars[:vars]
}

func (g *gen) element(tag, scope string, depth int, row bool) {
	switch tag {
	case "svg", "g", "rect", "select", "option", "optgroup", "math":
		g.plain++
		defer func() { g.plain-- }()
	}
	g.w("<%s", tag)
	if row && g.N(4) > 0 {
		g.w(` data-key="{{%s}}"`, g.key(scope))
	}
	for i := range g.N(4) {
		g.attr(scope, i)
	}
	g.w(">")
	g.children(scope, depth-1)
	g.w("</%s>", tag)
}

func (g *gen) attr(scope string, i int) {
	switch g.N(22) {
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
	case 16:
		g.w(` {{if %s}}selected{{end}}`, g.cond(scope))
	case 17:
		g.w(` style="width: {{%s}}px"`, g.value(scope)) // refused, unless a test asks for any attribute
	case 18:
		g.w(` onclick="f({{%s}})"`, g.value(scope)) // refused too
	case 19:
		g.w(` aria-label="{{%s}}" {{if %s}}aria-busy="{{%s}}"{{end}}`, g.value(scope), g.cond(scope), g.cond(scope))
	case 20:
		g.w(` src="{{%s}}/{{%s}}?q={{%s}}#{{%s}}"`, g.value(scope), g.value(scope), g.value(scope), g.value(scope))
	case 21:
		g.w(` title="{{if %s}}{{%s}}{{else}}&amp;{{range .L}}{{.}}{{end}}{{end}}"`, g.cond(scope), g.value(scope))
	}
}
