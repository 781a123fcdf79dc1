package pages

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
)

// With Model.SoftDelete a row is deleted by the time that is put into that column. Lists, lookups, counts and exports leave such rows out; the list with
// trash=1 in its address has nothing else, restores them, and deletes them for good. All of it takes the right to delete.
const (
	wordTrash     = "trash"
	restoreButton = "_restore"
	restoreAction = "restore"
	purgeAction   = "purge"
)

// live holds for rows that are not in the trash, binned for those that are; without SoftDelete live holds for all and binned for none.
func (m *Model) live() widgets.Filter {
	if m.SoftDelete == "" {
		return widgets.Filter{}
	}
	return widgets.Where(m.SoftDelete, widgets.OpNull)
}

func (m *Model) binned() widgets.Filter {
	if m.SoftDelete == "" {
		return widgets.Nothing()
	}
	return widgets.Where(m.SoftDelete, widgets.OpNotNull)
}

// inBin tells whether a row that was read whole is in the trash.
func (m *Model) inBin(row widgets.Row) bool {
	return m.SoftDelete != "" && !valueOf(m.table(), row, m.SoftDelete).IsNull()
}

func (m *Model) trashURL() string { return m.url() + "?" + wordTrash + "=1" }

// softDelete checks Model.SoftDelete, and takes its column out of what is shown by default.
func (p *preparation) softDelete(m *Model) {
	if m.SoftDelete == "" {
		return
	}
	id := m.table().ID()
	c := p.column(m, "SoftDelete", m.SoftDelete)
	if c == nil {
		return
	}
	times := c.Kind == widgets.KindDateTime || c.Kind == widgets.KindDate || c.Kind == widgets.KindText && (c.MaxLen == 0 || c.MaxLen >= 19)
	p.check(times && c.Nullable && c.KeyPart == 0 && !c.Generated, "%s: SoftDelete names %q (%s); it must be a date and time, a date or a text that may be NULL", id, c.Name, c.Type)
	p.check(m.table().ReadOnly == "", "%s: SoftDelete: rows of this table cannot be changed: %s", id, m.table().ReadOnly)
	own := func(o *widgets.Column) bool { return o.Name == c.Name }
	if m.List.Columns == nil {
		m.columns = slices.DeleteFunc(slices.Clone(m.columns), own)
	}
	if m.List.Filters == nil {
		m.filters = slices.DeleteFunc(slices.Clone(m.filters), own)
	}
	m.fields = slices.DeleteFunc(slices.Clone(m.fields), own)
}

// now is the time as the column stores it, in UTC.
func (m *Model) now() widgets.Value {
	c := m.table().Column(m.SoftDelete)
	at := time.Now().UTC()
	switch {
	case c.Kind == widgets.KindDate:
		return widgets.Text(at.Format(time.DateOnly))
	case strings.Contains(strings.ToLower(c.Type), "with time zone"), strings.Contains(strings.ToLower(c.Type), "timestamptz"):
		return widgets.Text(at.Format(time.DateTime) + "+00")
	}
	return widgets.Text(at.Format(time.DateTime))
}

// bin puts a row into the trash; ErrNoRow where it is there already.
func (m *Model) bin(ctx context.Context, key widgets.Key) error {
	err := m.Source.Update(ctx, key, map[string]widgets.Value{m.SoftDelete: widgets.Null()}, map[string]widgets.Value{m.SoftDelete: m.now()})
	if conflict := (*widgets.Conflict)(nil); errors.As(err, &conflict) {
		return widgets.ErrNoRow
	}
	return err
}

// restore takes the form's row out of the trash.
func (m *Model) restore(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	d := m.may(ctx, e.In.User, widgets.Delete, e.In.Key)
	if s.add || m.SoftDelete == "" || m.table().ReadOnly != "" || !d.Allow {
		return nil, widgets.ErrDenied
	}
	next := s.copied()
	if _, err := m.Source.Get(ctx, s.key, both(e.In.Scope, d.Rows)); err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	if err := m.Source.Update(ctx, s.key, nil, map[string]widgets.Value{m.SoftDelete: widgets.Null()}); err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	fresh, err := m.mountForm(ctx, e.In)
	if err != nil {
		return m.failed(ctx, next, e.In, err)
	}
	e.Toast("ok", "Restored “"+fresh.name+"”.")
	return fresh, nil
}

// trashActions are the built-in bulk actions of a model with a trash.
func (m *Model) trashActions() []jobs.Action {
	plural := lower(m.plural())
	return []jobs.Action{
		m.moving(jobs.Action{
			Name: deleteAction, Label: "Move selected " + plural + " to the trash", Confirm: "Move {count} " + plural + " to the trash? They can be restored from there.",
		}, "Moved to the trash: ", func(key widgets.Key) widgets.Step {
			return widgets.Step{Op: "update", Key: key, Base: map[string]widgets.Value{m.SoftDelete: widgets.Null()}, Values: map[string]widgets.Value{m.SoftDelete: m.now()}}
		}),
		m.moving(jobs.Action{Name: restoreAction, Label: "Restore selected " + plural}, "Restored: ", func(key widgets.Key) widgets.Step {
			return widgets.Step{Op: "update", Key: key, Values: map[string]widgets.Value{m.SoftDelete: widgets.Null()}}
		}),
		m.moving(jobs.Action{
			Name: purgeAction, Label: "Delete selected " + plural + " for good", Danger: true,
			Confirm: "Delete {count} " + plural + " for good? What depends on them may go too. This cannot be undone.",
		}, "Deleted for good: ", func(key widgets.Key) widgets.Step { return widgets.Step{Op: "delete", Key: key, Within: m.binned()} }),
	}
}

// moving is an action that makes a step of each row, in batches. What somebody else moved meanwhile is left alone.
func (m *Model) moving(a jobs.Action, said string, step func(widgets.Key) widgets.Step) jobs.Action {
	return jobs.On(a, func(ctx context.Context, j *jobs.Job, rows jobs.Rows[widgets.Row], _ struct{}) error {
		joint, ok := m.Source.(widgets.Together)
		if !ok {
			return errors.New("pages: the Source cannot change rows together") // Prepare has refused it
		}
		j.Set(0, rows.Len())
		var batch []widgets.Step
		done := int64(0)
		flush := func() error {
			n, err := m.moveBatch(ctx, j, joint, batch)
			done += n
			j.Advance(int64(len(batch)))
			batch = batch[:0]
			return err
		}
		for row, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			if m.inBin(row) != (a.Name == deleteAction) {
				e := step(row.Key)
				e.Table = m.table().ID()
				batch = append(batch, e)
			} else {
				j.Advance(1) // it is where it is to go
			}
			if len(batch) == deleteBatch {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
		j.Update(-1, -1, said+rowsText(nil, done, m)+".")
		return nil
	})
}

// moveBatch makes the steps together, or one by one where one of them is refused, which then keeps itself only.
func (m *Model) moveBatch(ctx context.Context, j *jobs.Job, joint widgets.Together, steps []widgets.Step) (done int64, err error) {
	if len(steps) == 0 {
		return 0, nil
	}
	if _, err = joint.Together(ctx, steps); err == nil {
		return int64(len(steps)), nil
	}
	for i := range steps {
		if ctx.Err() != nil {
			return done, context.Cause(ctx)
		}
		_, err := joint.Together(ctx, steps[i:i+1])
		var invalid *widgets.Invalid
		var conflict *widgets.Conflict
		switch {
		case err == nil:
			done++
		case errors.Is(err, widgets.ErrNoRow), errors.As(err, &conflict):
		case errors.As(err, &invalid):
			j.Fail(steps[i].Key, jobs.UserError(firstOf(invalid.Fields[""], invalid.Error())))
		default:
			return done, err
		}
	}
	return done, nil
}

// here tells whether an action is offered where the list is: in the trash, or outside of it.
func (g *grid) here(action string) bool {
	if g.SoftDelete == "" {
		return true
	}
	return g.trash == (action == restoreAction || action == purgeAction)
}
