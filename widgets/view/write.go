package view

import (
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
		at := len(x.buf)
		if put(x, dot) {
			return goOn
		}
		x.buf = x.buf[:at]
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
		return doInt, esc.number
	case reflect.Uint:
		return doUint, esc.number
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
			text, ok := e.text(x, dot, x.text[:0])
			x.text = text[:0]
			return ok && (x.escaped(text, esc) || finish(x, reflect.ValueOf(string(text))))
		}
	case e.num != nil && esc.number:
		return func(x *run, dot subject) bool {
			n, ok := e.num(x, dot)
			x.buf = strconv.AppendInt(x.buf, n, 10)
			return ok
		}
	case e.truth != nil && e.typ == typeBool && esc.html:
		return func(x *run, dot subject) bool {
			b, ok := e.truth(x, dot)
			x.buf = strconv.AppendBool(x.buf, b)
			return ok
		}
	}
	put, get := writerFor(e.typ, esc, finish), e.get
	return func(x *run, dot subject) bool {
		v, ok := get(x, dot)
		return ok && put(x, v)
	}
}

// escaped writes text through the escapers, if it is known what becomes of it.
func (x *run) escaped(text []byte, esc *escape) bool {
	switch {
	case esc.html:
		x.buf = appendEscaped(x.buf, text)
		return true
	case leaves(esc, text):
		x.buf = append(x.buf, text...)
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
			x.buf = append(x.buf, v.String()...)
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
			x.text = append(x.text[:0], s...)
			return x.escaped(x.text, esc) || finish(x, v)
		}
	case !plainType(typ):
		return finish
	}
	switch basic(typ.Kind()) {
	case reflect.String:
		return func(x *run, v reflect.Value) bool {
			s := v.String()
			if esc.html {
				x.buf = appendEscaped(x.buf, s)
				return true
			}
			x.text = append(x.text[:0], s...)
			return x.escaped(x.text, esc) || finish(x, v)
		}
	case reflect.Int:
		if !esc.number {
			return finish
		}
		return func(x *run, v reflect.Value) bool {
			x.buf = strconv.AppendInt(x.buf, v.Int(), 10)
			return true
		}
	case reflect.Uint:
		if !esc.number {
			return finish
		}
		return func(x *run, v reflect.Value) bool {
			x.buf = strconv.AppendUint(x.buf, v.Uint(), 10)
			return true
		}
	case reflect.Float64:
		return func(x *run, v reflect.Value) bool {
			return x.float(v.Float(), typ.Kind(), esc) || finish(x, v)
		}
	}
	return func(x *run, v reflect.Value) bool { // bool
		x.text = strconv.AppendBool(x.text[:0], v.Bool())
		return x.escaped(x.text, esc) || finish(x, v)
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
		x.text = append(x.text[:0], v.String()...)
		return x.escaped(x.text, esc) || finish(x, v)
	case typ == typeInt && esc.number:
		x.buf = strconv.AppendInt(x.buf, v.Int(), 10)
		return true
	case typ == typeHTML && esc.markup:
		x.buf = append(x.buf, v.String()...)
		return true
	}
	return finish(x, v)
}

// anything writes a value of which nothing was known, if it is of a common type.
func (x *run) anything(v any, esc *escape) bool {
	switch v := v.(type) {
	case string:
		if esc.html {
			x.buf = appendEscaped(x.buf, v)
			return true
		}
		if leaves(esc, v) {
			x.buf = append(x.buf, v...)
			return true
		}
	case int:
		if esc.number {
			x.buf = strconv.AppendInt(x.buf, int64(v), 10)
			return true
		}
	case template.HTML:
		if esc.markup {
			x.buf = append(x.buf, v...)
			return true
		}
	}
	return false
}

// A floatCache keeps the texts of numbers: finding the shortest one that reads back as the number is the dearest thing
// that a render does, and most numbers of a page are the ones of the render before.
type floatCache [256]floatText

type floatText struct {
	of   uint64
	size uint8 // in bits
	len  uint8
	txt  [30]byte // the longest is -2.2250738585072014e-308
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
	if c.of != of || c.len == 0 || c.size != uint8(size) {
		x.text = strconv.AppendFloat(x.text[:0], f, 'g', -1, size)
		if len(x.text) > len(c.txt) {
			return x.escaped(x.text, esc)
		}
		c.of, c.size, c.len = of, uint8(size), uint8(copy(c.txt[:], x.text))
	}
	return x.escaped(c.txt[:c.len], esc)
}

// appendEscaped appends text as html/template's HTML escapers do.
func appendEscaped[S string | []byte](dst []byte, s S) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		if to := escapeOf[s[i]]; to != 0 {
			dst = append(dst, s[from:i]...)
			dst = append(dst, references[to]...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

var (
	escapeOf   = [256]uint8{'<': 1, '>': 2, '&': 3, '"': 4, '\'': 5, '+': 6, 0: 7}
	references = [...]string{1: "&lt;", 2: "&gt;", 3: "&amp;", 4: "&#34;", 5: "&#39;", 6: "&#43;", 7: "\uFFFD"}
)
