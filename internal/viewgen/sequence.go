package viewgen

import (
	"encoding/json"
	"fmt"
	"html/template"

	"greenroom/widgets/view"
)

// A Sequence is a template and the states it goes through, as a page sees them.
type Sequence struct {
	Seed     uint64 `json:"seed"` // Sequences(Seed, 1) brings it back
	Template string `json:"template"`
	Steps    []Step `json:"steps"`
}

// A Step is one state.
type Step struct {
	Live json.RawMessage `json:"live"`           // its live HTML, a string
	Diff json.RawMessage `json:"diff,omitempty"` // from the state before; none at the first step and where nothing changes
}

// steps is how many states a sequence has at most.
const steps = 9

// Sequences deals n sequences, the first from seed, each of at least two states and one diff that is not the whole page.
// Equal arguments bring equal sequences. The error is package view's, where it fails with what html/template takes.
func Sequences(seed uint64, n int) ([]Sequence, error) {
	var all []Sequence
	for tries := uint64(0); len(all) < n; tries++ {
		s, err := sequence(seed + tries)
		if err != nil {
			return nil, fmt.Errorf("viewgen: seed %d: %w", seed+tries, err)
		}
		if s != nil {
			all = append(all, *s)
		}
	}
	return all, nil
}

// sequence is nil where a seed does not yield one.
func sequence(seed uint64) (*Sequence, error) {
	d := NewDice(Seed(seed))
	s := &Sequence{Seed: seed, Template: d.Template()}
	std, err := template.New("main").Funcs(Funcs()).Parse(s.Template)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // no template, no sequence
	}
	c, err := view.Compile(std, Funcs())
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // refused, by html/template or by us
	}
	var before *view.Tree
	patched := false
	state := d.State()
	for range steps {
		tree, err := c.Render(state)
		if err == nil { // an execution may fail, and the next one succeed
			step := Step{Live: view.AppendString(nil, tree.AppendLive(nil))}
			if before != nil {
				diff, kind := view.AppendDiff(nil, before, tree)
				switch kind {
				case view.Patched:
					step.Diff, patched = diff, true
				case view.Whole:
					step.Diff = step.Live
				case view.Same:
				}
				if len(step.Diff) > 0 && !json.Valid(step.Diff) {
					return nil, fmt.Errorf("the diff is not JSON: %s", step.Diff)
				}
			}
			s.Steps = append(s.Steps, step)
			before = tree
		}
		state = d.Change(state)
	}
	if !patched {
		return nil, nil //nolint:nilnil // nothing to apply
	}
	return s, nil
}
