package view

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/template/parse"
)

// write compiles an action that prints. Text goes through the escapers that html/template chose: the HTML one is
// written out here; of the others only their effect on harmless text is known, which is none, and any other text is
// given to html/template's own.
func (c *compiler) write(n *parse.ActionNode, dot reflect.Type) []ins {
	slow := c.slowAction(n.Pipe)
	args, escapers := splitEscapers(n.Pipe)
	e, ok := c.quick(args, dot)
	if !ok {
		return stepIns(slow)
	}
	esc := escapes[strings.Join(escapers, " ")]
	if esc == nil {
		esc = &escape{} // nothing is known of it
	}
	finish := c.finish(escapers)
	put := c.putter(e, esc, finish)
	if put == nil {
		return stepIns(slow)
	}
	in := ins{step: func(x *run, dot subject) signal {
		at := x.n
		if put(x, dot) {
			return goOn
		}
		x.n = at
		return slow(x, dot)
	}}
	if do, ok := reading(e, esc); ok {
		in.do, in.esc = do, esc
		if e.typ != nil {
			in.kind = e.typ.Kind()
		}
		in = in.at(e.spot)
	}
	return []ins{in}
}

// reading is how a value is written that lies at a spot.
func reading(e expr, esc *escape) (doing, bool) {
	switch {
	case e.spot == nil:
		return 0, false
	case e.typ == nil:
		return doAny, e.open
	case e.typ == typeHTML && esc.markup:
		return doMarkup, true
	case !plainType(e.typ):
		return 0, false
	}
	switch basic(e.typ.Kind()) {
	case reflect.String:
		if esc.html {
			return doString, true
		}
		return doSafe, true
	case reflect.Int:
		if e.typ.Size() == 8 {
			return doInt, esc.number
		}
		return doNumber, esc.number
	case reflect.Uint:
		return doNumber, esc.number
	case reflect.Float64:
		return doFloat, true
	}
	return doBool, esc.html
}

// splitEscapers cuts a pipeline before the escapers that html/template added.
func splitEscapers(p *parse.PipeNode) (*parse.PipeNode, []string) {
	var names []string
	end := len(p.Cmds)
	for end > 0 {
		id, ok := p.Cmds[end-1].Args[0].(*parse.IdentifierNode)
		if !ok || !strings.HasPrefix(id.Ident, "_html_template_") || len(p.Cmds[end-1].Args) > 1 {
			break
		}
		names = append([]string{strings.TrimPrefix(id.Ident, "_html_template_")}, names...)
		end--
	}
	cut := *p
	cut.Cmds = p.Cmds[:end]
	return &cut, names
}

// An escape is what a chain of escapers does to text.
type escape struct {
	html   bool     // it is HTML's
	safe   *charset // text of nothing else stays as it is
	number bool     // integers stay as they are
	markup bool     // template.HTML stays as it is
}

var escapes = map[string]*escape{
	"htmlescaper":                            {html: true, number: true, markup: true},
	"attrescaper":                            {html: true, number: true},
	"rcdataescaper":                          {html: true, number: true},
	"nospaceescaper":                         {safe: wordly, number: true},
	"urlfilter urlnormalizer attrescaper":    {safe: pathly, number: true},
	"urlfilter urlnormalizer nospaceescaper": {safe: wordly, number: true},
	"urlnormalizer attrescaper":              {safe: pathly, number: true},
	"urlnormalizer nospaceescaper":           {safe: wordly, number: true},
	"urlescaper attrescaper":                 {safe: wordly, number: true},
	"urlescaper nospaceescaper":              {safe: wordly, number: true},
	"cssvaluefilter":                         {safe: shortly, number: true},
	"cssvaluefilter attrescaper":             {safe: shortly, number: true},
}

// A charset is bytes, and how many of them there must be and may be.
type charset struct {
	has      [256]bool
	min, max int
}

func letters(others string, from, to int) *charset {
	c := &charset{min: from, max: to}
	for i := range c.has {
		b := byte(i)
		c.has[i] = isLetter(b) || '0' <= b && b <= '9' || strings.IndexByte(others, b) >= 0
	}
	return c
}

var (
	// wordly text has nothing that any escaper changes.
	wordly = letters("_.", 1, limit)
	// pathly text is a URL without anything that is escaped, and without a scheme.
	pathly = letters("/-_.~?=#,;@*!", 0, limit)
	// shortly text is a CSS value in which no word that CSS forbids has room.
	shortly = letters(".%#", 0, len("expression")-1)
)

// leaves reports whether it is known that text stays as it is.
func leaves[S string | []byte](e *escape, s S) bool {
	if e.safe == nil || len(s) < e.safe.min || len(s) > e.safe.max {
		return false
	}
	for i := range len(s) {
		if !e.safe.has[s[i]] {
			return false
		}
	}
	return true
}

// A putter writes a value; it returns false where the standard executor must.
type putter func(x *run, dot subject) bool

// putter chooses how values of a type are written. finish writes what text became of a value by the escapers.
func (c *compiler) putter(e expr, esc *escape, finish func(*run, reflect.Value) bool) putter {
	switch {
	case e.text != nil:
		return func(x *run, dot subject) bool {
			text, ok := e.text(x, dot, x.scratch[:0])
			x.scratch = text[:0]
			return ok && (x.chain(text, esc) || finish(x, reflect.ValueOf(string(text))))
		}
	case e.num != nil && esc.number:
		return func(x *run, dot subject) bool {
			n, ok := e.num(x, dot)
			x.int(n)
			return ok
		}
	case e.truth != nil && e.typ == typeBool && esc.html:
		return func(x *run, dot subject) bool {
			b, ok := e.truth(x, dot)
			x.bool(b)
			return ok
		}
	}
	put, get := writerFor(e.typ, esc, finish), e.get
	return func(x *run, dot subject) bool {
		v, ok := get(x, dot)
		return ok && put(x, v)
	}
}

// chain writes text through the escapers, if it is known what becomes of it.
func (x *run) chain(text []byte, esc *escape) bool {
	switch {
	case esc.html:
		x.escaped(textOf(text))
		return true
	case leaves(esc, text):
		x.bytes(text)
		return true
	}
	return false
}

// writerFor is how values of a type are written.
func writerFor(typ reflect.Type, esc *escape, finish func(*run, reflect.Value) bool) func(*run, reflect.Value) bool {
	switch {
	case typ == nil:
		return func(x *run, v reflect.Value) bool { return x.any(v, esc, finish) }
	case typ == typeHTML && esc.markup:
		return func(x *run, v reflect.Value) bool {
			x.text(v.String())
			return true
		}
	case isTyped(typ):
		return finish
	case typ.Kind() == reflect.Pointer && plainType(typ.Elem()) && !speaks(typ):
		inner := writerFor(typ.Elem(), esc, finish)
		return func(x *run, v reflect.Value) bool { return !v.IsNil() && inner(x, v.Elem()) }
	case typ.Implements(typeFormat):
		return finish
	case typ.Implements(typeError), typ.Implements(typeStringer):
		isError := typ.Implements(typeError) // which goes first, as in package fmt
		return func(x *run, v reflect.Value) bool {
			if v.Kind() == reflect.Pointer && v.IsNil() {
				return false
			}
			var s string
			if i := asInterface(v); isError {
				s = i.(error).Error()
			} else {
				s = i.(fmt.Stringer).String()
			}
			x.scratch = append(x.scratch[:0], s...)
			return x.chain(x.scratch, esc) || finish(x, v)
		}
	case !plainType(typ):
		return finish
	}
	switch basic(typ.Kind()) {
	case reflect.String:
		return func(x *run, v reflect.Value) bool {
			s := v.String()
			if esc.html {
				x.escaped(s)
				return true
			}
			x.scratch = append(x.scratch[:0], s...)
			return x.chain(x.scratch, esc) || finish(x, v)
		}
	case reflect.Int:
		if !esc.number {
			return finish
		}
		return func(x *run, v reflect.Value) bool {
			x.int(v.Int())
			return true
		}
	case reflect.Uint:
		if !esc.number {
			return finish
		}
		return func(x *run, v reflect.Value) bool {
			x.uint(v.Uint())
			return true
		}
	case reflect.Float64:
		return func(x *run, v reflect.Value) bool {
			return x.float(v.Float(), typ.Kind(), esc) || finish(x, v)
		}
	}
	return func(x *run, v reflect.Value) bool { // bool
		x.scratch = strconv.AppendBool(x.scratch[:0], v.Bool())
		return x.chain(x.scratch, esc) || finish(x, v)
	}
}

// speaks reports whether package fmt asks a value of the type for its text.
func speaks(typ reflect.Type) bool {
	return typ.Implements(typeFormat) || typ.Implements(typeError) || typ.Implements(typeStringer)
}

// plainType reports whether a value of a type is printed as what it is: a string, a number, a bool.
func plainType(typ reflect.Type) bool {
	return basic(typ.Kind()) != reflect.Invalid && typ.Kind() != reflect.Uintptr && !isTyped(typ) && !speaks(typ)
}

// isTyped reports whether html/template treats strings of a type as more than text.
func isTyped(typ reflect.Type) bool {
	return typ.Kind() == reflect.String && typ.PkgPath() == typeHTML.PkgPath()
}

// any writes a value of which nothing is known.
func (x *run) any(v reflect.Value, esc *escape, finish func(*run, reflect.Value) bool) bool {
	if !v.IsValid() || v.Kind() == reflect.Interface {
		return false
	}
	switch typ := v.Type(); {
	case typ == typeString:
		x.scratch = append(x.scratch[:0], v.String()...)
		return x.chain(x.scratch, esc) || finish(x, v)
	case typ == typeInt && esc.number:
		x.int(v.Int())
		return true
	case typ == typeHTML && esc.markup:
		x.text(v.String())
		return true
	}
	return finish(x, v)
}

// anything writes a value of which nothing was known, if it is of a common type.
func (x *run) anything(v any, esc *escape) bool {
	switch v := v.(type) {
	case string:
		if esc.html {
			x.escaped(v)
			return true
		}
		if leaves(esc, v) {
			x.text(string(v))
			return true
		}
	case int:
		if esc.number {
			x.int(int64(v))
			return true
		}
	case template.HTML:
		if esc.markup {
			x.text(string(v))
			return true
		}
	}
	return false
}

// A floatCache keeps the texts of numbers: finding the shortest one that reads back as the number is the dearest thing
// that a render does, and most numbers of a page are the ones of the render before.
type floatCache [256]floatText

type floatText struct {
	of    uint64
	size  uint8 // in bits; 0: nothing is kept yet
	len   uint8
	plain bool     // it has no plus, the one character that is escaped
	txt   [24]byte // the longest is -2.2250738585072014e-308
}

// float writes a number as package fmt does.
func (x *run) float(f float64, kind reflect.Kind, esc *escape) bool {
	size := 64
	if kind == reflect.Float32 {
		size = 32
	}
	if x.floats == nil {
		x.floats = new(floatCache)
	}
	of := math.Float64bits(f)
	c := &x.floats[(of^uint64(size))*0x9E3779B97F4A7C15>>56]
	if c.of != of || int(c.size) != size {
		x.scratch = strconv.AppendFloat(x.scratch[:0], f, 'g', -1, size)
		c.of, c.size, c.len = of, uint8(size), uint8(copy(c.txt[:], x.scratch))
		c.plain = bytes.IndexByte(x.scratch, '+') < 0
	}
	if esc.html && c.plain {
		x.bytes(c.txt[:c.len])
		return true
	}
	return x.chain(c.txt[:c.len], esc)
}
