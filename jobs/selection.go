package jobs

import (
	"context"
	"errors"
	"fmt"

	"greenroom/widgets"
)

// Selection says which rows a run is over: either Keys, or all rows of a Query except some. The zero Selection is no rows at all, for an action that
// needs none.
type Selection struct {
	Source widgets.Reader
	// Query is the list as the person saw it. Its page, order and cursors do not matter.
	Query widgets.Query
	// Scope narrows what the person may touch. It holds when keys are pinned and again each time that rows are read.
	Scope widgets.Filter
	// All selects every row of Query but Except; Keys are ignored then.
	All    bool
	Except []widgets.Key
	// Keys are rows picked one by one.
	Keys []widgets.Key

	same *pinned // the rows of an earlier run, instead of all that
}

// Errors about selections are shown to the person.
const (
	errNoneSelected = UserError("Select at least one row.")
	errNoneMatch    = UserError("No rows match any more: nothing to do.")
)

// errFull ends a pinning that needs more memory than is left.
var errFull = errors.New("jobs: no memory left for pinned keys")

var errTooFull = busy("The unfinished actions hold too many rows already; try again when some have finished, or select fewer rows")

// pin writes down which rows the run is over. The budget is given back by pinned.release.
func (sel Selection) pin(ctx context.Context, maxKeys int64, budget *budget) (*pinned, error) {
	if sel.Source == nil {
		return &pinned{budget: budget}, nil
	}
	if sel.same != nil {
		p := sel.same.share()
		p.budget = budget
		if !budget.take(sel.same.size()) {
			return nil, errTooFull
		}
		p.bytes = p.size()
		return p, nil
	}
	p := newPacker(budget, len(sel.Source.Table().Key))
	err := sel.collect(ctx, func(k widgets.Key) error {
		if p.out.n >= maxKeys {
			return UserError(fmt.Sprintf("More than %s rows are selected. Narrow the filter, or run the action on one part after the other.", grouped(maxKeys)))
		}
		return p.add(k)
	})
	if err == nil {
		err = p.flush()
	}
	switch {
	case errors.Is(err, errFull):
		err = errTooFull
	case err == nil && p.out.n == 0:
		err = errNoneMatch
	}
	if err != nil {
		p.out.release()
		return nil, err
	}
	return p.out, nil
}

// collect hands each selected key to add.
func (sel Selection) collect(ctx context.Context, add func(widgets.Key) error) error {
	if !sel.All {
		return sel.picked(add)
	}
	except := make(map[string]struct{}, len(sel.Except))
	for _, k := range sel.Except {
		except[k.String()] = struct{}{}
	}
	q := sel.Query
	q.Filter = q.Filter.And(sel.Scope)
	q.After, q.Before, q.Last, q.Limit, q.Order, q.Select = "", "", false, 0, nil, nil
	return sel.Source.Pin(ctx, q, func(k widgets.Key) error {
		if len(except) > 0 {
			if _, skip := except[k.String()]; skip {
				return nil
			}
		}
		return add(k)
	})
}

// picked hands on Keys, each once. Whether they exist, and the person may touch them, shows when they are read.
func (sel Selection) picked(add func(widgets.Key) error) error {
	if len(sel.Keys) == 0 {
		return errNoneSelected
	}
	parts := len(sel.Source.Table().Key)
	seen := make(map[string]struct{}, len(sel.Keys))
	for _, k := range sel.Keys {
		if len(k) != parts {
			return fmt.Errorf("%w: %q has %d parts, %s has %d", widgets.ErrBadKey, k.String(), len(k), sel.Source.Table().ID(), parts)
		}
		id := k.String()
		if _, twice := seen[id]; twice {
			continue
		}
		seen[id] = struct{}{}
		if err := add(k); err != nil {
			return err
		}
	}
	return nil
}
