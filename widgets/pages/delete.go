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
	// Soft says that the row goes into the trash, ForGood that it is there and goes from it.
	Soft, ForGood bool
}

type countView struct{ Label, Count string }

// DeletePage builds the page that asks before a row is deleted.
func (s *Site) DeletePage(in widgets.In, m *Model) (*widgets.Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pageBudget)
	defer cancel()
	title, _, err := m.deletable(ctx, in)
	if err != nil {
		return nil, err
	}
	return &widgets.Page{
		Title:   in.T("Delete"),
		Crumbs:  append(m.crumbsBack(in), widgets.Crumb{Label: title, URL: m.changeURL(in.Key)}),
		Section: m.table().ID(), Main: m.deleteOne, In: in,
	}, nil
}

// deletable reads what the row is called, if the user may delete it, and whether it is in the trash.
func (m *Model) deletable(ctx context.Context, in widgets.In) (title string, binned bool, err error) {
	d := m.may(ctx, in.User, widgets.Delete, in.Key)
	if m.table().ReadOnly != "" || !d.Allow {
		return "", false, widgets.ErrDenied
	}
	row, err := m.Source.Get(ctx, in.Key, both(in.Scope, d.Rows))
	if err != nil {
		return "", false, err
	}
	return m.titleOf(columnNames(m.table()), row, union(in.Hide, d.Hide)), m.inBin(row), nil
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
	title, binned, err := m.deletable(ctx, in)
	if err != nil {
		return nil, missing(err)
	}
	s := &deleteState{CSRF: in.CSRF, Title: title, Label: m.one(in.Language), Cancel: carried(m.changeURL(in.Key), rawQuery(in.Raw).Get(wordList))}
	if s.ForGood = binned; m.SoftDelete != "" && !binned {
		s.Soft = true
		return s, nil // what refers to it goes on doing so
	}
	dependents, err := m.Source.Dependents(ctx, in.Key)
	if err != nil {
		return nil, missing(err)
	}
	for _, d := range dependents {
		count := countView{m.dependentLabel(ctx, in, d), countText(in.Language, widgets.Count{N: d.N, AtLeast: d.AtLeast})}
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
func (m *Model) dependentLabel(ctx context.Context, in widgets.In, d widgets.Dependents) string {
	other := m.site.models[d.Table]
	if other == nil || !other.may(ctx, in.User, widgets.View, nil).Allow {
		return in.T("other rows")
	}
	return in.Language.Inside(in.T(d.Label))
}

// deleteRow deletes, and leads back to the list. What the database has against it stands on the page.
func (m *Model) deleteRow(ctx context.Context, s *deleteState, e widgets.Event[widgets.Form]) (*deleteState, error) {
	title, binned, err := m.deletable(ctx, e.In)
	done := "Deleted “" + title + "”."
	switch {
	case err != nil:
	case s.ForGood && !binned:
		err = widgets.UserError("Somebody restored it meanwhile. Nothing was deleted.")
	case s.Soft:
		done = "Moved “" + title + "” to the trash."
		err = m.bin(ctx, e.In.Key)
	default:
		err = m.Source.Delete(ctx, e.In.Key)
	}
	next := *s
	var invalid *widgets.Invalid
	var said widgets.UserError
	switch {
	case err == nil:
		e.Toast("ok", done)
		e.Redirect(m.back(e.In))
	case errors.Is(err, widgets.ErrNoRow):
		e.Toast("info", "It was deleted already.")
		e.Redirect(m.back(e.In))
	case errors.As(err, &invalid):
		var texts []string
		for _, name := range sortedKeys(invalid.Fields) {
			texts = append(texts, invalid.Fields[name])
		}
		next.Faults = summary(late(e.In.Language, texts), nil)
	case errors.As(err, &said):
		next.Faults = summary([]string{e.In.Language.Late(string(said))}, nil)
	default:
		return nil, err
	}
	return &next, nil
}
