package pages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// readInlines takes what was posted of the rows of inlines. Rows that the page does not have any more, since it is made anew for each post without
// JavaScript, are read again by their keys, within what the person may see.
func (m *Model) readInlines(ctx context.Context, in widgets.In, s *formState, posted widgets.Form) error {
	for i := range s.inlines {
		il := &s.inlines[i]
		ids := posted[strings.TrimSuffix(il.prefix(""), "..")]
		if len(ids) > 2*mostLines+mostNewLines {
			return widgets.ErrBadPayload
		}
		if err := il.recall(ctx, in, s, ids); err != nil {
			return err
		}
		for j := range il.rows {
			row := &il.rows[j]
			if !slices.Contains(ids, row.id) {
				continue // not drawn: an absent box would look like an unticked one
			}
			fixed, may := il.class.fixed(ctx, in, row.key)
			for k := range row.fields {
				f := &row.fields[k]
				f.fixed = f.fixed || !may || slices.Contains(fixed, f.column.Name)
				f.error = ""
				f.take(posted)
			}
			row.drop = row.mayDrop && posted.Has(prefixDrop+il.prefix(row.id))
		}
	}
	return nil
}

// recall adds the rows of ids that are not there.
func (il *inline) recall(ctx context.Context, in widgets.In, s *formState, ids []string) error {
	var keys []widgets.Key
	for _, id := range ids {
		switch {
		case slices.ContainsFunc(il.rows, func(l line) bool { return l.id == id }):
		case strings.HasPrefix(id, "+"):
			if il.mayAdd && il.fresh() < mostNewLines {
				if n, err := strconv.Atoi(id[1:]); err != nil || n < 1 || n > 1e6 {
					return widgets.ErrBadPayload
				} else if n > s.serial {
					s.serial = n // no new row gets this one's number
				}
				row := il.line(ctx, in, s, nil)
				row.id = id
				for k := range row.fields {
					row.fields[k].prefix = il.prefix(id)
				}
				il.rows = append(il.rows, row)
			}
		default:
			key, err := widgets.ParseKey(id)
			if err != nil || len(key) != len(il.class.of.table().Key) {
				return widgets.ErrBadPayload
			}
			keys = append(keys, key)
		}
	}
	if s.add && len(keys) > 0 {
		return widgets.ErrBadPayload
	}
	back, err := il.fetch(ctx, in, s, keys)
	if err != nil {
		return err
	}
	if len(back) < len(keys) {
		s.whole = append(s.whole, fmt.Sprintf("%s: %d of these rows were deleted meanwhile, or are not yours to see any more. What you typed in them is gone; the rest is here.",
			il.class.label(), len(keys)-len(back)))
	}
	for i := range back {
		back[i].elsewhere = true
	}
	il.rows = append(back, il.rows...)
	return nil
}

// checkInlines checks the rows that saving would touch, and whether it may.
func (m *Model) checkInlines(ctx context.Context, in widgets.In, s *formState) (faults bool, err error) {
	for i := range s.inlines {
		il := &s.inlines[i]
		of := il.class.of
		for j := range il.rows {
			row := &il.rows[j]
			switch {
			case !row.edited():
				continue
			case row.gone:
				row.whole = append(row.whole, "Remove it here too, or add its values as a new row.")
			case row.drop && !of.may(ctx, in.User, widgets.Delete, row.key).Allow:
				row.whole = append(row.whole, "You may not remove this.")
			case row.drop:
				continue
			default:
				wrong, err := of.checkAll(ctx, in, row.fields, row.key == nil)
				if err != nil {
					return false, err
				}
				if !wrong {
					wrong = of.judgeLine(ctx, in, row)
				}
				faults = faults || wrong
			}
			faults = faults || len(row.whole) > 0
		}
	}
	return faults, nil
}

// inlineStep is a step with the row that it is of.
type inlineStep struct {
	widgets.Step
	row  *line
	of   *inline
	link *linked // instead of the two
}

// steps are all changes beside the row's own: what goes, then what changes, then what comes, so that a value that must be unique is free.
func (m *Model) steps(ctx context.Context, in widgets.In, s *formState) []inlineStep {
	gone, changed, fresh := m.inlineSteps(ctx, in, s)
	unlinked, linked := m.linkSteps(ctx, in, s)
	return slices.Concat(gone, unlinked, changed, fresh, linked)
}

// inlineSteps are the changes of the form's inlines.
func (m *Model) inlineSteps(ctx context.Context, in widgets.In, s *formState) (gone, changed, fresh []inlineStep) {
	for i := range s.inlines {
		il := &s.inlines[i]
		of, id := il.class.of, il.class.of.table().ID()
		for j := range il.rows {
			row := &il.rows[j]
			if !row.edited() || row.gone {
				continue
			}
			e := inlineStep{Step: widgets.Step{Table: id, Key: row.key, Within: il.scope}, row: row, of: il}
			switch {
			case row.drop && of.SoftDelete != "":
				e.Op, e.Within = "update", both(il.sight, of.may(ctx, in.User, widgets.Delete, row.key).Rows)
				e.Base, e.Values = map[string]widgets.Value{of.SoftDelete: widgets.Null()}, map[string]widgets.Value{of.SoftDelete: of.now()}
				gone = append(gone, e)
			case row.drop:
				e.Op, e.Within = "delete", both(il.scope, of.may(ctx, in.User, widgets.Delete, row.key).Rows)
				gone = append(gone, e)
			case row.key != nil:
				e.Op, e.Within = "update", both(il.scope, of.may(ctx, in.User, widgets.Edit, row.key).Rows)
				e.Base, e.Values = row.changes()
				changed = append(changed, e)
			default:
				e.Op, e.Within = "insert", of.may(ctx, in.User, widgets.Add, nil).Rows
				e.Values, e.Of = row.values(e.Within), map[string]string{}
				for k, column := range il.class.ref.Columns {
					delete(e.Values, column)
					e.Of[column] = il.class.ref.To[k]
				}
				fresh = append(fresh, e)
			}
		}
	}
	return gone, changed, fresh
}

// changes are what was edited of a stored row, and what stood there.
func (l *line) changes() (base, values map[string]widgets.Value) {
	base, values = map[string]widgets.Value{}, map[string]widgets.Value{}
	for i := range l.fields {
		f := &l.fields[i]
		if f.fixed || !f.changed() {
			continue
		}
		v, _ := f.value(false)
		base[f.column.Name], values[f.column.Name] = f.base, v
	}
	return base, values
}

// values are those of a new row. What scope demands outright is filled in where the form does not ask.
func (l *line) values(scope widgets.Filter) map[string]widgets.Value {
	values := map[string]widgets.Value{}
	for column, v := range demanded(scope) {
		values[column] = widgets.Text(v)
	}
	for i := range l.fields {
		f := &l.fields[i]
		if v, given := f.value(true); given && !f.fixed {
			values[f.column.Name] = v
		}
	}
	return values
}

// together makes all steps or none. Columns of the inlines that are hidden from the person are hidden in what the audit shows him too.
func (m *Model) together(ctx context.Context, s *formState, head widgets.Step, steps []inlineStep) (widgets.Key, error) {
	all := []widgets.Step{head}
	for _, e := range steps {
		all = append(all, e.Step)
	}
	if actor, known := widgets.ActorOf(ctx); known {
		for _, il := range s.inlines {
			actor.Hide = union(actor.Hide, il.hide)
		}
		ctx = widgets.WithActor(ctx, actor)
	}
	joint, ok := m.Source.(widgets.Together)
	if !ok {
		return nil, errors.New("pages: the Source cannot change rows together") // Prepare has refused it
	}
	key, err := joint.Together(ctx, all)
	if at := new(widgets.StepError); errors.As(err, &at) && at.N > 0 {
		err = &lineError{at, steps[at.N-1]}
	}
	return key, err
}

// lineError is a StepError with the row that was refused.
type lineError struct {
	*widgets.StepError
	inlineStep
}

// insertWith adds the row and those of its inlines.
func (m *Model) insertWith(ctx context.Context, in widgets.In, s *formState, values map[string]widgets.Value, scope widgets.Filter) (widgets.Key, error) {
	steps := m.steps(ctx, in, s)
	if len(steps) == 0 {
		return m.Source.Insert(ctx, values)
	}
	return m.together(ctx, s, widgets.Step{Table: m.table().ID(), Op: "insert", Values: values, Within: scope}, steps)
}

// failedLine notes beside a row of an inline what the database, or somebody else, has against it.
func (m *Model) failedLine(ctx context.Context, _ widgets.In, at *lineError) error {
	row, of := at.row, at.of.class.of
	var invalid *widgets.Invalid
	var conflict *widgets.Conflict
	var said widgets.UserError
	switch {
	case errors.As(at.Err, &invalid):
		for _, name := range sortedKeys(invalid.Fields) {
			n := slices.IndexFunc(row.fields, func(f field) bool { return f.column.Name == name && !f.fixed })
			c := of.table().Column(name)
			switch {
			case n >= 0:
				row.fields[n].error = invalid.Fields[name]
			case c != nil && !slices.Contains(at.of.hide, name):
				row.whole = append(row.whole, c.Label+": "+invalid.Fields[name])
			default:
				row.whole = append(row.whole, invalid.Fields[name])
			}
		}
	case errors.As(at.Err, &conflict):
		for i := range row.fields {
			if v, theirs := conflict.Theirs[row.fields[i].column.Name]; theirs {
				row.fields[i].meet(v)
			}
		}
		row.whole = append(row.whole, "Somebody else changed this meanwhile. Nothing was saved; decide, then save again.")
	case errors.Is(at.Err, widgets.ErrNoRow) && row.key == nil:
		row.whole = append(row.whole, outOfReach(of))
	case errors.Is(at.Err, widgets.ErrNoRow):
		row.whole = append(row.whole, "This was deleted meanwhile, or would be out of your reach.")
	case errors.As(at.Err, &said):
		row.whole = append(row.whole, string(said))
	default:
		if ctx.Err() != nil {
			return at
		}
		row.whole = append(row.whole, m.site.incident("related rows not saved", of, at.Err))
	}
	return nil
}
