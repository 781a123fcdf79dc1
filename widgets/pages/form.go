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
	// binned says that the row is in the trash, since then.
	binned bool
	since  string
	// tab is the one that is shown, "" without tabs.
	tab string
	// whole are faults of the whole form, notice a word about the last save.
	whole []string
	// inlines are the related rows that are edited with it, serial tells their inputs apart; related lead to those that are not.
	inlines []inline
	serial  int
	related []relatedView
	links   []linked
	files   []uploadView

	View formView
}

// formView is what form.html draws.
type formView struct {
	CSRF, Heading     string
	Editable          bool
	Notice            string
	Faults            []faultView
	Groups            []groupView
	Tabs              []tabLink
	Cancel, DeleteURL string
	HistoryURL        string
	AddAnother, Steps bool
	Present           []presentView
	// Contested puts a button for saving before those of the conflicts and inlines: Enter in a field presses the first.
	Contested bool
	Hint      string
	Inlines   []inlineView
	Links     []linksView
	Files     []uploadView
	Binned    bool
	Related   []relatedView
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
		Title: in.T("Add %s", m.one(in.Language)), Crumbs: m.crumbsBack(in), Section: m.table().ID(), Slots: m.formSlots, Main: m.form, Files: []string{"form.css"}, In: in,
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
		Title: title, Crumbs: m.crumbsBack(in), Section: m.table().ID(), Slots: m.formSlots, Main: m.form, Files: []string{"form.css"}, In: in,
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
	if m.inBin(row) && !m.may(ctx, in.User, widgets.Delete, in.Key).Allow {
		return "", widgets.ErrNoRow
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
	return append(m.site.crumbs(in.Language), widgets.Crumb{Label: in.T(m.plural()), URL: m.back(in)})
}

var formTemplate = must("form.html", "input.html", "inline.html", "links.html")

func (m *Model) formWidget() widgets.Widget {
	return widgets.Widget{
		Name: formName, Label: m.label(), Bare: true, Template: formTemplate,
		Mount:  func(ctx context.Context, in widgets.In) (any, error) { return m.mountForm(ctx, in) },
		Topics: m.formTopics,
		Notice: func(ctx context.Context, in widgets.In, state any, news widgets.News) (any, error) {
			if news.Topic == in.Presence() {
				return m.noticePresence(ctx, in, state.(*formState)), nil
			}
			return m.noticeForm(ctx, in, state.(*formState), news)
		},
		Events: map[string]widgets.Handler{
			"check":       widgets.On(m.check),
			"lookup":      widgets.On(m.lookup).Latest(),
			"save":        widgets.On(m.save),
			"tab":         widgets.On(m.turnTab),
			"keep":        widgets.On(m.keepMine),
			"take":        widgets.On(m.takeTheirs),
			"step":        widgets.On(m.step),
			"inline-add":  widgets.On(m.addLine),
			"inline-drop": widgets.On(m.dropLine),
			"inline-go":   widgets.On(m.turnLines),
			"link-drop":   widgets.On(m.dropLink),
			"restore":     widgets.On(m.restore),
		},
	}
}

func (m *Model) mountForm(ctx context.Context, in widgets.In) (*formState, error) {
	g, err := m.seeForm(ctx, in)
	if err != nil {
		return nil, err
	}
	s := &formState{add: in.Key == nil, key: in.Key, tab: rawQuery(in.Raw).Get(wordTab)}
	var row widgets.Row
	if !s.add {
		if row, err = m.Source.Get(ctx, in.Key, g.scope); err != nil {
			return nil, missing(err)
		}
		s.name = m.titleOf(columnNames(m.table()), row, g.hide)
	}
	fixed, may := m.fixed(ctx, in, s.add)
	if s.binned = !s.add && m.inBin(row); s.binned {
		if !m.may(ctx, in.User, widgets.Delete, in.Key).Allow {
			return nil, missing(widgets.ErrNoRow)
		}
		may, s.since = false, valueOf(m.table(), row, m.SoftDelete).String()
	}
	s.editable = may
	for n, c := range g.visible(m.fields) {
		f := field{n: n, column: c, fixed: !may || m.computedOf(c) != nil || slices.Contains(fixed, c.Name)}
		if s.add {
			if f.fixed || c.Auto {
				continue // the database fills it in
			}
			f.blank()
		} else {
			f.load(m.shownIn(row, c))
		}
		s.fields = append(s.fields, f)
	}
	if err := m.options(ctx, in.User, s.fields); err != nil {
		return nil, err
	}
	m.mountFiles(ctx, in, s, row, g.hide)
	if s.binned {
		s.draw(ctx, in, m)
		return s, nil
	}
	if err := m.mountInlines(ctx, in, s, row); err != nil {
		return nil, err
	}
	if err := m.mountLinks(ctx, in, s, row); err != nil {
		return nil, err
	}
	s.editable = s.editable || !s.add && s.mayBelow()
	if !s.add {
		s.related = m.relatedTo(ctx, in, row)
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
	return &grid{Model: m, scope: both(in.Scope, d.Rows), hide: union(in.Hide, d.Hide), l: in.Language}, nil
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
	for _, f := range m.Form.Files {
		columns = append(columns, f.Column)
	}
	if m.SoftDelete != "" {
		columns = append(columns, m.SoftDelete)
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
	next.inlines, next.links = copiedInlines(s.inlines), copiedLinks(s.links)
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

// place puts what is chosen of other tables into the last group that is open on every tab, or one of its own.
func (v *formView) place(links []linksView) {
	if len(links) == 0 {
		return
	}
	if last := len(v.Groups) - 1; last >= 0 && len(v.Tabs) == 0 && !v.Groups[last].Fold {
		v.Groups[last].Links = links
		return
	}
	v.Groups = append(v.Groups, groupView{Key: "links", Links: links})
}

func (s *formState) draw(ctx context.Context, in widgets.In, m *Model) {
	l := in.Language
	v := formView{
		CSRF: in.CSRF, Heading: s.name, Editable: s.editable, Notice: l.T(s.View.Notice), Cancel: m.back(in),
		AddAnother: m.may(ctx, in.User, widgets.Add, nil).Allow, Present: m.present(ctx, in), Steps: !s.add && m.hasNeighbours(),
	}
	if s.add {
		v.Heading = l.T("Add %s", m.one(l))
	}
	if !s.add && !s.gone && m.table().ReadOnly == "" && m.may(ctx, in.User, widgets.Delete, s.key).Allow {
		v.DeleteURL = carried(m.deleteURL(s.key), rawQuery(in.Raw).Get(wordList))
	}
	if !s.add && !s.gone && m.site.Audit != nil {
		v.HistoryURL = carried(m.historyURL(s.key), rawQuery(in.Raw).Get(wordList))
	}
	v.Binned = s.binned && !s.gone
	switch {
	case s.editable:
	case s.binned:
		v.Hint = l.T("In the trash since %s. Restore it to change it.", minutes(l, s.since))
	case m.table().ReadOnly != "":
		v.Hint = l.T("Read-only: %s", l.Late(m.table().ReadOnly))
	default:
		v.Hint = l.T("You may see this %s but not change it.", m.one(l))
	}
	var inputs []inputView
	for i := range s.fields {
		inputs = append(inputs, s.fields[i].view(m, s.add).in(l))
		v.Contested = v.Contested || s.fields[i].theirs != nil
	}
	if len(m.tabs) > 0 {
		s.tab = m.openTab(s, false)
	}
	v.Faults = summary(late(l, s.whole), inputs)
	v.Groups, v.Tabs = m.groups(in, s, inputs)
	s.drawLinks(&v, l)
	v.place(v.Links)
	s.drawInlines(&v, l)
	v.Related, v.Files = s.related, s.files
	s.View = v
}
