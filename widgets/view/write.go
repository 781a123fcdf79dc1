package view

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"text/template/parse"
)

// write compiles an action that prints. Text goes through the escapers that html/template chose: the HTML one is
// written out here; of the others only their effect on harmless text is known, which is none, and any other text is
// given to html/template's own.
func (c *compiler) write(n *parse.ActionNode, dot reflect.Type) instruction {
	slow := c.slowAction(n.Pipe)
	args, escapers := splitEscapers(n.Pipe)
	e, ok := c.quick(args, dot)
	if !ok {
		return stepped(dot, slow)
	}
	esc := escapes[strings.Join(escapers, " ")]
	if esc == nil {
		esc = &escape{} // nothing is known of it
	}
	put := c.putter(e, esc, c.finish(escapers))
	if put == nil {
		return stepped(dot, slow)
	}
	return direct(e, esc, dot, func(x *run, dot reflect.Value) signal {
		at := len(x.buf)
		if put(x, dot) {
			return goOn
		}
		x.buf = x.buf[:at]
		return slow(x, dot)
	})
}

// direct is the instruction that writes a field of dot, else one that leaves it to the step.
func direct(e expr, esc *escape, dot reflect.Type, s step) instruction {
	out := stepped(dot, s)
	if !e.ofDot {
		return out
	}
	at, ok := locate(dot, e.path)
	if !ok {
		return out
	}
	out.at, out.kind = at, e.typ.Kind()
	switch {
	case e.typ == typeHTML && esc.markup:
		out.do = doMarkup
	case !plainType(e.typ):
	case out.kind == reflect.String && esc.html:
		out.do = doText
	case out.kind == reflect.String && esc.safe != nil:
		out.do, out.safe = doSafeText, esc.safe
	case basic(out.kind) == reflect.Int && esc.number:
		out.do = doInteger
	case basic(out.kind) == reflect.Uint && esc.number:
		out.do = doUnsigned
	case basic(out.kind) == reflect.Float64 && esc.html:
		out.do = doFloat
	case out.kind == reflect.Bool && esc.html:
		out.do = doBool
	}
	return out
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
	html   bool                // it is HTML's
	safe   func(s []byte) bool // of text for which this holds, nothing changes
	number bool                // integers stay as they are
	markup bool                // template.HTML stays as it is
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

func isAlphanumeric(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' }

// wordly text has nothing that any escaper changes.
func wordly(s []byte) bool {
	for _, c := range s {
		if !isAlphanumeric(c) && c != '_' && c != '.' {
			return false
		}
	}
	return len(s) > 0
}

// pathly text is a URL without anything that is escaped, and without a scheme.
func pathly(s []byte) bool {
	for _, c := range s {
		switch {
		case isAlphanumeric(c):
		case c == '/', c == '-', c == '_', c == '.', c == '~', c == '?', c == '=', c == '#', c == ',', c == ';', c == '@', c == '*', c == '!':
		default:
			return false
		}
	}
	return true
}

// shortly text is a CSS value in which no word that CSS forbids has room.
func shortly(s []byte) bool {
	for _, c := range s {
		if !isAlphanumeric(c) && c != '.' && c != '%' && c != '#' {
			return false
		}
	}
	return len(s) < len("expression")
}

// A putter writes a value; it returns false where the standard executor must.
type putter func(x *run, dot reflect.Value) bool

// putter chooses how values of a type are written. finish writes what text became of a value by the escapers.
func (c *compiler) putter(e expr, esc *escape, finish func(*run, reflect.Value) bool) putter {
	switch {
	case e.text != nil:
		return func(x *run, dot reflect.Value) bool {
			text, ok := e.text(x, dot, x.text[:0])
			x.text = text[:0]
			return ok && (x.escaped(text, esc) || finish(x, reflect.ValueOf(string(text))))
		}
	case e.num != nil && esc.number:
		return func(x *run, dot reflect.Value) bool {
			n, ok := e.num(x, dot)
			x.buf = strconv.AppendInt(x.buf, n, 10)
			return ok
		}
	case e.truth != nil && e.typ == typeBool && esc.html:
		return func(x *run, dot reflect.Value) bool {
			b, ok := e.truth(x, dot)
			x.buf = strconv.AppendBool(x.buf, b)
			return ok
		}
	}
	put, get := writerFor(e.typ, esc, finish), e.get
	return func(x *run, dot reflect.Value) bool {
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
	case esc.safe != nil && esc.safe(text):
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
		bits := typ.Bits()
		return func(x *run, v reflect.Value) bool {
			x.text = strconv.AppendFloat(x.text[:0], v.Float(), 'g', -1, bits)
			return x.escaped(x.text, esc) || finish(x, v)
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

// appendEscaped appends text as html/template's HTML escapers do. It looks at eight bytes at once for one that is escaped.
func appendEscaped[S string | []byte](dst []byte, s S) []byte {
	from, i := 0, 0
	for ; i+8 <= len(s); i += 8 {
		word := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if !mayNeedEscape(word) {
			continue
		}
		for k := i; k < i+8; k++ {
			if to := escapeOf[s[k]]; to != 0 {
				dst = append(append(dst, s[from:k]...), references[to]...)
				from = k + 1
			}
		}
	}
	for ; i < len(s); i++ {
		if to := escapeOf[s[i]]; to != 0 {
			dst = append(append(dst, s[from:i]...), references[to]...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// mayNeedEscape tells whether one of eight bytes may be NUL, '"', '&', '\”, '+', '<' or '>': '&' and '\” are one but for a bit, and so are '<'
// and '>'. A byte t is zero if t-1 borrows and t has no high bit; what a borrow makes of the byte above is a false alarm, never a missed one.
func mayNeedEscape(word uint64) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote := word ^ ones*'"'
	plus := word ^ ones*'+'
	amp := (word | ones) ^ ones*'\''
	angle := (word | ones*2) ^ ones*'>'
	return ((word-ones)&^word|(quote-ones)&^quote|(plus-ones)&^plus|(amp-ones)&^amp|(angle-ones)&^angle)&high != 0
}

var (
	escapeOf   = [256]uint8{'<': 1, '>': 2, '&': 3, '"': 4, '\'': 5, '+': 6, 0: 7}
	references = [...]string{1: "&lt;", 2: "&gt;", 3: "&amp;", 4: "&#34;", 5: "&#39;", 6: "&#43;", 7: "\uFFFD"}
)
