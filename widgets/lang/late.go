package lang

import (
	"fmt"
	"regexp"
	"strings"
)

// late finds the text that a finished sentence was made of.
type late struct {
	sentence *regexp.Regexp
	text     string
}

var places = regexp.MustCompile(`%(?:\[\d+\])?[sdvq]`)

// lately makes a pattern of a text with values in it, nil of one that is hardly more than its values: it would fit what it is not.
func lately(text string) *late {
	rest := places.ReplaceAllString(text, "")
	if rest == text || len(strings.Map(letters, rest)) < 6 {
		return nil
	}
	var b strings.Builder
	b.WriteString(`^(?s)`)
	from := 0
	for _, at := range places.FindAllStringIndex(text, -1) {
		b.WriteString(regexp.QuoteMeta(text[from:at[0]]))
		b.WriteString(`(.*?)`)
		from = at[1]
	}
	b.WriteString(regexp.QuoteMeta(text[from:]))
	b.WriteString(`$`)
	return &late{regexp.MustCompile(b.String()), text}
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return -1
}

// Late says in this language what a layer below has already said in English, values and all: errors of the database, of the jobs, of a form's fields.
// It is slower than T, and for what is said seldom. What the catalogue does not know stays as it is.
func (l *Language) Late(said string) string {
	if l == nil || said == "" {
		return said
	}
	if l.wrap != nil {
		return l.wrap(said)
	}
	if f, ok := l.texts[said]; ok {
		return f.Other
	}
	for _, p := range l.lately {
		if values := p.sentence.FindStringSubmatch(said); values != nil {
			args := make([]any, len(values)-1)
			for i, v := range values[1:] {
				args[i] = v
			}
			return fmt.Sprintf(strings.ReplaceAll(l.texts[p.text].Other, "%d", "%s"), args...)
		}
	}
	return said
}
