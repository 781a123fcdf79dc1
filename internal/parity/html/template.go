package template

import (
	"bytes"
	"html/template"
	"io"
	"io/fs"
	"sync"
	"text/template/parse"

	"greenroom/internal/parity"
)

// Template is html/template's, and the set it is of.
type Template struct {
	// Tree is the parsed template, escaped once it was executed.
	Tree *parse.Tree

	std *template.Template
	set *set
}

type set struct {
	parity.Set
	mu    sync.Mutex
	known map[*template.Template]*Template
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

func newSet() *set { return &set{known: map[*template.Template]*Template{}} }

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
func (t *Template) New(name string) *Template { return t.set.wrap(t.std.New(name)) }

// Name is the standard method.
func (t *Template) Name() string { return t.std.Name() }

// Lookup is the standard method.
func (t *Template) Lookup(name string) *Template { return t.set.wrap(t.std.Lookup(name)) }

// DefinedTemplates is the standard method.
func (t *Template) DefinedTemplates() string { return t.std.DefinedTemplates() }

// Parse is the standard method.
func (t *Template) Parse(text string) (*Template, error) { return t.set.wrapped(t.std.Parse(text)) }

// ParseFiles is the standard method.
func (t *Template) ParseFiles(names ...string) (*Template, error) {
	return t.set.wrapped(t.std.ParseFiles(names...))
}

// ParseGlob is the standard method.
func (t *Template) ParseGlob(pattern string) (*Template, error) {
	return t.set.wrapped(t.std.ParseGlob(pattern))
}

// ParseFS is the standard method.
func (t *Template) ParseFS(files fs.FS, patterns ...string) (*Template, error) {
	return t.set.wrapped(t.std.ParseFS(files, patterns...))
}

// AddParseTree is the standard method.
func (t *Template) AddParseTree(name string, tree *parse.Tree) (*Template, error) {
	return t.set.wrapped(t.std.AddParseTree(name, tree))
}

// Clone is the standard method.
func (t *Template) Clone() (*Template, error) { return newSet().wrapped(t.std.Clone()) }

// Templates is the standard method.
func (t *Template) Templates() []*Template {
	var all []*Template
	for _, std := range t.std.Templates() {
		all = append(all, t.set.wrap(std))
	}
	return all
}

// Delims is the standard method.
func (t *Template) Delims(left, right string) *Template {
	t.std.Delims(left, right)
	return t
}

// Funcs is the standard method.
func (t *Template) Funcs(funcs FuncMap) *Template {
	t.std.Funcs(funcs)
	t.set.Change(func(p *template.Template) { p.Funcs(funcs) })
	return t
}

// Option is the standard method.
func (t *Template) Option(options ...string) *Template {
	t.std.Option(options...)
	t.set.Change(func(p *template.Template) { p.Option(options...) })
	return t
}

// Execute is the standard method, and the comparison.
func (t *Template) Execute(w io.Writer, data any) error {
	current := t.std.Lookup(t.std.Name()) == t.std
	return t.execute(w, data, t.std.Name(), current, func(w io.Writer) error { return t.std.Execute(w, data) })
}

// ExecuteTemplate is the standard method, and the comparison.
func (t *Template) ExecuteTemplate(w io.Writer, name string, data any) error {
	return t.execute(w, data, name, true, func(w io.Writer) error { return t.std.ExecuteTemplate(w, name, data) })
}

func (t *Template) execute(w io.Writer, data any, name string, current bool, std func(io.Writer) error) error {
	if current {
		t.set.Before(t.std)
	}
	out := &copied{to: w}
	err := std(out)
	t.set.wrap(t.std)
	switch {
	case out.failed:
		parity.LeftOut("its writer fails")
	case !current:
		parity.LeftOut("another template took its name")
	default:
		t.set.Compare(name, data, out.Bytes(), err, func() ([]byte, error) {
			var b bytes.Buffer
			err := std(&b)
			return b.Bytes(), err
		})
	}
	return err
}

// copied keeps what is written.
type copied struct {
	bytes.Buffer
	to     io.Writer
	failed bool
}

func (c *copied) Write(p []byte) (int, error) {
	c.Buffer.Write(p)
	n, err := c.to.Write(p)
	c.failed = c.failed || err != nil
	return n, err
}
