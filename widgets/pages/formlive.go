package pages

import (
	"context"
	"errors"

	"greenroom/widgets"
)

// check looks at one field when it was changed.
func (m *Model) check(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	next := s.copied()
	f, of, add := next.entry(m, e.Payload.Get("field"))
	if f == nil || f.fixed {
		return nil, widgets.ErrBadPayload
	}
	on := ticked(e.Payload.Get("checked"))
	switch {
	case e.Payload.Has("null"):
		f.null = on
		if on {
			f.typed = ""
		}
	case f.as() == "check":
		f.typed = ""
		if on {
			f.typed = "true"
		}
	default:
		f.enter(f.line(e.Payload.Get("value")))
		f.null = f.null && f.typed == ""
		if err := of.resolve(ctx, e.In.User, f); err != nil {
			return nil, err
		}
	}
	if l := next.linkOf(f); l != nil {
		f.error = ""
		if err := l.pick(ctx, next); err != nil {
			return nil, err
		}
		return m.redrawForm(ctx, next, e.In)
	}
	f.error = f.check(add)
	if f.error == "" && of == m && m.Form.Validate != nil {
		f.error = m.Form.Validate(ctx, e.In, next.row())[f.column.Name]
	}
	return m.redrawForm(ctx, next, e.In)
}

// row is what the form says of its row so far.
func (s *formState) row() Fields {
	row := Fields{Key: s.key}
	for i := range s.fields {
		f := &s.fields[i]
		v := f.base
		if typed, given := f.value(s.add); given && !f.fixed && (s.add || f.changed()) {
			v = typed
		}
		row.columns, row.values = append(row.columns, f.column.Name), append(row.values, v)
	}
	return row
}

// noticeForm reads the row again after the table changed. What differs is offered beside the field and never put into it: somebody may be typing
// there, and what he sees must be what he overwrites.
func (m *Model) noticeForm(ctx context.Context, in widgets.In, s *formState, news widgets.News) (*formState, error) {
	if s.add || s.gone {
		return s, nil
	}
	if news.Topic != m.table().Topic() {
		return m.noticeInlines(ctx, in, s, news)
	}
	g, err := m.seeForm(ctx, in)
	if err != nil {
		return nil, err
	}
	next := s.copied()
	next.whole, next.View.Notice = s.whole, s.View.Notice
	row, err := m.Source.Get(ctx, s.key, g.scope)
	if err == nil && m.inBin(row) != s.binned {
		if s.binned { // somebody restored it; there was nothing to type in
			return m.mountForm(ctx, in)
		}
		err = widgets.ErrNoRow
	}
	switch {
	case errors.Is(err, widgets.ErrNoRow):
		next.gone = true
		next.whole = append(next.whole, m.deletedText())
	case err != nil:
		m.site.incident("form not refreshed", m, err)
		return s, nil // what was typed must not go with a failed look
	}
	if !next.gone {
		m.mountFiles(ctx, in, next, row, g.hide)
	}
	for i := range next.fields {
		f := &next.fields[i]
		if next.gone {
			break
		}
		f.news(m.shownIn(row, f.column))
	}
	return m.redrawForm(ctx, next, in)
}

// news takes note of the value that is stored by now.
func (f *field) news(v widgets.Value) {
	switch {
	case f.fixed:
		f.base = v
	case f.same(v, f.base):
		f.theirs = nil
	default:
		f.meet(v)
	}
}

// meet takes note that the field has another value by now.
func (f *field) meet(theirs widgets.Value) {
	mine, _ := f.value(false)
	if f.same(mine, theirs) {
		f.base, f.theirs = theirs, nil // both want the same
		return
	}
	f.theirs, f.by = &theirs, ""
}

// keepMine and takeTheirs decide a conflict, by the bar's buttons.
func (m *Model) keepMine(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	return m.decide(ctx, s, e, (*field).keepMine)
}

func (m *Model) takeTheirs(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	return m.decide(ctx, s, e, (*field).takeTheirs)
}

func (m *Model) decide(ctx context.Context, s *formState, e widgets.Event[widgets.Form], how func(*field)) (*formState, error) {
	next := s.copied()
	f, of, _ := next.entry(m, e.Payload.Get("field"))
	if f == nil {
		return nil, widgets.ErrBadPayload
	}
	how(f)
	if err := of.nameRef(ctx, e.In.User, f); err != nil {
		return nil, err
	}
	return m.redrawForm(ctx, next, e.In)
}

// keepMine makes their value the base, so that saving replaces it knowingly.
func (f *field) keepMine() {
	if f.theirs != nil {
		f.base, f.theirs = *f.theirs, nil
	}
}

// takeTheirs drops what was typed. Without JavaScript the row was read anew, and base is already theirs.
func (f *field) takeTheirs() {
	theirs := f.base
	if f.theirs != nil {
		theirs = *f.theirs
	}
	f.theirs, f.error = nil, ""
	f.load(theirs)
}
