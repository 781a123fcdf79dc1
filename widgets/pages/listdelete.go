package pages

import (
	"context"
	"errors"

	"greenroom/jobs"
	"greenroom/widgets"
)

// deleteBatch is how many rows the built-in action deletes in one transaction.
const deleteBatch = 100

// deleting is the built-in action: it deletes the selected rows in batches. Where the database refuses a batch, its rows are tried one by one, so
// that one row in use keeps itself only.
func (m *Model) deleting() jobs.Action {
	return jobs.On(jobs.Action{
		Name: deleteAction, Label: "Delete selected " + lower(m.plural()), Danger: true,
		Confirm: "Delete {count} " + lower(m.plural()) + "? What depends on them may go too. This cannot be undone.",
	}, func(ctx context.Context, j *jobs.Job, rows jobs.Rows[widgets.Row], _ struct{}) error {
		j.Set(0, rows.Len())
		batch := make([]widgets.Key, 0, deleteBatch)
		done := int64(0)
		flush := func() error {
			failed, err := m.deleteBatch(ctx, j, batch)
			done += int64(len(batch)) - failed
			j.Advance(int64(len(batch)))
			batch = batch[:0]
			return err
		}
		for row, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			if batch = append(batch, row.Key); len(batch) == deleteBatch {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
		j.Update(-1, -1, "Deleted "+rowsText(nil, done, m)+".")
		return nil
	})
}

// deleteBatch deletes keys, and tells the job of those that could not be.
func (m *Model) deleteBatch(ctx context.Context, j *jobs.Job, keys []widgets.Key) (failed int64, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	err = m.Source.Delete(ctx, keys...)
	var invalid *widgets.Invalid
	switch {
	case err == nil, errors.Is(err, widgets.ErrNoRow):
		return 0, nil // gone is gone, whoever did it
	case !errors.As(err, &invalid):
		return 0, err
	}
	for _, key := range keys {
		if ctx.Err() != nil {
			return failed, context.Cause(ctx)
		}
		err := m.Source.Delete(ctx, key)
		switch {
		case err == nil, errors.Is(err, widgets.ErrNoRow):
		case errors.As(err, &invalid):
			failed++
			j.Fail(key, jobs.UserError(firstOf(invalid.Fields[""], invalid.Error())))
		default:
			return failed, err
		}
	}
	return failed, nil
}
