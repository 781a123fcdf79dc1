package pages

import (
	"context"
	"errors"

	"greenroom/widgets"
)

// check looks at one field when it was changed.
func (m *Model) check(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	next := s.copied()
	f := next.field(e.Payload.Get("field"))
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
		if err := m.resolve(ctx, e.In.User, f); err != nil {
			return nil, err
		}
	}
	f.error = f.check(s.add)
	return m.redrawForm(ctx, next, e.In)
}

// noticeForm reads the row again after the table changed. What differs is offered beside the field and never put into it: somebody may be typing
// there, and what he sees must be what he overwrites.
func (m *Model) noticeForm(ctx context.Context, in widgets.In, s *formState) (*formState, error) {
	if s.add || s.gone {
		return s, nil
	}
	g, err := m.seeForm(ctx, in)
	if err != nil {
		return nil, err
	}
	next := s.copied()
	next.whole, next.View.Notice = s.whole, s.View.Notice
	row, err := m.Source.Get(ctx, s.key, g.scope)
	switch {
	case errors.Is(err, widgets.ErrNoRow):
		next.gone = true
		next.whole = append(next.whole, m.deletedText())
	case err != nil:
		m.site.incident("form not refreshed", m, err)
		return s, nil // what was typed must not go with a failed look
	}
	for i := range next.fields {
		f := &next.fields[i]
		if next.gone {
			break
		}
		v := valueOf(m.table(), row, f.column.Name)
		switch {
		case f.fixed:
			f.base = v
		case f.same(v, f.base):
			f.theirs = nil
		default:
			f.meet(v)
		}
	}
	return m.redrawForm(ctx, next, in)
}

// meet takes note that the field has another value by now.
func (f *field) meet(theirs widgets.Value) {
	mine, _ := f.value(false)
	if f.same(mine, theirs) {
		f.base, f.theirs = theirs, nil // both want the same
		return
	}
	f.theirs = &theirs
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
	f := next.field(e.Payload.Get("field"))
	if f == nil {
		return nil, widgets.ErrBadPayload
	}
	how(f)
	if err := m.nameRef(ctx, e.In.User, f); err != nil {
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
