package pages

import (
	"context"
	"crypto/rand"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"time"

	"greenroom/widgets"
)

// listState is a list page as one person has it: what was asked for, what was read, and what the template draws of it. It is not changed once a
// handler returned it; handlers work on a copy.
type listState struct {
	at     address
	sel    selection
	asking *asking
	// token is for the next action that is started without a question.
	token  string
	facets facets
	faults []string
	rows   widgets.Rows
	names  map[string]map[string]named // by column
	count  widgets.Count
	// waiting is how many new rows are not shown yet.
	waiting int
	// editing is the cell that is being edited, as a form of one field; focus is the cell to go to.
	editing *formState
	focus   place
	// look and views are what the person chose earlier.
	look  widgets.Look
	views []widgets.SavedView
	dates *dates
	// plain is the bulk bar without JavaScript, plainOf what it was made of.
	plain   template.HTML
	plainOf string
	// counted is the address whose rows count tells, nil when it must be counted anew.
	counted *address

	View listView
}

// ListPage builds the list of a model. Its query stands in the page's In, for the widgets above the list; the user's scope is part of it, so that a
// widget may hand it on as it is.
func (s *Site) ListPage(in widgets.In, m *Model) (*widgets.Page, error) {
	g, err := m.see(context.Background(), in)
	if err != nil {
		return nil, err
	}
	if in.Raw == "" {
		in.Raw = m.opensWith(context.Background(), in.User)
	}
	at, _ := g.parse(rawQuery(in.Raw))
	q := g.shared(at)
	in.Query = &q
	return &widgets.Page{
		Title: m.plural(), Crumbs: s.crumbs(in.Language), Section: m.table().ID(), Slots: m.listSlots, Main: m.list, In: in,
	}, nil
}

func rawQuery(raw string) url.Values {
	values, err := url.ParseQuery(raw)
	if err != nil && values == nil {
		return url.Values{}
	}
	return values // what could be read of a broken query
}

// shared is the query that the page's other widgets get: the list's rows, all pages of them.
func (g *grid) shared(at address) widgets.Query {
	q := g.query(at.firstPage())
	q.Limit, q.Select = 0, nil
	return q
}

var listTemplate = must("list.html", "cell.html", "celledit.html", "ask.html", "input.html", "listtools.html")

func (m *Model) listWidget() widgets.Widget {
	return widgets.Widget{
		Name: widgetName(m.table().Name), Label: m.plural(), Bare: true, Template: listTemplate,
		Mount:  func(ctx context.Context, in widgets.In) (any, error) { return m.mountList(ctx, in) },
		Topics: func(widgets.In) []string { return []string{m.table().Topic()} },
		Notice: func(ctx context.Context, in widgets.In, state any, _ widgets.News) (any, error) {
			return m.refreshList(ctx, in, state.(*listState))
		},
		Events: map[string]widgets.Handler{
			"search":      widgets.On(m.search).Latest(),
			"go":          widgets.On(m.follow).Latest(),
			"narrow":      widgets.On(m.narrow).Latest(),
			"facets":      widgets.On(m.openFilter).Latest(),
			"count":       widgets.On(m.countAll),
			"columns":     widgets.On(m.chooseColumns),
			"view-save":   widgets.On(m.saveView),
			"view-drop":   widgets.On(m.dropView),
			"select":      widgets.On(m.selectRows),
			"select-page": widgets.On(m.selectPage),
			"select-all":  widgets.On(m.selectAll),
			"select-none": widgets.On(m.selectNone),
			"ask":         widgets.On(m.ask),
			"check":       widgets.On(m.checkInput),
			"run":         widgets.On(m.run),
			"edit":        widgets.On(m.editCell).Latest(),
			"edit-save":   widgets.On(m.saveCell),
			"edit-cancel": widgets.On(m.leaveCell),
			"show":        widgets.On(m.showWaiting),
			"forget":      widgets.On(m.forget),
		},
	}
}

func (m *Model) mountList(ctx context.Context, in widgets.In) (*listState, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	at, faults := g.parse(rawQuery(in.Raw))
	s := &listState{at: at, count: widgets.Count{Unknown: true}, token: rand.Text()}
	s.look, s.views = m.remembered(ctx, in.User)
	return s, s.show(ctx, in, g, faults)
}

// search is typing in the search box.
func (m *Model) search(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	text := e.Payload.Get("value")
	if e.Payload.Has(wordSearch) {
		text = e.Payload.Get(wordSearch)
	}
	values := s.at.firstPage().values()
	values.Set(wordSearch, text)
	return m.move(ctx, s, e.In, e, values)
}

// follow is a click on a link of the list: sort, filter, chip or page. The address it leads to is the payload.
func (m *Model) follow(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	return m.move(ctx, s, e.In, e, rawQuery(e.Payload.Get("to")))
}

// narrow is a GET form of the list, sent as an event: its fields are the address.
func (m *Model) narrow(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	return m.move(ctx, s, e.In, e, url.Values(e.Payload))
}

// effects are what a handler may ask for besides its next state.
type effects interface {
	Address(url.Values)
	Requery(widgets.Query)
	Redirect(string)
	Toast(level, text string)
}

// move goes to another address of the list: other rows, and unless everything was selected, an empty selection.
func (m *Model) move(ctx context.Context, s *listState, in widgets.In, fx effects, values url.Values) (*listState, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	at, faults := g.parse(values)
	next := *s
	next.at, next.asking, next.editing, next.focus = at, nil, nil, place{}
	same := sameRows(at, s.at)
	if !same || !s.sel.all {
		next.sel = selection{}
	}
	if !same && !onlyDiffers(at, s.at, s.facets.column) {
		next.facets = facets{}
	}
	if err := next.show(ctx, in, g, faults); err != nil {
		return nil, err
	}
	fx.Address(next.at.values())
	if !same || orderText(at.order) != orderText(s.at.order) {
		fx.Requery(g.shared(next.at))
	}
	return &next, nil
}

// sameRows tells whether two addresses ask for the same rows, whatever their order and page.
func sameRows(a, b address) bool {
	return a.search == b.search && slices.EqualFunc(a.choices, b.choices, sameChoice)
}

func sameChoice(a, b choice) bool {
	return a.column.Name == b.column.Name && slices.Equal(a.values, b.values) && a.null == b.null && a.filled == b.filled && a.from == b.from && a.to == b.to
}

// onlyDiffers tells whether nothing but the filter of one column is different: then the counts beside its values still hold.
func onlyDiffers(a, b address, column string) bool {
	others := func(at address) []choice {
		return slices.DeleteFunc(slices.Clone(at.choices), func(c choice) bool { return c.column.Name == column })
	}
	return a.search == b.search && slices.EqualFunc(others(a), others(b), sameChoice)
}

// countPatience is what a count may take beyond as long as the rows took; countBudget is what one that was asked for may take.
const (
	countPatience = 100 * time.Millisecond
	countLongest  = 2 * time.Second
	countBudget   = 8 * time.Second
)

// show reads the rows of s.at and draws them. The count is made beside the rows and never holds them up for long. What a person got wrong (a search
// that the source refuses) is told on the page; a place in the list that is gone leads to the nearest one there is.
func (s *listState) show(ctx context.Context, in widgets.In, g *grid, faults []string) error {
	return s.load(ctx, in, g, faults, false)
}

// load is show; hold lets rows that came in since s.rows were read wait.
func (s *listState) load(ctx context.Context, in widgets.In, g *grid, faults []string, hold bool) error {
	began := time.Now()
	g.dress(s.at, s.look)
	q := g.query(s.at)
	reuse := s.counted != nil && !s.count.Unknown && sameRows(s.at, *s.counted)
	wait := func(time.Duration) widgets.Count { return s.count }
	if !reuse {
		wait = counting(ctx, g.Source, q)
	}
	waitDates := g.dating(ctx, s)
	rows, err := g.Source.List(ctx, q)
	gone := err == nil && len(rows.Rows) == 0 && (s.at.after != "" || s.at.before != "")
	if ctx.Err() == nil && (s.at.after != "" || s.at.before != "") && (err != nil || gone) {
		last := gone && s.at.after != ""
		s.at = s.at.firstPage()
		s.at.last = last
		if err != nil {
			faults = append(faults, "That page is no longer there; this is the first one.")
		}
		rows, err = g.Source.List(ctx, g.query(s.at))
	}
	var said widgets.UserError
	if errors.As(err, &said) && ctx.Err() == nil {
		faults, rows, err = append(faults, string(said)), widgets.Rows{}, nil
	}
	if err != nil {
		wait(0)
		return err
	}
	read := rows
	s.waiting = 0
	if hold {
		if rows, s.waiting, err = g.holding(ctx, s.at, s.rows, read); err != nil {
			wait(0)
			return err
		}
	}
	s.rows = rows
	if s.names, err = g.rowNames(ctx, in.User, rows); err != nil {
		wait(0)
		return err
	}
	s.count = wait(min(time.Since(began)+countPatience, countLongest))
	if rest := int64(len(read.Rows)); read.Next == "" && read.Prev == "" && !s.count.AtLeast {
		s.count = widgets.Count{N: rest} // the whole list is on this page
	}
	s.dates = waitDates()
	counted := s.at
	s.counted, s.faults = &counted, faults
	s.draw(ctx, in, g)
	return nil
}

// rowNames finds the names of the rows that the shown foreign keys point to: one query a column.
func (g *grid) rowNames(ctx context.Context, u *widgets.User, rows widgets.Rows) (map[string]map[string]named, error) {
	names := map[string]map[string]named{}
	for _, c := range g.columns {
		at := slices.Index(rows.Columns, c.Name)
		if c.Ref == nil || at < 0 || g.List.Cells[c.Name] != nil {
			continue
		}
		var values []string
		for _, row := range rows.Rows {
			if v := row.Values[at]; !v.IsNull() {
				values = append(values, v.String())
			}
		}
		found, err := g.refNames(ctx, u, c, values)
		if err != nil {
			return nil, err
		}
		names[c.Name] = found
	}
	return names, nil
}

// countAll counts with a longer budget, for a person who asked for it.
func (m *Model) countAll(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	next := *s
	next.count = counting(ctx, g.Source, g.query(s.at))(countBudget)
	if next.count.Unknown {
		return nil, widgets.UserError("Counting took too long.")
	}
	next.draw(ctx, e.In, g)
	return &next, nil
}
