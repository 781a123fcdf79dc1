package viewgen

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Dice deals choices out of bytes; when they are used up it always deals 0, which ends everything.
type Dice struct{ bytes []byte }

// NewDice deals out of bytes, which it does not change.
func NewDice(bytes []byte) *Dice { return &Dice{bytes} }

// Seed makes the bytes that stand for a number.
func Seed(n uint64) []byte {
	r := rand.New(rand.NewPCG(n, 1)) //nolint:gosec // a seed must bring back the same
	b := make([]byte, 200+r.IntN(1200))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// N deals a number below n.
func (d *Dice) N(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

func (d *Dice) flip() bool { return d.N(2) == 1 }

func pick[T any](d *Dice, of ...T) T { return of[d.N(len(of))] }

// State is what the generated templates show: a field for each kind of value that html/template treats its own way.
type State struct {
	S, T     string
	N        int
	F        float64
	B, C     bool
	H        template.HTML
	U        template.URL
	J        template.JS
	JStr     template.JSStr
	Style    template.CSS
	Srcset   template.Srcset
	A        any
	Attr     template.HTMLAttr
	P        *string
	PN       *int
	PH       *template.HTML
	L        []string
	R        []Item
	Q        []*Item // some are nil
	Pair     [2]int
	M        map[string]string
	MA       map[string]any
	MI       map[int]Item
	In       *Item
	Str      fmt.Stringer
	Err      error
	Tree     Item
	D        time.Duration
	Fn       func(int) string
	Bytes    []byte
	Letter   rune
	Selected string
	Small    int8
	Big      int64
	Wide     uint16
	F32      float32
	Deep     Deep
	Idx      map[string]int
}

// Deep has its fields in other structs, one of them behind a pointer that may be nil.
type Deep struct {
	*Inner
	Pair struct{ Word word }
	Next **Item
}

// Inner is embedded; what it promotes shows only if its own name is exported.
type Inner struct {
	Word word
	Flag bool
}

type word string

type hidden struct{ Upper, Kept string } // Upper is hidden by Item's method

// Item is a row.
type Item struct {
	hidden
	ID, S string
	N     int
	B     bool
	H     template.HTML
	U     template.URL
	A     any
	L     []string
	Kids  []Item
	Next  *Item
}

// Hello has a value's receiver.
func (s State) Hello() string { return "hello <" + s.S + ">" }

// Pointer has a pointer's receiver.
func (s *State) Pointer() int { return s.N + 1 }

// Join takes arguments.
func (s State) Join(a, b string) string { return a + "+" + b }

// Fails fails.
func (s State) Fails() (string, error) { return "", errors.New("fails") }

// Seldom fails for some states.
func (s State) Seldom() (int, error) {
	if s.N < 0 {
		return 0, errors.New("negative")
	}
	return s.N, nil
}

// Upper hides a field.
func (i Item) Upper() string { return strings.ToUpper(i.S) }

// Markup is HTML.
func (i *Item) Markup() template.HTML {
	return "<b>" + template.HTML(template.HTMLEscapeString(i.S)) + "</b>" //nolint:gosec // it is escaped
}

// Twice takes an argument.
func (i Item) Twice(n int) int { return 2 * n }

// String makes an Item a fmt.Stringer.
func (i Item) String() string { return "item " + i.ID }

// Funcs are the functions that the templates call.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"shout": func(s string) string { return s + "!" },
		"bold": func(s string) template.HTML {
			return "<b>" + template.HTML(template.HTMLEscapeString(s)) + "</b>" //nolint:gosec // it is escaped
		},
		"add":  func(a, b int) int { return a + b },
		"some": func() any { return "some" },
		"list": func(s ...string) []string { return s },
		"boom": func() (int, error) { return 0, errors.New("boom") },
		"same": func(v any) any { return v },
	}
}

var texts = []string{
	"", "a", "b c", " ", "\n", "<", "&", "\"", "'", "+", "a&amp;b", "\r\n", "\r", "\x00", "\xff", "\xe2\x82", "é", "\u2028", "<!--", "-->",
	"javascript:alert(1)", "/x?a=1&b=2", "<b>bold</b>", "</div>", "a b", "x=\"y\"", "0", "1", "{{", "&copy=1", "\t", "long long text", "`", "http://x/é y",
	"</script>", "</textarea>", "</title>", "\r\nx\r", "\n\nx", "\ufeff", "🙂", "&#13;", "&lt", "data:text/html,x", "url(x)", "x 2x, y 3x", "\x0b\x0c", "]]>", "\f", "=", "${x}",
}

func (d *Dice) text() string { return texts[d.N(len(texts))] }

func (d *Dice) markup() template.HTML {
	return pick[template.HTML](d, "", "<b>x</b>", "text", "<i>1</i><i>2</i>", "a<br>b", "&lt;", "<b class='q'>z</b> tail", "\n", "x &amp; y",
		"<!-- c -->", "<svg><circle r=1 /></svg>", "<p>a<p>b", "\r\n<u>x</u>\x00", "<input value=1 checked>", "<!--c-->x<!--/-->")
}

func (d *Dice) any() any {
	return pick[any](d, nil, "s", "<i>", 7, 2.5, true, template.HTML("<u>u</u>"), []string{"x", "<y>"}, map[string]string{"S": "m"},
		&Item{ID: "p", S: "pointer"}, Item{ID: "v"}, time.Minute, errors.New("e<"), template.URL("javascript:ok()"), "", []int{1, 2}, template.HTML(""), (*Item)(nil), template.JS("f()"),
		template.CSS("color: red"), template.HTMLAttr(`title="t"`), template.JSStr("s'"), template.Srcset("/x 2x"), 'x', uint8(3), 1+2i, struct{ S string }{"<s>"}, map[string]any{"S": nil}, [2]string{"a", "<"})
}

func (d *Dice) key() string { return pick(d, "1", "2", "3", "4", "5", "6", "7", "<8>", "", "9\r") }

func (d *Dice) item(depth int) Item {
	i := Item{hidden: hidden{"u", d.text()}, ID: d.key(), S: d.text(), N: d.N(5), B: d.flip(), H: d.markup(), U: template.URL(d.text()), A: d.any()} //nolint:gosec // awkward on purpose
	for range d.N(3) {
		i.L = append(i.L, d.text())
	}
	if depth > 0 {
		for range d.N(3) {
			i.Kids = append(i.Kids, d.item(depth-1))
		}
		if d.N(3) == 0 {
			next := d.item(depth - 1)
			i.Next = &next
		}
	}
	return i
}

// State deals a state.
func (d *Dice) State() *State {
	s := &State{S: d.text(), T: d.text(), N: d.N(7) - 2, F: pick(d, 0, 0.5, 1e21, -3), B: d.flip(), C: d.flip(), H: d.markup(), A: d.any(), D: time.Duration(d.N(5)) * time.Second}
	d.typed(s)
	d.pointers(s)
	for range d.N(4) {
		s.L = append(s.L, d.text())
	}
	for range d.N(6) {
		s.R = append(s.R, d.item(1))
	}
	for range d.N(3) {
		if d.N(8) == 0 {
			s.Q = append(s.Q, nil)
			continue
		}
		i := d.item(0)
		s.Q = append(s.Q, &i)
	}
	if d.N(3) > 0 {
		s.M = map[string]string{"k": d.text(), "j": d.text()}
		s.MA = map[string]any{"k": d.any(), "S": d.text()}
		s.MI = map[int]Item{d.N(5): d.item(0), d.N(5): d.item(0)}
	}
	if d.N(3) > 0 {
		s.Str = time.Duration(d.N(9)) * time.Minute
		s.Err = errors.New(d.text())
	}
	s.Pair = [2]int{d.N(3), d.N(3)}
	s.Tree = d.item(2)
	s.Fn = func(i int) string { return fmt.Sprint("fn", i) }
	s.Bytes = []byte(d.text())
	d.numbers(s)
	return s
}

// numbers deals what is read in ways of its own: other widths, and fields of structs in structs.
func (d *Dice) numbers(s *State) {
	s.Small, s.Big, s.Wide = int8(d.N(256)), int64(d.N(9)-4)*1e15+int64(d.N(256)), uint16(d.N(256))*255
	s.F32 = pick[float32](d, 0, 0.1, 1e30, -2)
	if d.N(3) > 0 {
		s.Deep.Inner = &Inner{word(d.text()), d.flip()}
		next := s.In
		s.Deep.Next = &next
	}
	s.Deep.Pair.Word = word(d.text())
	s.Idx = map[string]int{"a": d.N(9)}
}

// typed deals the values that say what they are.
func (d *Dice) typed(s *State) {
	s.Attr = pick[template.HTMLAttr](d, "", `data-a="1"`, `data-a="2" data-b`, `title='x' hidden`, ` lang=de`, `checked`)
	s.U = template.URL(d.text()) //nolint:gosec // awkward on purpose
	s.J = pick[template.JS](d, "1", "f()", `{"a": "<b>"}`)
	s.JStr = pick[template.JSStr](d, "", "x", `\u0027`)
	s.Style = pick[template.CSS](d, "", "color: red", "a > b", "1px")
	s.Srcset = pick[template.Srcset](d, "", "/a 2x", "/b?c=1&d=2 3x, /e 1x")
	s.Letter = pick(d, 'a', '<', 'é', rune(0))
	s.Selected = d.key()
}

// pointers deals pointers, half of them nil.
func (d *Dice) pointers(s *State) {
	s.P, s.PN, s.PH, s.In = nil, nil, nil, nil
	if d.flip() {
		t := d.text()
		s.P = &t
	}
	if d.flip() {
		n := d.N(400) - 3
		s.PN = &n
	}
	if d.flip() {
		h := d.markup()
		s.PH = &h
	}
	if d.N(3) > 0 {
		i := d.item(1)
		s.In = &i
	}
}

// Change deals a state that differs from s, which stays as it is.
func (d *Dice) Change(s *State) *State {
	c := *s
	for range 1 + d.N(3) {
		switch d.N(16) {
		case 0:
			c.S = d.text()
		case 1:
			c.T, c.Selected = d.text(), d.key()
		case 2:
			c.N, c.F = d.N(7)-2, pick(d, 0, 0.25, 1e21)
		case 3:
			c.B, c.C = d.flip(), d.flip()
		case 4:
			c.H, c.A = d.markup(), d.any()
		case 5:
			c.L = append(slices.Clone(c.L), d.text())
		case 6:
			c.R = d.shuffle(c.R)
		case 7:
			c.R = append([]Item{d.item(1)}, c.R...)
		case 8:
			d.changeOne(&c)
		case 9:
			if len(c.R) > 0 {
				i := d.N(len(c.R))
				c.R = slices.Delete(slices.Clone(c.R), i, i+1)
			}
		case 10:
			c.Tree = d.item(2)
		case 11:
			return d.State()
		case 12:
			d.typed(&c)
		case 13:
			d.pointers(&c)
		case 14:
			c.R = d.all(c.R)
			c.Tree.Kids = d.all(c.Tree.Kids)
		case 15:
			if c.MA = maps.Clone(c.MA); c.MA != nil {
				c.MA["k"] = d.any()
			}
			c.M = map[string]string{"k": d.text(), d.text(): d.text(), "j": "j"}
		}
	}
	return &c
}

func (d *Dice) changeOne(s *State) {
	if len(s.R) > 0 {
		s.R = slices.Clone(s.R)
		i := d.N(len(s.R))
		id := s.R[i].ID
		s.R[i] = d.item(1)
		s.R[i].ID = id
	}
}

// all removes, changes, moves and inserts rows in one step; what stays may repeat a key.
func (d *Dice) all(in []Item) []Item {
	var out []Item
	for _, i := range in {
		switch d.N(6) {
		case 0:
		case 1:
			i.S, i.N, i.B, i.Kids = d.text(), d.N(5), d.flip(), d.all(i.Kids)
			out = append(out, i)
		case 2:
			out = append(out, i, d.item(1))
		case 3:
			out = append(out, i, i)
		default:
			out = append(out, i)
		}
	}
	if d.flip() {
		out = d.shuffle(out)
	}
	return out[:min(len(out), 12)]
}

func (d *Dice) shuffle(in []Item) []Item {
	out := slices.Clone(in)
	for i := range out {
		j := d.N(len(out))
		out[i], out[j] = out[j], out[i]
	}
	return out
}
