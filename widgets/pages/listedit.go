package pages

import (
	"context"
	"slices"
	"strings"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// lineLongest is how long a text may be, in bytes, that is edited in a cell's one line.
const lineLongest = 500

// place is a cell of the list: Key.String of its row, and its column.
type place struct{ key, column string }

// place is the cell that a form of one field edits.
func (s *formState) place() place { return place{s.key.String(), s.fields[0].column.Name} }

// editable are the columns whose cells the person may edit in place.
func (g *grid) editable(ctx context.Context, in widgets.In) []string {
	if g.trash || len(g.List.Edit) == 0 || len(g.table().Key) == 0 {
		return nil
	}
	fixed, may := g.fixed(ctx, in, false)
	if !may {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.List.Edit), func(name string) bool { return slices.Contains(fixed, name) })
}

// editCell opens a cell, with the value that the row has now.
func (m *Model) editCell(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	form, err := g.openCell(ctx, e.In, place{e.Payload.Get("row"), e.Payload.Get("col")})
	if err != nil {
		return nil, err
	}
	next := *s
	next.editing, next.focus = form, place{}
	next.draw(ctx, e.In, g)
	return &next, nil
}

// openCell makes the form of a cell that the person may edit.
func (g *grid) openCell(ctx context.Context, in widgets.In, at place) (*formState, error) {
	key, err := widgets.ParseKey(at.key)
	c := g.table().Column(at.column)
	if err != nil || len(key) != len(g.table().Key) || c == nil || !slices.Contains(g.List.Edit, c.Name) {
		return nil, widgets.ErrBadPayload
	}
	in.Key = key
	if !g.mayEdit(ctx, in, c) {
		return nil, widgets.ErrDenied
	}
	row, err := g.Source.Get(ctx, key, g.scope)
	if err != nil {
		return nil, missing(err)
	}
	form := &formState{key: key, editable: true, fields: []field{{column: c}}}
	f := &form.fields[0]
	f.load(valueOf(g.table(), row, c.Name))
	if err := g.options(ctx, in.User, form.fields); err != nil {
		return nil, err
	}
	if as := f.as(); as == "lookup" || as == "long" && (strings.ContainsAny(f.typed, "\r\n") || len(f.typed) > lineLongest) {
		return nil, widgets.UserError("This needs more room: open the row to edit it.")
	}
	return form, nil
}

// mayEdit tells whether the person may set a column of the row of in.Key.
func (m *Model) mayEdit(ctx context.Context, in widgets.In, c *widgets.Column) bool {
	fixed, may := m.fixed(ctx, in, false)
	return may && !slices.Contains(fixed, c.Name)
}

// saveCell checks and stores what was typed into the open cell, as a form with this field alone would. What is wrong stands in the cell, and what was
// typed stays there.
func (m *Model) saveCell(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	at := place{e.Payload.Get("key"), e.Payload.Get("col")}
	form := s.editing
	if form == nil || form.place() != at {
		// The server has forgotten the cell, as after a restart: it opens it again, and sees by the mark whether the value is the same.
		if form, err = g.openCell(ctx, e.In, at); err != nil {
			return nil, err
		}
	}
	form = form.copied()
	f := &form.fields[0]
	in := e.In
	in.Key = form.key
	if !m.mayEdit(ctx, in, f.column) {
		return nil, widgets.ErrDenied
	}
	if base := f.base; e.Payload.Has("seen") && e.Payload.Get("seen") != mark(base) {
		f.theirs = &base
	}
	f.error = ""
	f.enter(f.line(e.Payload.Get("value")))
	f.null = f.nullBox() && f.typed == "" && f.base.IsNull()
	next := *s
	faults, err := m.checkAll(ctx, in, form.fields, form.add)
	if err == nil && !faults && f.theirs == nil {
		_, err = m.store(ctx, form, in)
	}
	if err != nil {
		if form, err = m.failed(ctx, form, in, err); err != nil {
			return nil, err
		}
	}
	if form.refused() {
		next.editing = form
		next.draw(ctx, e.In, g)
		return &next, nil
	}
	next.editing, next.focus, next.counted = nil, form.place(), nil
	return &next, next.load(ctx, e.In, g, nil, true)
}

// refused gathers in the field's error what is wrong with a form of one field; ok is false if nothing is. A conflict is told once: saving again replaces
// the other's value.
func (s *formState) refused() bool {
	f := &s.fields[0]
	switch {
	case f.theirs != nil:
		f.error = "Somebody else changed this to “" + cut(f.shownText(*f.theirs), 60) + "” meanwhile. Save again to replace that."
		f.keepMine()
	case f.error == "":
		f.error = strings.Join(s.whole, " ")
	}
	return f.error != ""
}

// leaveCell closes the open cell and forgets what was typed.
func (m *Model) leaveCell(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	next := *s
	if s.editing != nil {
		next.editing, next.focus = nil, s.editing.place()
	}
	next.draw(ctx, e.In, g)
	return &next, nil
}

// cellView draws the field of an open cell. A tick box is a choice of two, so that it is saved or left like any other.
func (s *formState) cellView(m *Model, l *lang.Language) *inputView {
	f := &s.fields[0]
	v := f.view(m, false)
	if v.As == "check" {
		v.As = "select"
		v.Options = []selectOption{{"true", "Yes", v.Checked}, {"", "No", !v.Checked}}
	}
	v = v.in(l)
	return &v
}
