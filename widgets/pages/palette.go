package pages

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// Bounds of what the palette finds: letters before rows are searched, rows a table and in all, tables that are searched, and the time for all of them and
// for one. A table without a fitting index must not keep the others waiting.
const (
	paletteLetters = 2
	paletteOfTable = 4
	paletteRows    = 16
	paletteTables  = 40
	paletteAll     = 1500 * time.Millisecond
	paletteOne     = 250 * time.Millisecond
	paletteEach    = 12 // entries of a group that is not rows
)

// paletteState is what was found for the last words; a page whose palette was never opened holds nothing.
type paletteState struct{ View paletteView }

type (
	paletteView struct {
		Words, Label string
		Groups       []paletteGroup
	}
	paletteGroup struct {
		Label string
		Items []paletteItem
	}
	// paletteItem leads somewhere; Kind is a word on what it is.
	paletteItem struct{ URL, Text, Kind string }
)

var paletteTemplate = must("palette.html")

// paletteWidget stands in the bar of every page: what is found anywhere in the admin, for this person.
func (s *Site) paletteWidget() widgets.Widget {
	return widgets.Widget{
		Name: "palette", Bare: true, Template: paletteTemplate,
		Mount: func(_ context.Context, in widgets.In) (any, error) {
			return &paletteState{paletteView{Label: in.T("Find pages, rows and actions")}}, nil
		},
		Events: map[string]widgets.Handler{"find": widgets.On(s.find).Latest()},
	}
}

// find looks for words in what the person may see: pages, models, saved views, and rows by each list's own search.
func (s *Site) find(ctx context.Context, old *paletteState, e widgets.Event[widgets.Form]) (*paletteState, error) {
	words := strings.TrimSpace(e.Payload.Get("value"))
	if r := []rune(words); len(r) > maxSearch {
		words = string(r[:maxSearch])
	}
	next := &paletteState{paletteView{Words: words, Label: old.View.Label}}
	v := &next.View
	v.add(e.In.Language, "Go to", s.places(e.In, words))
	views, err := s.viewsNamed(ctx, e.In.User, words)
	if err != nil {
		return nil, err
	}
	v.add(e.In.Language, "Saved views", views)
	if utf8.RuneCountInString(words) >= paletteLetters {
		if err := s.rowsNamed(ctx, e.In, words, v); err != nil {
			return nil, err
		}
	}
	return next, nil
}

func (v *paletteView) add(l *lang.Language, label string, items []paletteItem) {
	if len(items) > 0 {
		v.Groups = append(v.Groups, paletteGroup{l.T(label), items})
	}
}

// hasWords tells whether every word stands in a text.
func hasWords(text, words string) bool {
	text = strings.ToLower(text)
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// places are the navigation's entries and what can be begun at each table.
func (s *Site) places(in widgets.In, words string) (items []paletteItem) {
	u := in.User
	put := func(url, text, kind string) {
		if hasWords(text+" "+kind, words) && len(items) < paletteEach {
			items = append(items, paletteItem{url, text, kind})
		}
	}
	put(s.Prefix+"/", in.T("Dashboard"), "")
	for _, g := range s.navigation(u, "", in.Language) {
		for _, item := range g.Items {
			put(item.URL, item.Label, g.Label)
		}
	}
	if s.Keyring != nil {
		put(s.accountURL(), in.T("Your account"), "")
	}
	if words == "" {
		return items
	}
	for _, m := range s.Models {
		if m.table().ReadOnly != "" || !m.may(context.Background(), u, widgets.Add, nil).Allow {
			continue
		}
		put(m.addURL(), in.T("Add %s", m.one(in.Language)), in.T(m.plural()))
		if s.Jobs != nil {
			put(m.importURL(), in.T("Import %s", m.many(in.Language)), in.T(m.plural()))
		}
	}
	return items
}

// visibleModels are the tables that a person may see, the one of the page first.
func (s *Site) visibleModels(ctx context.Context, u *widgets.User, first *widgets.Table) (all []*Model) {
	for _, m := range s.Models {
		if !m.may(ctx, u, widgets.View, nil).Allow || len(all) >= paletteTables {
			continue
		}
		if first != nil && m.table().ID() == first.ID() {
			all = append([]*Model{m}, all...)
		} else {
			all = append(all, m)
		}
	}
	return all
}

func (s *Site) viewsNamed(ctx context.Context, u *widgets.User, words string) (items []paletteItem, err error) {
	if s.Memory == nil {
		return nil, nil
	}
	for _, m := range s.visibleModels(ctx, u, nil) {
		views, err := s.Memory.Views(ctx, u.ID, m.table().ID())
		if err != nil {
			return nil, err
		}
		for _, v := range views {
			if hasWords(v.Name+" "+m.plural(), words) && len(items) < paletteEach {
				values := rawQuery(v.Query)
				values.Set(wordView, v.ID)
				items = append(items, paletteItem{m.url() + "?" + values.Encode(), v.Name, m.plural()})
			}
		}
	}
	return items, nil
}

// rowsNamed searches table after table. One that takes too long is left out, so that the others are not.
func (s *Site) rowsNamed(ctx context.Context, in widgets.In, words string, v *paletteView) error {
	ctx, cancel := context.WithTimeout(ctx, paletteAll)
	defer cancel()
	n := 0
	for _, m := range s.visibleModels(ctx, in.User, in.Table) {
		if n >= paletteRows || ctx.Err() != nil {
			return nil
		}
		items, err := m.hits(ctx, in.User, words, min(paletteOfTable, paletteRows-n))
		if _, said := errors.AsType[widgets.UserError](err); err != nil && !said && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			s.incident("palette", m, err)
		}
		v.add(in.Language, m.plural(), items)
		n += len(items)
	}
	return nil
}

// hits are the first rows that the list's own search finds, by name.
func (m *Model) hits(ctx context.Context, u *widgets.User, words string, limit int) (items []paletteItem, err error) {
	if len(m.table().Key) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, paletteOne)
	defer cancel()
	g, err := m.see(ctx, widgets.In{User: u})
	if err != nil {
		return nil, err
	}
	q := g.query(address{search: words})
	if q.In != nil && len(q.In) == 0 {
		return nil, nil // there is nothing to search in
	}
	q.Limit, q.Select = limit, m.titleSelect(g.hide)
	rows, err := m.Source.List(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, row := range rows.Rows {
		items = append(items, paletteItem{m.changeURL(row.Key), m.titleOf(rows.Columns, row, g.hide), m.label()})
	}
	return items, nil
}
