package template

import (
	"bytes"
	html "html/template"
	"io"
	"io/fs"
	"maps"
	"sync"
	"text/template"
	"text/template/parse"

	"greenroom/internal/parity"
)

// Template is text/template's, and what its set was told.
type Template struct {
	*parse.Tree

	std *template.Template
	set *set
}

type set struct {
	mu      sync.Mutex
	known   map[*template.Template]*Template
	funcs   FuncMap
	options []string
}

// wrap finds the Template of a standard one: a test may compare their addresses.
func (s *set) wrap(std *template.Template) *Template {
	if std == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.known[std]
	if t == nil {
		t = &Template{std: std, set: s}
		s.known[std] = t
	}
	t.Tree = std.Tree
	return t
}

func (s *set) wrapped(std *template.Template, err error) (*Template, error) {
	if err != nil {
		return nil, err
	}
	return s.wrap(std), nil
}

func newSet() *set { return &set{known: map[*template.Template]*Template{}, funcs: FuncMap{}} }

// ready makes a zero Template one.
func (t *Template) ready() *Template {
	if t.std == nil {
		t.std, t.set = new(template.Template), newSet()
		t.set.known[t.std] = t
	}
	return t
}

// New is template.New.
func New(name string) *Template { return newSet().wrap(template.New(name)) }

// Must is template.Must.
func Must(t *Template, err error) *Template {
	if err != nil {
		panic(err)
	}
	return t
}

// ParseFiles is template.ParseFiles.
func ParseFiles(names ...string) (*Template, error) {
	return newSet().wrapped(template.ParseFiles(names...))
}

// ParseGlob is template.ParseGlob.
func ParseGlob(pattern string) (*Template, error) {
	return newSet().wrapped(template.ParseGlob(pattern))
}

// ParseFS is template.ParseFS.
func ParseFS(files fs.FS, patterns ...string) (*Template, error) {
	return newSet().wrapped(template.ParseFS(files, patterns...))
}

// New is the standard method.
func (t *Template) New(name string) *Template { t.ready(); return t.set.wrap(t.std.New(name)) }

// Name is the standard method.
func (t *Template) Name() string { return t.ready().std.Name() }

// Lookup is the standard method.
func (t *Template) Lookup(name string) *Template { t.ready(); return t.set.wrap(t.std.Lookup(name)) }

// DefinedTemplates is the standard method.
func (t *Template) DefinedTemplates() string { return t.ready().std.DefinedTemplates() }

// Parse is the standard method.
func (t *Template) Parse(text string) (*Template, error) {
	t.ready()
	return t.set.wrapped(t.std.Parse(text))
}

// ParseFiles is the standard method.
func (t *Template) ParseFiles(names ...string) (*Template, error) {
	t.ready()
	return t.set.wrapped(t.std.ParseFiles(names...))
}

// ParseGlob is the standard method.
func (t *Template) ParseGlob(pattern string) (*Template, error) {
	t.ready()
	return t.set.wrapped(t.std.ParseGlob(pattern))
}

// ParseFS is the standard method.
func (t *Template) ParseFS(files fs.FS, patterns ...string) (*Template, error) {
	t.ready()
	return t.set.wrapped(t.std.ParseFS(files, patterns...))
}

// AddParseTree is the standard method.
func (t *Template) AddParseTree(name string, tree *parse.Tree) (*Template, error) {
	t.ready()
	return t.set.wrapped(t.std.AddParseTree(name, tree))
}

// Clone is the standard method.
func (t *Template) Clone() (*Template, error) {
	t.ready()
	s := newSet()
	t.set.mu.Lock()
	maps.Copy(s.funcs, t.set.funcs)
	s.options = append(s.options, t.set.options...)
	t.set.mu.Unlock()
	return s.wrapped(t.std.Clone())
}

// Templates is the standard method.
func (t *Template) Templates() []*Template {
	var all []*Template
	for _, std := range t.ready().std.Templates() {
		all = append(all, t.set.wrap(std))
	}
	return all
}

// Delims is the standard method.
func (t *Template) Delims(left, right string) *Template {
	t.ready().std.Delims(left, right)
	return t
}

// Funcs is the standard method.
func (t *Template) Funcs(funcs FuncMap) *Template {
	t.ready().std.Funcs(funcs)
	t.set.mu.Lock()
	defer t.set.mu.Unlock()
	maps.Copy(t.set.funcs, funcs)
	return t
}

// Option is the standard method.
func (t *Template) Option(options ...string) *Template {
	t.ready().std.Option(options...)
	t.set.mu.Lock()
	defer t.set.mu.Unlock()
	t.set.options = append(t.set.options, options...)
	return t
}

// Execute is the standard method, and the comparison.
func (t *Template) Execute(w io.Writer, data any) error {
	err := t.ready().std.Execute(w, data)
	t.compare(t.std, data)
	return err
}

// ExecuteTemplate is the standard method, and the comparison.
func (t *Template) ExecuteTemplate(w io.Writer, name string, data any) error {
	err := t.ready().std.ExecuteTemplate(w, name, data)
	if std := t.std.Lookup(name); std == nil {
		parity.LeftOut("there is no such template")
	} else {
		t.compare(std, data)
	}
	return err
}

// compare makes an html/template of the set, as it is now, and compares two executions of it.
func (t *Template) compare(main *template.Template, data any) {
	t.set.mu.Lock()
	twin := html.New(main.Name()).Funcs(t.set.funcs).Option(t.set.options...)
	t.set.mu.Unlock()
	for _, std := range append(main.Templates(), main) {
		if std.Tree != nil {
			if _, err := twin.AddParseTree(std.Name(), std.Tree.Copy()); err != nil {
				parity.LeftOut("html/template does not take its tree: " + err.Error())
				return
			}
		}
	}
	if main.Tree == nil {
		parity.LeftOut("it has no body, which html/template and text/template tell at different times")
		return
	}
	var s parity.Set
	s.Before(twin)
	execute := func() ([]byte, error) {
		var b bytes.Buffer
		err := twin.ExecuteTemplate(&b, main.Name(), data)
		return b.Bytes(), err
	}
	want, err := execute()
	s.Compare(main.Name(), data, want, err, execute)
}
