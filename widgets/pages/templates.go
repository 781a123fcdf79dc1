package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"sync"

	"greenroom/widgets/lang"
	"greenroom/widgets/view"
)

//go:embed templates/*.html
var files embed.FS

// lineBreaks are the breaks and indentation of the files. They are turned into template comments: gone from the HTML, yet errors keep their lines.
var lineBreaks = regexp.MustCompile(`\r?\n[ \t]*`)

// load parses the named files into one template set, in the words of a language; the first is the one that is executed. Files of over stand in place of
// the built-in ones.
func load(l *lang.Language, over fs.FS, names ...string) (*template.Template, error) {
	set := template.New(names[0])
	for _, name := range names {
		text, err := source(over, name)
		if err != nil {
			return nil, fmt.Errorf("pages: template: %w", err)
		}
		tidy := lineBreaks.ReplaceAllStringFunc(l.Words(text), func(s string) string { return "{{/*" + s + "*/}}" })
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

// must is load, in English, for the package's own variables: the files are embedded, so a fault shows in every test.
func must(names ...string) *template.Template { return template.Must(load(nil, nil, names...)) }

// ready are the package's own templates as the view engine has them: each is compiled, and checked against the types that it is drawn with, once a process.
var ready sync.Map // *template.Template to *view.Template

// compiled is view.Compile.
func compiled(t *template.Template) (*view.Template, error) {
	if v, known := ready.Load(t); known {
		return v.(*view.Template), nil
	}
	v, err := view.Compile(t)
	if err == nil && slices.Contains(builtIn(), t) {
		known, _ := ready.LoadOrStore(t, v)
		v = known.(*view.Template)
	}
	return v, err
}

// translated are the package's templates in other languages than English. Each is compiled when a page is first drawn in it, and kept.
type translated struct {
	mu    sync.Mutex
	views map[translation]*view.Template
	paper map[string]*paper
}

type translation struct{ name, tag string }

// view is a template in a language.
func (k *translated) view(t *template.Template, l *lang.Language, over func(names []string) fs.FS) (*view.Template, error) {
	if l.Tag() == (*lang.Language)(nil).Tag() {
		return nil, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	which := translation{t.Name(), l.Tag()}
	if v, known := k.views[which]; known {
		return v, nil
	}
	names := namesOf(t)
	var v *view.Template
	said, err := load(l, over(names), names...)
	if err == nil {
		v, err = view.Compile(said)
	}
	if k.views == nil {
		k.views = map[translation]*view.Template{}
	}
	k.views[which] = v // one that cannot be made is tried once
	return v, err
}

// papers is the paper of a language.
func (k *translated) papers(l *lang.Language, over fs.FS) (*paper, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.paper[l.Tag()]
	if p != nil {
		return p, nil
	}
	p, err := newPaper(l, over)
	if err != nil {
		return nil, err
	}
	if k.paper == nil {
		k.paper = map[string]*paper{}
	}
	k.paper[l.Tag()] = p
	return p, nil
}

// in is where the views of one of the package's templates come from.
func (s *Site) in(t *template.Template) func(*lang.Language) *view.Template {
	return func(l *lang.Language) *view.Template {
		v, err := s.translated.view(t, l, s.over)
		if err != nil {
			s.log().Error("a template is not translated", "template", t.Name(), "language", l.Tag(), "err", err)
		}
		return v
	}
}

// over is where files are that stand in place of the built-in ones, nil when none of these does.
func (s *Site) over(names []string) fs.FS {
	if slices.ContainsFunc(names, func(name string) bool { return s.overrides[name] }) {
		return s.Templates
	}
	return nil
}
