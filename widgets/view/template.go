package view

import (
	"fmt"
	"html/template"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// Template is a compiled html/template. It is immutable and shared by all sessions.
type Template struct {
	std   *template.Template // never executed, so that it can be cloned
	funcs map[string]reflect.Type
	calls map[string]reflect.Value // the same functions
	any   bool                     // attributes that a strict content security policy ignores are not refused, for tests
	notes []string

	mu      sync.RWMutex
	layouts map[reflect.Type]*layout

	recent atomic.Pointer[layout] // the one that was asked for before: most templates have data of one type
}

// Compile compiles t, a parsed html/template with its associated templates and functions, which was never executed.
// t itself is left as it was. The errors are html/template's own, and those of attributes that a page under a strict
// content security policy ignores; they carry the template's name and the line.
//
// funcs may repeat functions of t; they must be the same ones. Their types are then known: what a function that returns a
// string yields is patched as text, where otherwise it may be markup and is patched as such, and they are called directly
// where arguments and parameters are of the same types. A function that replaces a predefined one (print,
// len, index, …) must be given here.
func Compile(t *template.Template, funcs ...template.FuncMap) (*Template, error) {
	return compile(t, false, funcs)
}

func compile(t *template.Template, anyAttribute bool, funcs []template.FuncMap) (*Template, error) {
	std, err := t.Clone()
	if err != nil {
		return nil, fmt.Errorf("view: compile a template before it is first executed: %w", err)
	}
	c := &Template{
		std: std, any: anyAttribute, funcs: map[string]reflect.Type{}, calls: map[string]reflect.Value{}, layouts: map[reflect.Type]*layout{},
	}
	for _, m := range funcs {
		for name, f := range m {
			c.funcs[name] = reflect.TypeOf(f)
			c.calls[name] = reflect.ValueOf(f)
		}
	}
	notes := &notes{}
	l, err := c.layout(nil, notes)
	if err != nil {
		return nil, err
	}
	c.layouts[nil] = l
	c.notes = notes.list
	return c, nil
}

// layout compiles the template for one type of data. A mistake of ours in taking it apart costs its parts, not the
// process.
func (t *Template) layout(data reflect.Type, notes *notes) (l *layout, err error) {
	defer func() {
		if r := recover(); r != nil {
			notes.say(nil, "a mistake in package view (%v): the widget is replaced as a whole", r)
			l = &layout{data: data, mistake: fmt.Sprint(r, "\n", string(debug.Stack()))}
			l.src, err = whole(t.std)
		}
	}()
	src, err := prepare(t.std)
	if err != nil {
		return nil, fmt.Errorf("view: template %q: %w", t.std.Name(), err)
	}
	l = &layout{src: src, data: data}
	if src.hidden != nil {
		notes.say(src.hidden, "a recursive template outside of text: the widget is replaced as a whole")
		l.src, err = whole(t.std)
		return l, err
	}
	g := &grower{src: src, tokens: map[string][]token{}, broken: map[string]string{}, forced: map[*token]string{}, notes: notes}
	root := g.root()
	for _, tokens := range g.tokens {
		if err := refuse(tokens, notes); err != nil && !t.any {
			return nil, fmt.Errorf("view: template %q: %w", t.std.Name(), err)
		}
	}
	for root.tree.fail == "" && g.verify(root) {
		root = g.root()
	}
	if root.tree.fail != "" {
		notes.say(root.tree.at, "%s: the widget is replaced as a whole", root.tree.fail)
		l.src, err = whole(t.std)
		return l, err
	}
	p := &planner{grower: g, types: infer(src, data, t.funcs)}
	l.root = p.definition(root)
	l.markup = p.markup
	l.machine = newMachine(p.types, root, g.defs, t.std, t.calls)
	l.program = program(src, root, g.defs) // changes what it executes, so it comes last
	return l, nil
}

// whole is a source for a template that is executed as it is.
func whole(t *template.Template) (*source, error) {
	set, err := t.Clone()
	if err != nil {
		return nil, err
	}
	return &source{set: set, name: t.Name()}, nil
}

// maxTypes bounds how many types of data one template is compiled for; data of further types is rendered by the layout
// that assumes nothing.
const maxTypes = 32

// layoutFor finds or makes the layout for data.
func (t *Template) layoutFor(data any) (*layout, error) {
	typ := reflect.TypeOf(data)
	t.mu.RLock()
	l := t.layouts[typ]
	t.mu.RUnlock()
	if l != nil {
		t.recent.Store(l)
		return l, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.layouts[typ]; l != nil {
		return l, nil
	}
	if len(t.layouts) >= maxTypes {
		return t.layouts[nil], nil
	}
	l, err := t.layout(typ, &notes{})
	if err == nil {
		t.layouts[typ] = l
	}
	return l, err
}

// Render executes the template. It is safe for concurrent use, as long as nobody changes data meanwhile.
func (t *Template) Render(data any) (*Tree, error) { return t.Rerender(nil, data) }

// Rerender is Render for a state that follows another: where it looks as last does, last itself is returned and nothing
// is allocated. last may be nil or a tree of any template.
func (t *Template) Rerender(last *Tree, data any) (*Tree, error) {
	l := t.recent.Load()
	if l == nil || l.data != reflect.TypeOf(data) {
		var err error
		if l, err = t.layoutFor(data); err != nil {
			return nil, err
		}
	}
	return l.record(last, data)
}

// Notes lists what a developer may want to know, each with template and line: which elements are replaced as a whole
// and why. It speaks of the template for data of any type.
func (t *Template) Notes() []string { return slices.Clone(t.notes) }
