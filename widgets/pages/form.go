package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"greenroom/widgets"
)

// formName is the name of the form page's main widget.
const formName = "form"

// formState is an add or change page as one person has it: what the row was when it was read, and what was typed since. Handlers work on a copy.
type formState struct {
	add  bool
	key  widgets.Key
	name string // of the row
	// fields are those shown, in order.
	fields []field
	// editable tells whether there is anything to save, gone that the row was deleted meanwhile.
	editable, gone bool
	// whole are faults of the whole form, notice a word about the last save.
	whole []string

	View formView
}

// formView is what form.html draws.
type formView struct {
	CSRF, Heading     string
	Editable          bool
	Notice            string
	Faults            []faultView
	Inputs            []inputView
	Cancel, DeleteURL string
	HistoryURL        string
	AddAnother        bool
	// Contested puts a button for saving before those of the conflicts: Enter in a field presses the first.
	Contested bool
	Hint      string
}

// pageBudget bounds what a page builder reads before the page's actors exist.
const pageBudget = 10 * time.Second

// AddPage builds the page of a new row. Its In has no Key at all.
func (s *Site) AddPage(in widgets.In, m *Model) (*widgets.Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pageBudget)
	defer cancel()
	if m.table().ReadOnly != "" || !m.may(ctx, in.User, widgets.Add, nil).Allow {
		return nil, widgets.ErrDenied
	}
	in.Key = nil
	return &widgets.Page{
		Title: "Add " + lower(m.label()), Crumbs: m.crumbsBack(in), Section: m.table().ID(), Slots: m.formSlots, Main: m.form, In: in,
	}, nil
}

// ChangePage builds the page of a row: ErrNoRow when it does not exist or is not the person's to see. Who may see it but not change it gets the values.
func (s *Site) ChangePage(in widgets.In, m *Model) (*widgets.Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pageBudget)
	defer cancel()
	title, err := m.rowTitle(ctx, in)
	if err != nil {
		return nil, err
	}
	return &widgets.Page{
		Title: title, Crumbs: m.crumbsBack(in), Section: m.table().ID(), Slots: m.formSlots, Main: m.form, In: in,
	}, nil
}

// rowTitle reads the row of in.Key and names it.
func (m *Model) rowTitle(ctx context.Context, in widgets.In) (string, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return "", err
	}
	row, err := m.Source.Get(ctx, in.Key, g.scope)
	if err != nil {
		return "", err
	}
	return m.titleOf(columnNames(m.table()), row, g.hide), nil
}

func columnNames(t *widgets.Table) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// wordList carries a list's address through a row's pages, so that saving leads back to the same place.
const wordList = "list"

// back is the list that a row's page was opened from.
func (m *Model) back(in widgets.In) string {
	if list := rawQuery(in.Raw).Get(wordList); list != "" {
		return m.url() + "?" + rawQuery(list).Encode()
	}
	return m.url()
}

// carried appends the list's address to a row's page.
func carried(page, list string) string {
	if list == "" {
		return page
	}
	return page + "?" + url.Values{wordList: {list}}.Encode()
}

func (m *Model) crumbsBack(in widgets.In) []widgets.Crumb {
	return append(m.site.crumbs(), widgets.Crumb{Label: m.plural(), URL: m.back(in)})
}

var formTemplate = must("form.html", "input.html")

func (m *Model) formWidget() widgets.Widget {
	return widgets.Widget{
		Name: formName, Label: m.label(), Bare: true, Template: formTemplate,
		Mount:  func(ctx context.Context, in widgets.In) (any, error) { return m.mountForm(ctx, in) },
		Topics: func(widgets.In) []string { return []string{m.table().Topic()} },
		Notice: func(ctx context.Context, in widgets.In, state any, _ widgets.News) (any, error) {
			return m.noticeForm(ctx, in, state.(*formState))
		},
		Events: map[string]widgets.Handler{
			"check":  widgets.On(m.check),
			"lookup": widgets.On(m.lookup).Latest(),
			"save":   widgets.On(m.save),
			"keep":   widgets.On(m.keepMine),
			"take":   widgets.On(m.takeTheirs),
		},
	}
}

func (m *Model) mountForm(ctx context.Context, in widgets.In) (*formState, error) {
	g, err := m.seeForm(ctx, in)
	if err != nil {
		return nil, err
	}
	s := &formState{add: in.Key == nil, key: in.Key}
	var row widgets.Row
	if !s.add {
		if row, err = m.Source.Get(ctx, in.Key, g.scope); err != nil {
			return nil, missing(err)
		}
		s.name = m.titleOf(columnNames(m.table()), row, g.hide)
	}
	fixed, may := m.fixed(ctx, in, s.add)
	s.editable = may
	for n, c := range g.visible(m.fields) {
		f := field{n: n, column: c, fixed: !may || slices.Contains(fixed, c.Name)}
		if s.add {
			if f.fixed || c.Auto {
				continue // the database fills it in
			}
			f.blank()
		} else {
			f.load(valueOf(m.table(), row, c.Name))
		}
		s.fields = append(s.fields, f)
	}
	if err := m.options(ctx, in.User, s.fields); err != nil {
		return nil, err
	}
	s.draw(ctx, in, m)
	return s, nil
}

// missing gives a row that is gone a text for the person.
func missing(err error) error {
	if errors.Is(err, widgets.ErrNoRow) {
		return widgets.UserError("This row does not exist any more, or is not yours to see.")
	}
	return err
}

// seeForm asks what the user may see; on the add page the right to add is enough.
func (m *Model) seeForm(ctx context.Context, in widgets.In) (*grid, error) {
	if in.Key != nil {
		return m.see(ctx, in)
	}
	d := m.may(ctx, in.User, widgets.Add, nil)
	if !d.Allow {
		return nil, widgets.ErrDenied
	}
	return &grid{Model: m, scope: both(in.Scope, d.Rows), hide: union(in.Hide, d.Hide)}, nil
}

// fixed are the columns that the user may not set, whatever a form posts; may tells whether he may save at all.
func (m *Model) fixed(ctx context.Context, in widgets.In, add bool) (columns []string, may bool) {
	verb := widgets.Edit
	if add {
		verb = widgets.Add
	}
	d := m.may(ctx, in.User, verb, in.Key)
	columns = slices.Clone(union(union(in.ReadOnly, d.ReadOnly), union(in.Hide, d.Hide)))
	for _, name := range m.Form.ReadOnly {
		c := m.table().Column(name)
		if !add || c == nil || c.Nullable || c.HasDefault || c.Auto {
			columns = append(columns, name)
		}
	}
	for _, c := range m.table().Columns {
		if c.Generated || c.Kind == widgets.KindBytes || !add && c.KeyPart > 0 {
			columns = append(columns, c.Name)
		}
	}
	return columns, d.Allow && m.table().ReadOnly == ""
}

func valueOf(t *widgets.Table, row widgets.Row, column string) widgets.Value {
	for i, c := range t.Columns {
		if c.Name == column && i < len(row.Values) {
			return row.Values[i]
		}
	}
	return widgets.Null()
}

// copied is a copy whose fields may be changed.
func (s *formState) copied() *formState {
	next := *s
	next.fields = slices.Clone(s.fields)
	next.whole = nil
	next.View.Notice = ""
	return &next
}

func (s *formState) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].column.Name == name {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *formState) draw(ctx context.Context, in widgets.In, m *Model) {
	v := formView{
		CSRF: in.CSRF, Heading: s.name, Editable: s.editable, Notice: s.View.Notice, Cancel: m.back(in),
		AddAnother: m.may(ctx, in.User, widgets.Add, nil).Allow,
	}
	if s.add {
		v.Heading = "Add " + lower(m.label())
	}
	if !s.add && !s.gone && m.table().ReadOnly == "" && m.may(ctx, in.User, widgets.Delete, s.key).Allow {
		v.DeleteURL = carried(m.deleteURL(s.key), rawQuery(in.Raw).Get(wordList))
	}
	if !s.add && !s.gone && m.site.Audit != nil {
		v.HistoryURL = carried(m.historyURL(s.key), rawQuery(in.Raw).Get(wordList))
	}
	switch {
	case s.editable:
	case m.table().ReadOnly != "":
		v.Hint = "Read-only: " + m.table().ReadOnly
	default:
		v.Hint = "You may see this " + lower(m.label()) + " but not change it."
	}
	for i := range s.fields {
		v.Inputs = append(v.Inputs, s.fields[i].view(m, s.add))
		v.Contested = v.Contested || s.fields[i].theirs != nil
	}
	v.Faults = summary(s.whole, v.Inputs)
	s.View = v
}
