package widgets

import (
	"context"
	"fmt"
	"html/template"
	"regexp"
	"sort"
	"time"

	"greenroom/widgets/lang"
	"greenroom/widgets/view"
)

// Size is how much of the slot grid's twelve columns a widget takes: SM 3, MD 6, LG all 12. The zero Size is MD.
type Size string

// The sizes.
const (
	SM Size = "sm"
	MD Size = "md"
	LG Size = "lg"
)

// Widget declares a live part of a page: a dashboard card, something above a list or a form, or a page's own list or form.
type Widget struct {
	// Name is unique on a page and stands there as data-widget; letters, digits, '-' and '_'.
	Name string
	// Label is the heading of the card; empty means none.
	Label string
	// Size is the width in the slot grid; zero means MD. A page's main widget ignores it.
	Size Size
	// Order sorts widgets of one place, the least first; those of equal order stay as declared.
	Order int
	// Permissions must all be held, else the widget is absent: no placeholder, no name.
	Permissions []string
	// Template draws the state: an ordinary html/template, given the state as dot.
	Template *template.Template
	// Translations are templates in other languages, by tag: "de". In a language without one Template is drawn.
	Translations map[string]*template.Template
	// Styles names style sheets of the client's folder later that a page with this widget links, such as "charts.css".
	Styles []string
	// Mount loads the state. It runs once for a page, and again whenever a topic or Refresh says that the data changed and there is no Notice.
	Mount func(ctx context.Context, in In) (any, error)
	// Events are the handlers by event name, made with On.
	Events map[string]Handler
	// Topics names the topics whose news re-render the widget; nil means none.
	Topics func(in In) []string
	// Notice turns news of a topic into the next state; nil means that Mount runs again. Of several waiting news of one topic only the newest
	// is handed over. It may Tell those who see the widget something.
	Notice func(ctx context.Context, in In, state any, news News) (any, error)
	// Pace is the least time between two runs caused by topics; 0 means 300 ms. The first news after a pause is handled at once.
	Pace time.Duration
	// Refresh mounts again this often; 0 means never, less than a second counts as a second.
	Refresh time.Duration
	// Shared returns a key; all pages whose key is equal are served by one actor that renders once. Nil or "" means that each page has its own.
	// A shared widget sees the In of the page that came first, so the key must name everything that Mount uses of it but the language; events are not
	// allowed.
	Shared func(in In) string
	// Timeout bounds Mount and each handler; 0 means 10 s.
	Timeout time.Duration
	// Bare leaves out the card around the widget; pages' main widgets are bare.
	Bare bool
}

// News is what a topic said.
type News struct {
	Topic string
	Value any
}

// In is where an instance stands. It is a value: what a later event sees may have another Query.
type In struct {
	User *User
	// Prefix is the admin's root without a final slash: "/admin".
	Prefix string
	// Path is the page's path and Raw its query string as the browser sent it.
	Path, Raw string
	// Table is the table the page is about, nil on the dashboard and on pages of one's own.
	Table *Table
	// Key is the row of a change page. It is nil on every other page, the add page too.
	Key Key
	// Query is the list's live query on a list page, nil elsewhere.
	Query *Query
	// Scope narrows what the user may see of Table (Decision.Rows); Mount must And it into what it reads.
	Scope Filter
	// Hide and ReadOnly are the Decision's columns.
	Hide, ReadOnly []string
	// Language is the one that the page speaks: the person's own choice, else what the browser asks for. Nil is English.
	Language *lang.Language
	// Address is where the browser is, as far as the server can tell: an IP address, "" if unknown.
	Address string
	// CSRF goes into the hidden input "csrf" of every form.
	CSRF string
}

// Class is a checked and compiled Widget, shared by all its instances.
type Class struct {
	Widget
	view  *view.Template
	views map[string]*view.Template // of Translations
	later func(*lang.Language) *view.Template
}

// Translate says where the view in a language comes from when a page first needs it, for a class without Translations; nil leaves it in English. It is
// called at each drawing, by many at once, and before the class is used it is set.
func (c *Class) Translate(in func(*lang.Language) *view.Template) { c.later = in }

// in is the view for pages of a language.
func (c *Class) in(l *lang.Language) *view.Template {
	if v := c.views[l.Tag()]; v != nil {
		return v
	}
	if c.later != nil && l != nil {
		if v := c.later(l); v != nil {
			return v
		}
	}
	return c.view
}

// T says a text of the admin in the page's language; see lang.Language.
func (in *In) T(text string, args ...any) string { return in.Language.T(text, args...) }

var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// Compile checks the declaration and compiles its template. The error names the widget and what to do.
func (w Widget) Compile() (*Class, error) {
	return w.CompileBy(func(t *template.Template) (*view.Template, error) { return view.Compile(t) })
}

// CompileBy is Compile for who keeps compiled templates.
func (w Widget) CompileBy(compile func(t *template.Template) (*view.Template, error)) (*Class, error) {
	switch {
	case !validName.MatchString(w.Name):
		return nil, fmt.Errorf("widgets: name %q: a widget's Name starts with a letter and has letters, digits, '-' and '_' only", w.Name)
	case w.Template == nil:
		return nil, fmt.Errorf("widgets: widget %q has no Template", w.Name)
	case w.Mount == nil:
		return nil, fmt.Errorf("widgets: widget %q has no Mount", w.Name)
	case w.Shared != nil && len(w.Events) > 0:
		return nil, fmt.Errorf("widgets: widget %q is Shared and has Events: a shared widget has one state for all viewers; drop one of the two", w.Name)
	}
	switch w.Size {
	case "":
		w.Size = MD
	case SM, MD, LG:
	default:
		return nil, fmt.Errorf("widgets: widget %q: Size %q is none of sm, md, lg", w.Name, w.Size)
	}
	for name, h := range w.Events {
		if h.run == nil {
			return nil, fmt.Errorf("widgets: widget %q: event %q has no handler; make it with widgets.On", w.Name, name)
		}
	}
	if w.Timeout == 0 {
		w.Timeout = 10 * time.Second
	}
	if w.Pace == 0 {
		w.Pace = 300 * time.Millisecond
	}
	if w.Refresh > 0 {
		w.Refresh = max(w.Refresh, time.Second)
	}
	compiled, err := compile(w.Template)
	if err != nil {
		return nil, fmt.Errorf("widgets: widget %q: %w", w.Name, err)
	}
	class := &Class{Widget: w, view: compiled}
	for tag, t := range w.Translations {
		if compiled, err = view.Compile(t); err != nil {
			return nil, fmt.Errorf("widgets: widget %q in %s: %w", w.Name, tag, err)
		}
		if class.views == nil {
			class.views = map[string]*view.Template{}
		}
		class.views[tag] = compiled
	}
	return class, nil
}

// EventNames lists the declared events in order.
func (c *Class) EventNames() []string {
	names := make([]string, 0, len(c.Events))
	for name := range c.Events {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
