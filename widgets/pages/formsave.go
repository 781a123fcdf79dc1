package pages

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"greenroom/widgets"
)

// What the form's buttons ask for besides saving.
const (
	thenContinue = "continue"
	thenAdd      = "add"
)

// save checks and stores the whole form. Whatever goes wrong is drawn on the form with everything that was typed: it returns an error only when the
// person lost the right to be here.
func (m *Model) save(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	next := s.copied()
	fixed, may := m.fixed(ctx, e.In, s.add)
	if !may {
		return nil, widgets.ErrDenied
	}
	m.read(next, e.Payload, fixed)
	for word, decide := range map[string]func(*field){"_take": (*field).takeTheirs, "_keep": (*field).keepMine} {
		if f := next.field(e.Payload.Get(word)); f != nil {
			decide(f)
			return m.redrawForm(ctx, next, e.In)
		}
	}
	conflict := next.unseen(e.Payload)
	faults, err := m.checkAll(ctx, e.In, next)
	if err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	if faults || conflict {
		return m.redrawForm(ctx, next, e.In)
	}
	if s.add {
		return m.insert(ctx, next, e)
	}
	return m.update(ctx, next, e)
}

// read takes what was posted. Columns that the person may not set are refused here, whatever the page had when it was drawn.
func (m *Model) read(s *formState, posted widgets.Form, fixed []string) {
	for i := range s.fields {
		f := &s.fields[i]
		f.fixed = f.fixed || slices.Contains(fixed, f.column.Name)
		f.error = ""
		f.take(posted)
	}
}

// unseen finds fields that changed between the making of a posted form and now: a page without JavaScript is read anew for each post. Only those
// that the person changes too are a conflict; of the others the form shows the present value.
func (s *formState) unseen(posted widgets.Form) (conflict bool) {
	for i := range s.fields {
		f := &s.fields[i]
		name := prefixSeen + f.column.Name
		if s.add || f.fixed || !posted.Has(name) || posted.Get(name) == mark(f.base) || !f.changed() {
			continue
		}
		base := f.base
		f.theirs, conflict = &base, true
	}
	return conflict
}

// checkAll checks each field; faults tells whether any is wrong.
func (m *Model) checkAll(ctx context.Context, in widgets.In, s *formState) (faults bool, err error) {
	for i := range s.fields {
		f := &s.fields[i]
		if !f.fixed {
			if err := m.resolve(ctx, in.User, f); err != nil {
				return false, err
			}
		}
		f.error = f.check(s.add)
		if v, given := f.value(s.add); f.error == "" && given && !f.fixed && f.column.Ref != nil && (s.add || f.changed()) {
			if f.error, err = m.reachable(ctx, in.User, f, v); err != nil {
				return false, err
			}
		}
		faults = faults || f.error != ""
	}
	return faults, nil
}

func (m *Model) insert(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	values := map[string]widgets.Value{}
	for i := range s.fields {
		f := &s.fields[i]
		if v, given := f.value(true); given && !f.fixed {
			values[f.column.Name] = v
		}
	}
	d := m.may(ctx, e.In.User, widgets.Add, nil)
	scope := both(e.In.Scope, d.Rows)
	for column, v := range demanded(scope) {
		if f := s.field(column); f == nil || f.fixed {
			values[column] = widgets.Text(v)
		}
	}
	inside := holds(scope, values)
	if inside == no {
		s.whole = []string{outOfReach(m)}
		return m.redrawForm(ctx, s, e.In)
	}
	key, err := m.Source.Insert(ctx, values)
	if err != nil {
		return m.failed(ctx, s, e.In, err)
	}
	if inside == unknown {
		// Defaults and triggers had a say: look where the row ended up.
		if _, err := m.Source.Get(ctx, key, scope); errors.Is(err, widgets.ErrNoRow) {
			if err := m.Source.Delete(ctx, key); err != nil {
				return m.failed(ctx, s, e.In, fmt.Errorf("take back a row that may not be added: %w", err))
			}
			s.whole = []string{outOfReach(m)}
			return m.redrawForm(ctx, s, e.In)
		}
	}
	e.Toast("ok", upper(m.label())+" added.")
	list := rawQuery(e.In.Raw).Get(wordList)
	switch e.Payload.Get("_then") {
	case thenContinue:
		e.Redirect(carried(m.changeURL(key), list))
	case thenAdd:
		e.Redirect(carried(m.addURL(), list))
	default:
		e.Redirect(m.back(e.In))
	}
	return s, nil
}

func outOfReach(m *Model) string {
	return "With these values the " + lower(m.label()) + " would be out of your reach; they are not for you to set."
}

func (m *Model) update(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	changed, err := m.store(ctx, s, e.In)
	switch {
	case err != nil:
		return m.failed(ctx, s, e.In, err)
	case len(s.whole) > 0:
		return m.redrawForm(ctx, s, e.In)
	case changed:
		e.Toast("ok", "Saved.")
	default:
		e.Toast("info", "Nothing was changed.")
	}
	switch e.Payload.Get("_then") {
	case thenContinue:
		return m.reread(ctx, s, e.In)
	case thenAdd:
		e.Redirect(carried(m.addURL(), rawQuery(e.In.Raw).Get(wordList)))
	default:
		e.Redirect(m.back(e.In))
	}
	return s, nil
}

// store writes the fields that were changed, if the row as it would then be is still the person's to change; else s.whole says so.
func (m *Model) store(ctx context.Context, s *formState, in widgets.In) (changed bool, err error) {
	base, changes, merged := map[string]widgets.Value{}, map[string]widgets.Value{}, map[string]widgets.Value{}
	for i := range s.fields {
		f := &s.fields[i]
		if f.fixed || !f.changed() {
			continue
		}
		v, _ := f.value(false)
		base[f.column.Name], changes[f.column.Name] = f.base, v
	}
	if len(changes) == 0 {
		return false, nil
	}
	scope := both(in.Scope, m.may(ctx, in.User, widgets.Edit, s.key).Rows)
	row, err := m.Source.Get(ctx, s.key, scope)
	if err != nil {
		return false, err
	}
	for i, name := range columnNames(m.table()) {
		merged[name] = row.Values[i]
	}
	maps.Copy(merged, changes)
	if inside := holds(scope, merged); inside == no || inside == unknown && mentions(scope, changes) {
		s.whole = []string{outOfReach(m)}
		return false, nil
	}
	return true, m.Source.Update(ctx, s.key, base, changes)
}

// reread shows the row as it is after saving: the database may have changed more than was asked.
func (m *Model) reread(ctx context.Context, s *formState, in widgets.In) (*formState, error) {
	fresh, err := m.mountForm(ctx, in)
	if err != nil {
		return m.failed(ctx, s, in, err)
	}
	fresh.View.Notice = "Saved."
	return fresh, nil
}

// failed draws what the database, or somebody else, has against saving.
func (m *Model) failed(ctx context.Context, s *formState, in widgets.In, err error) (*formState, error) {
	var invalid *widgets.Invalid
	var conflict *widgets.Conflict
	var said widgets.UserError
	switch {
	case errors.As(err, &invalid):
		for _, name := range sortedKeys(invalid.Fields) {
			f, c := s.field(name), m.table().Column(name)
			switch {
			case f != nil && !f.fixed:
				f.error = invalid.Fields[name]
			case c != nil && (f != nil || !slices.Contains(union(in.Hide, m.may(ctx, in.User, widgets.View, nil).Hide), name)):
				s.whole = append(s.whole, c.Label+", which is not yours to set here: "+invalid.Fields[name])
			default:
				s.whole = append(s.whole, invalid.Fields[name])
			}
		}
	case errors.As(err, &conflict):
		for name, v := range conflict.Theirs {
			if f := s.field(name); f != nil {
				f.meet(v)
			}
		}
		s.whole = append(s.whole, "Somebody else changed this "+lower(m.label())+" meanwhile. Nothing was saved; decide below, then save again.")
	case errors.Is(err, widgets.ErrNoRow):
		s.gone = true
		s.whole = append(s.whole, m.deletedText())
	case errors.As(err, &said):
		s.whole = append(s.whole, string(said))
	case errors.Is(err, widgets.ErrDenied):
		return nil, err
	default:
		if ctx.Err() != nil {
			return nil, err // the widget tells of its deadline
		}
		s.whole = append(s.whole, m.site.incident("form not saved", m, err))
	}
	return m.redrawForm(ctx, s, in)
}

func (m *Model) deletedText() string {
	return "This " + lower(m.label()) + " was deleted meanwhile. What you typed is still here, but cannot be saved."
}

func (m *Model) redrawForm(ctx context.Context, s *formState, in widgets.In) (*formState, error) {
	s.draw(ctx, in, m)
	return s, nil
}
