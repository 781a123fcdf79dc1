package pages

import (
	"context"
	"errors"

	"greenroom/widgets"
)

// deleteName is the name of the delete page's main widget.
const deleteName = "delete"

// deleteState is a delete page: what would go, and what stands in the way.
type deleteState struct {
	CSRF, Title, Label string
	// Gone, Detached and Blocking are counts a table: rows that go too, that lose their reference, and that forbid it.
	Gone, Detached, Blocking []countView
	Faults                   []faultView
	Cancel                   string
}

type countView struct{ Label, Count string }

// DeletePage builds the page that asks before a row is deleted.
func (s *Site) DeletePage(in widgets.In, m *Model) (*widgets.Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pageBudget)
	defer cancel()
	title, err := m.deletable(ctx, in)
	if err != nil {
		return nil, err
	}
	return &widgets.Page{
		Title:   "Delete",
		Crumbs:  append(m.crumbsBack(in), widgets.Crumb{Label: title, URL: m.changeURL(in.Key)}),
		Section: m.table().ID(), Main: m.deleteOne, In: in,
	}, nil
}

// deletable reads what the row is called, if the user may delete it.
func (m *Model) deletable(ctx context.Context, in widgets.In) (title string, err error) {
	d := m.may(ctx, in.User, widgets.Delete, in.Key)
	if m.table().ReadOnly != "" || !d.Allow {
		return "", widgets.ErrDenied
	}
	row, err := m.Source.Get(ctx, in.Key, both(in.Scope, d.Rows))
	if err != nil {
		return "", err
	}
	return m.titleOf(columnNames(m.table()), row, union(in.Hide, d.Hide)), nil
}

var deleteTemplate = must("delete.html")

func (m *Model) deleteWidget() widgets.Widget {
	return widgets.Widget{
		Name: deleteName, Label: "Delete", Bare: true, Template: deleteTemplate,
		Mount:  func(ctx context.Context, in widgets.In) (any, error) { return m.mountDelete(ctx, in) },
		Events: map[string]widgets.Handler{"delete": widgets.On(m.deleteRow)},
	}
}

func (m *Model) mountDelete(ctx context.Context, in widgets.In) (*deleteState, error) {
	title, err := m.deletable(ctx, in)
	if err != nil {
		return nil, missing(err)
	}
	s := &deleteState{CSRF: in.CSRF, Title: title, Label: lower(m.label()), Cancel: carried(m.changeURL(in.Key), rawQuery(in.Raw).Get(wordList))}
	dependents, err := m.Source.Dependents(ctx, in.Key)
	if err != nil {
		return nil, missing(err)
	}
	for _, d := range dependents {
		count := countView{m.dependentLabel(ctx, in.User, d), countText(widgets.Count{N: d.N, AtLeast: d.AtLeast})}
		switch d.OnDelete {
		case "CASCADE":
			s.Gone = append(s.Gone, count)
		case "SET NULL", "SET DEFAULT":
			s.Detached = append(s.Detached, count)
		default:
			s.Blocking = append(s.Blocking, count)
		}
	}
	return s, nil
}

// dependentLabel names a table only to those who may see it: its name tells something too.
func (m *Model) dependentLabel(ctx context.Context, u *widgets.User, d widgets.Dependents) string {
	other := m.site.models[d.Table]
	if other == nil || !other.may(ctx, u, widgets.View, nil).Allow {
		return "other rows"
	}
	return lower(d.Label)
}

// deleteRow deletes, and leads back to the list. What the database has against it stands on the page.
func (m *Model) deleteRow(ctx context.Context, s *deleteState, e widgets.Event[widgets.Form]) (*deleteState, error) {
	title, err := m.deletable(ctx, e.In)
	if err == nil {
		err = m.Source.Delete(ctx, e.In.Key)
	}
	next := *s
	var invalid *widgets.Invalid
	var said widgets.UserError
	switch {
	case err == nil:
		e.Toast("ok", "Deleted “"+title+"”.")
		e.Redirect(m.back(e.In))
	case errors.Is(err, widgets.ErrNoRow):
		e.Toast("info", "It was deleted already.")
		e.Redirect(m.back(e.In))
	case errors.As(err, &invalid):
		var texts []string
		for _, name := range sortedKeys(invalid.Fields) {
			texts = append(texts, invalid.Fields[name])
		}
		next.Faults = summary(texts, nil)
	case errors.As(err, &said):
		next.Faults = summary([]string{string(said)}, nil)
	default:
		return nil, err
	}
	return &next, nil
}
