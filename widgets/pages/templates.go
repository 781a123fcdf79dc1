package pages

import (
	"embed"
	"fmt"
	"html/template"
	"regexp"
)

//go:embed templates/*.html
var files embed.FS

// lineBreaks are the breaks and indentation of the files. They are turned into template comments: gone from the HTML, yet errors keep their lines.
var lineBreaks = regexp.MustCompile(`\r?\n[ \t]*`)

// load parses the named files into one template set; the first is the one that is executed.
func load(names ...string) (*template.Template, error) {
	set := template.New(names[0])
	for _, name := range names {
		text, err := files.ReadFile("templates/" + name)
		if err != nil {
			return nil, fmt.Errorf("pages: template: %w", err)
		}
		tidy := lineBreaks.ReplaceAllStringFunc(string(text), func(s string) string { return "{{/*" + s + "*/}}" })
		t := set
		if name != names[0] {
			t = set.New(name)
		}
		if _, err := t.Parse(tidy); err != nil {
			return nil, fmt.Errorf("pages: template: %w", err)
		}
	}
	return set, nil
}

// must is load for the package's own variables: the files are embedded, so a fault shows in every test.
func must(names ...string) *template.Template { return template.Must(load(names...)) }
