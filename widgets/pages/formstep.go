package pages

import (
	"context"
	"errors"

	"greenroom/widgets"
)

// thenNext is the button that saves and goes on to the next row of the list.
const thenNext = "next"

// hasNeighbours tells whether the rows beside one can be found.
func (m *Model) hasNeighbours() bool {
	_, able := m.Source.(widgets.Neighbours)
	return able && len(m.table().Key) > 0
}

// beside is the page of the row beside the form's in the list that it was opened from, by that list's order, search and filters; "" at its end. Without
// such a list it is the table's own.
func (m *Model) beside(ctx context.Context, in widgets.In, back bool) (string, error) {
	near, able := m.Source.(widgets.Neighbours)
	if !able {
		return "", nil
	}
	g, err := m.see(ctx, in)
	if err != nil {
		return "", err
	}
	list := rawQuery(in.Raw).Get(wordList)
	at, _ := g.parse(rawQuery(list))
	key, err := near.Beside(ctx, g.query(at.firstPage()), in.Key, back)
	_, said := errors.AsType[widgets.UserError](err)
	switch {
	case errors.Is(err, widgets.ErrNoRow), said: // a search that the source refuses finds nothing
		return "", nil
	case err != nil:
		return "", err
	}
	return carried(m.changeURL(key), list), nil
}

// step goes to the row before or behind, unless that would lose what was typed.
func (m *Model) step(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	if s.add {
		return nil, widgets.ErrBadPayload
	}
	for i := range s.fields {
		if f := &s.fields[i]; !f.fixed && f.changed() {
			return nil, widgets.UserError("There are changes that are not saved. Save or cancel them first.")
		}
	}
	back := e.Payload.Get("to") == "prev"
	to, err := m.beside(ctx, e.In, back)
	switch {
	case err != nil:
		return nil, err
	case to != "":
		e.Redirect(to)
	case back:
		e.Toast("info", "This is the first "+lower(m.label())+" of the list.")
	default:
		e.Toast("info", "This is the last "+lower(m.label())+" of the list.")
	}
	return s, nil
}
