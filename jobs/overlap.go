package jobs

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"greenroom/actors"
)

// Unique says which runs of one action on one table may be unfinished at the same time. The zero Unique is PerRows for an action with Danger, and
// Overlapping for others.
type Unique uint8

// The kinds of uniqueness.
const (
	uniqueDefault Unique = iota
	// PerRows: two that have no row in common.
	PerRows
	// PerAction: one.
	PerAction
	// Overlapping: any.
	Overlapping
)

func (a *Action) unique() Unique {
	switch {
	case a.Unique != uniqueDefault:
		return a.Unique
	case a.Danger:
		return PerRows
	}
	return Overlapping
}

// AlreadyRunning is returned by Start, Rerun and Resume when an unfinished run of the action has rows in common. It is an ErrBusy whose text is for people.
type AlreadyRunning struct {
	// ID is the run that has most of the rows, Label what its action is called.
	ID, Label string
	// Rows of Of selected rows are in it; both are 0 when the action may run only once at a time.
	Rows, Of int64
}

// Error says what is in the way.
func (e *AlreadyRunning) Error() string {
	if e.Of == 0 {
		return fmt.Sprintf("%q is already running", e.Label)
	}
	if e.Of == 1 {
		return fmt.Sprintf("%q is already running on this row", e.Label)
	}
	return fmt.Sprintf("%q is already running on %s of these %s rows", e.Label, grouped(e.Rows), grouped(e.Of))
}

// Is makes it an ErrBusy.
func (e *AlreadyRunning) Is(target error) bool { return target == ErrBusy }

// rival is an unfinished run that may have rows in common with another.
type rival struct {
	id   string
	rows *pinned
}

// rivals asks for the unfinished runs of an action on a table, but for one.
type rivals struct {
	action, table, but string
	reply              actors.Reply[[]rival]
}

// claim is what a run was compared with. The supervisor admits the run only when no other rival has come since.
type claim map[string]bool

// fits reports whether every one of them was compared.
func (c claim) fits(all []rival) bool {
	return !slices.ContainsFunc(all, func(r rival) bool { return !c[r.id] })
}

// claim compares a run's rows with those of all its rivals, outside the supervisor's actor: there may be millions.
func (s *Supervisor) claim(ctx context.Context, id string, a *Action, p *pinned, table string, parts int) (claim, error) {
	kind := a.unique()
	if kind == Overlapping {
		return nil, nil
	}
	all, err := actors.Ask(ctx, s.sys, s.ref, func(r actors.Reply[[]rival]) any { return rivals{a.Name, table, id, r} })
	if err != nil {
		return nil, fmt.Errorf("look for equal jobs: %w", err)
	}
	seen := claim{}
	if len(all) == 0 {
		return seen, nil
	}
	if kind == PerAction {
		return nil, &AlreadyRunning{ID: all[0].id, Label: a.Title()}
	}
	mine, err := p.prints(parts)
	if err != nil {
		return nil, err
	}
	worst := AlreadyRunning{Label: a.Title(), Of: p.n}
	for _, r := range all {
		theirs, err := r.rows.prints(parts)
		if err != nil {
			return nil, err
		}
		if n := common(mine, theirs); n > worst.Rows {
			worst.ID, worst.Rows = r.id, n
		}
		seen[r.id] = true
	}
	if worst.Rows > 0 {
		return nil, &worst
	}
	return seen, nil
}

// keyPrints makes a number of a key, in this process only.
var keyPrints = maphash.MakeSeed()

// prints are the keys as sorted numbers: two different keys are one number as good as never.
func (p *pinned) prints(parts int) ([]uint64, error) {
	out := make([]uint64, 0, p.n)
	for _, c := range p.chunks {
		keys, err := c.keys(parts)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			out = append(out, maphash.String(keyPrints, k.String()))
		}
	}
	slices.Sort(out)
	return out, nil
}

// common counts what two sorted lists have in common.
func common(a, b []uint64) (n int64) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n
}
