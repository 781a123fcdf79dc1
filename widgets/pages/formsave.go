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
	if e.Payload.Has(restoreButton) {
		return m.restore(ctx, s, e)
	}
	next := s.copied()
	fixed, may := m.fixed(ctx, e.In, s.add)
	if s.binned {
		return nil, widgets.ErrDenied
	}
	if !may {
		if s.add || !next.mayBelow() {
			return nil, widgets.ErrDenied
		}
		fixed = columnNames(m.table())
	}
	m.read(next, e.Payload, fixed)
	if err := m.readInlines(ctx, e.In, next, e.Payload); err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	if err := m.readLinks(ctx, e.In, next, e.Payload); err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	if done, err := m.pressed(ctx, e.In, next, e.Payload); done || err != nil {
		if err != nil {
			return m.failed(ctx, next, e.In, err)
		}
		return m.redrawForm(ctx, next, e.In)
	}
	conflict := unseen(next.fields, e.Payload, s.add)
	for _, row := range next.lines() {
		conflict = unseen(row.fields, e.Payload, row.key == nil) || conflict
	}
	faults, err := m.checkAll(ctx, e.In, next.fields, s.add)
	if err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	wrong, err := m.checkInlines(ctx, e.In, next)
	if err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	if faults || wrong || conflict || len(next.whole) > 0 || next.linksFail() {
		next.tab = m.openTab(next, true)
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
func unseen(fields []field, posted widgets.Form, add bool) (conflict bool) {
	for i := range fields {
		f := &fields[i]
		name := f.with(prefixSeen)
		if add || f.fixed || !posted.Has(name) || posted.Get(name) == mark(f.base) || !f.changed() {
			continue
		}
		base := f.base
		f.theirs, conflict = &base, true
	}
	return conflict
}

// checkAll checks each field; faults tells whether any is wrong.
func (m *Model) checkAll(ctx context.Context, in widgets.In, fields []field, add bool) (faults bool, err error) {
	for i := range fields {
		f := &fields[i]
		if !f.fixed {
			if err := m.resolve(ctx, in.User, f); err != nil {
				return false, err
			}
		}
		f.error = f.check(add)
		if v, given := f.value(add); f.error == "" && given && !f.fixed && f.column.Ref != nil && (add || f.changed()) {
			if f.error, err = m.reachable(ctx, in.User, f, v); err != nil {
				return false, err
			}
		}
		faults = faults || f.error != ""
	}
	return faults, nil
}

func (m *Model) insert(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	key, err := m.create(ctx, s, e.In)
	switch {
	case err != nil:
		return m.failed(ctx, s, e.In, err)
	case len(s.whole) > 0:
		return m.redrawForm(ctx, s, e.In)
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

// create stores the fields as a new row, if it is the person's to see then; else s.whole says so and there is none.
func (m *Model) create(ctx context.Context, s *formState, in widgets.In) (widgets.Key, error) {
	values := map[string]widgets.Value{}
	for i := range s.fields {
		f := &s.fields[i]
		if v, given := f.value(true); given && !f.fixed {
			values[f.column.Name] = v
		}
	}
	scope := both(in.Scope, m.may(ctx, in.User, widgets.Add, nil).Rows)
	for column, v := range demanded(scope) {
		if f := s.field(column); f == nil || f.fixed {
			values[column] = widgets.Text(v)
		}
	}
	inside := holds(scope, values)
	if inside == no {
		s.whole = []string{outOfReach(m)}
		return nil, nil
	}
	if err := m.judged(ctx, in, nil, values); err != nil {
		return nil, err
	}
	key, err := m.insertWith(ctx, in, s, values, scope)
	if err != nil {
		return nil, err
	}
	if inside == unknown {
		// Defaults and triggers had a say: look where the row ended up.
		if _, err := m.Source.Get(ctx, key, scope); errors.Is(err, widgets.ErrNoRow) {
			if err := m.Source.Delete(ctx, key); err != nil {
				return nil, fmt.Errorf("take back a row that may not be added: %w", err)
			}
			s.whole = []string{outOfReach(m)}
		}
	}
	return key, nil
}

func outOfReach(m *Model) string {
	return "With these values the " + lower(m.label()) + " would be out of your reach; they are not for you to set."
}

func (m *Model) update(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	next := ""
	if e.Payload.Get("_then") == thenNext { // before saving: the change may move the row, or take it out of the list
		var err error
		if next, err = m.beside(ctx, e.In, false); err != nil {
			return m.failed(ctx, s, e.In, err)
		}
	}
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
	case thenNext:
		if next == "" {
			e.Toast("info", "That was the last "+lower(m.label())+" of the list.")
		}
		e.Redirect(firstOf(next, m.back(e.In)))
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
	steps := m.steps(ctx, in, s)
	if len(changes)+len(steps) == 0 {
		return false, nil
	}
	verb := widgets.Edit
	if len(changes) == 0 {
		verb = widgets.View // the rows that belong to it have rights of their own
	}
	scope := both(in.Scope, m.may(ctx, in.User, verb, s.key).Rows).And(m.live())
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
	if len(changes) > 0 {
		if err := m.judged(ctx, in, s.key, merged); err != nil {
			return false, err
		}
	}
	if len(steps) == 0 && m.SoftDelete == "" {
		return true, m.Source.Update(ctx, s.key, base, changes)
	}
	head := widgets.Step{Table: m.table().ID(), Op: "update", Key: s.key, Base: base, Values: changes, Within: scope}
	_, err = m.together(ctx, s, head, steps)
	return true, err
}

// reread shows the row as it is after saving: the database may have changed more than was asked.
func (m *Model) reread(ctx context.Context, s *formState, in widgets.In) (*formState, error) {
	fresh, err := m.mountForm(ctx, in)
	if err != nil {
		return m.failed(ctx, s, in, err)
	}
	for i := range fresh.inlines {
		if il := &fresh.inlines[i]; i < len(s.inlines) && s.inlines[i].place != (turned{}) && il.class == s.inlines[i].class {
			if err := il.turn(ctx, in, fresh, s.inlines[i].place); err != nil {
				return m.failed(ctx, s, in, err)
			}
		}
	}
	fresh.draw(ctx, in, m)
	fresh.View.Notice = "Saved."
	return fresh, nil
}

// failed draws what the database, or somebody else, has against saving.
func (m *Model) failed(ctx context.Context, s *formState, in widgets.In, err error) (*formState, error) {
	var invalid *widgets.Invalid
	var conflict *widgets.Conflict
	var said widgets.UserError
	var refused *lineError
	switch {
	case errors.As(err, &refused):
		fault := m.failedLine
		if refused.link != nil {
			fault = m.failedLink
		}
		if err := fault(ctx, in, refused); err != nil {
			return nil, err
		}
	case s.add && errors.Is(err, widgets.ErrNoRow):
		s.whole = append(s.whole, outOfReach(m))
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
	s.tab = m.openTab(s, true)
	return m.redrawForm(ctx, s, in)
}

func (m *Model) deletedText() string {
	return "This " + lower(m.label()) + " was deleted meanwhile. What you typed is still here, but cannot be saved."
}

func (m *Model) redrawForm(ctx context.Context, s *formState, in widgets.In) (*formState, error) {
	m.blame(ctx, in, s)
	s.draw(ctx, in, m)
	return s, nil
}
