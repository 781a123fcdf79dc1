package lang

import (
	"html"
	"regexp"
	"strconv"
)

// said is a call of t in the source of a template: {{t "Save"}}, {{t "Started by %s" .Owner}}.
var said = regexp.MustCompile(`\{\{t ("(?:[^"\\]|\\.)*")([^}]*)\}\}`)

// Words puts a language's words into the source of an html/template: a text without values becomes part of the markup, one with values a printf.
func (l *Language) Words(source string) string {
	return said.ReplaceAllStringFunc(source, func(call string) string {
		part := said.FindStringSubmatch(call)
		text, err := strconv.Unquote(part[1])
		if err != nil {
			return call // the parser tells where
		}
		if part[2] == "" {
			return html.EscapeString(l.T(text))
		}
		return "{{printf " + strconv.Quote(l.T(text)) + part[2] + "}}"
	})
}

// Calls are the texts that the source of a template says.
func Calls(source string) []string {
	var texts []string
	for _, part := range said.FindAllStringSubmatch(source, -1) {
		if text, err := strconv.Unquote(part[1]); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}
