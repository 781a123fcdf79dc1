package sql

import (
	"regexp"
	"strconv"
	"strings"
)

// hint is what a CHECK of a table's definition says about one column. The scanner below reads definitions as far as it understands them; what
// it does not understand gives no hint, and the engine still enforces it.
type hint struct {
	column  string
	choices []string
	json    bool
	maxLen  int
}

// rule is one CHECK: its name or else its text, which is what the engine reports, and every word of it that may be a column.
type rule struct {
	name  string
	text  string
	words []string
	hint  *hint
}

// token is a piece of a definition. Kind is 'w' a bare word, 'q' a quoted name, 's' a string, 'n' a number, or the punctuation itself.
type token struct {
	kind       byte
	text       string
	start, end int
}

// scan cuts a definition into tokens, without its comments.
func scan(ddl string) []token {
	var out []token
	for i := 0; i < len(ddl); {
		c := ddl[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			i++
			continue
		case strings.HasPrefix(ddl[i:], "--"):
			n := strings.IndexByte(ddl[i:], '\n')
			if n < 0 {
				return out
			}
			i += n
			continue
		case strings.HasPrefix(ddl[i:], "/*"):
			n := strings.Index(ddl[i+2:], "*/")
			if n < 0 {
				return out
			}
			i += n + 4
			continue
		case c == '\'' || c == '"' || c == '`' || c == '[':
			text, next, ok := scanQuoted(ddl, i)
			if !ok {
				return out
			}
			kind := byte('q')
			if c == '\'' {
				kind = 's'
			}
			i = next
			out = append(out, token{kind, text, start, i})
		case isDigit(c) || c == '-' && i+1 < len(ddl) && isDigit(ddl[i+1]):
			i++
			for i < len(ddl) && (isDigit(ddl[i]) || ddl[i] == '.') {
				i++
			}
			out = append(out, token{'n', ddl[start:i], start, i})
		case isWord(c):
			for i < len(ddl) && (isWord(ddl[i]) || isDigit(ddl[i])) {
				i++
			}
			out = append(out, token{'w', ddl[start:i], start, i})
		default:
			i++
			out = append(out, token{c, ddl[start:i], start, i})
		}
	}
	return out
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// scanQuoted reads a string or quoted name that starts at i; a doubled quote stands for itself.
func scanQuoted(ddl string, i int) (text string, next int, ok bool) {
	quote := ddl[i]
	if quote == '[' {
		n := strings.IndexByte(ddl[i:], ']')
		if n < 0 {
			return "", 0, false
		}
		return ddl[i+1 : i+n], i + n + 1, true
	}
	var b strings.Builder
	for i++; i < len(ddl); i++ {
		if ddl[i] != quote {
			b.WriteByte(ddl[i])
			continue
		}
		if i+1 < len(ddl) && ddl[i+1] == quote {
			i++
			b.WriteByte(quote)
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

func (t token) is(word string) bool { return t.kind == 'w' && strings.EqualFold(t.text, word) }

func (t token) isName() bool { return t.kind == 'w' || t.kind == 'q' }

// rules finds the CHECKs of a CREATE TABLE.
func rules(ddl string) []rule {
	tokens := scan(ddl)
	var out []rule
	for i := 0; i+1 < len(tokens); i++ {
		if !tokens[i].is("CHECK") || tokens[i+1].kind != '(' {
			continue
		}
		end := closing(tokens, i+1)
		if end < 0 {
			return out
		}
		inner := tokens[i+2 : end]
		if len(inner) == 0 {
			continue
		}
		text := strings.TrimSpace(ddl[tokens[i+1].end:tokens[end].start])
		name := text
		if i >= 2 && tokens[i-2].is("CONSTRAINT") && tokens[i-1].isName() {
			name = tokens[i-1].text
		}
		out = append(out, ruleOf(name, text, inner))
		i = end
	}
	return out
}

// ruleOf is the CHECK of a name and text, which tokens are the pieces of.
func ruleOf(name, text string, tokens []token) rule {
	r := rule{name: name, text: text, hint: understood(tokens)}
	for _, t := range tokens {
		if t.isName() {
			r.words = append(r.words, t.text)
		}
	}
	return r
}

// printed is the CHECK of a server, which prints what it has parsed in a way of its own: here it is as a person would have written it. PostgreSQL
// adds casts, x = ANY (ARRAY['a'::text]) for x IN ('a'), and MariaDB quotes every name.
func printed(name, text string) rule {
	var b strings.Builder
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			_, next, ok := scanQuoted(text, i)
			if !ok {
				next = len(text)
			}
			b.WriteString(text[i:next])
			i = next
		case c == '`':
			quoted, next, ok := scanQuoted(text, i)
			if !ok {
				return rule{name: name, text: text}
			}
			if strings.IndexFunc(quoted, func(r rune) bool { return r > 0x7f || !isWord(byte(r)) && !isDigit(byte(r)) }) >= 0 {
				quoted = text[i:next]
			}
			b.WriteString(quoted)
			i = next
		case strings.HasPrefix(text[i:], "::"):
			i += len(cast.FindString(text[i:]))
		case c == '[':
			b.WriteByte('(')
			i++
		case c == ']':
			b.WriteByte(')')
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	plain := anyArray.ReplaceAllString(b.String(), " IN ($1)")
	return ruleOf(name, plain, scan(plain))
}

var (
	cast     = regexp.MustCompile(`^::(?:"(?:[^"]|"")*"|[\w.]+)(?: (?:varying|precision|with(?:out)? time zone))?(?:\([\d, ]*\))?(?:\[\])*`)
	anyArray = regexp.MustCompile(` = ANY \(+ARRAY\(([^()]*)\)+`)
)

// closing is the index of the parenthesis that closes the one at open, -1 if none does.
func closing(tokens []token, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		switch tokens[i].kind {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// understood reads the shapes of CHECK that say something for a form: x IN ('a', 'b'), x = 'a' OR x = 'b', each perhaps with OR x IS NULL,
// json_valid(x), length(x) <= n.
func understood(tokens []token) *hint {
	for len(tokens) > 2 && tokens[0].kind == '(' && closing(tokens, 0) == len(tokens)-1 {
		tokens = tokens[1 : len(tokens)-1]
	}
	if h := call(tokens); h != nil {
		return h
	}
	h := &hint{}
	for len(tokens) > 0 {
		n := alternative(tokens, h)
		if n == 0 {
			return nil
		}
		tokens = tokens[n:]
		if len(tokens) > 0 {
			if !tokens[0].is("OR") || len(tokens) == 1 {
				return nil
			}
			tokens = tokens[1:]
		}
	}
	if len(h.choices) == 0 {
		return nil
	}
	return h
}

// alternative reads one side of an OR into h and returns how many tokens it took, 0 if it is anything else.
func alternative(t []token, h *hint) int {
	if len(t) < 3 || !t[0].isName() || h.column != "" && !strings.EqualFold(h.column, t[0].text) {
		return 0
	}
	h.column = t[0].text
	switch {
	case t[1].is("IS") && t[2].is("NULL"):
		return 3
	case t[1].kind == '=' && isLiteral(t[2]):
		h.choices = append(h.choices, t[2].text)
		return 3
	case t[1].is("IN") && t[2].kind == '(':
		i := 3
		for ; i+1 < len(t); i += 2 {
			switch {
			case isLiteral(t[i]):
				h.choices = append(h.choices, t[i].text)
			case !t[i].is("NULL"): // which allows nothing that Nullable does not say
				return 0
			}
			if t[i+1].kind == ')' {
				return i + 2
			}
			if t[i+1].kind != ',' {
				return 0
			}
		}
	}
	return 0
}

func isLiteral(t token) bool { return t.kind == 's' || t.kind == 'n' }

func call(t []token) *hint {
	if len(t) < 4 || !t[0].isName() || t[1].kind != '(' || !t[2].isName() || t[3].kind != ')' {
		return nil
	}
	h := &hint{column: t[2].text}
	switch {
	case t[0].is("json_valid") && len(t) == 4:
		h.json = true
		return h
	case t[0].is("length") && (len(t) == 6 || len(t) == 7) && t[4].kind == '<':
		n, err := strconv.Atoi(t[len(t)-1].text)
		if err != nil || n < 1 || len(t) == 7 && t[5].kind != '=' {
			return nil
		}
		if len(t) == 6 {
			n--
		}
		h.maxLen = n
		return h
	}
	return nil
}
