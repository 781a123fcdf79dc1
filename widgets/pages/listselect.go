package pages

import (
	"context"
	"maps"
	"slices"

	"greenroom/widgets"
)

// selection is which rows an action is for: those picked, or every row of the list's query but those. Whatever the number of rows, "all" is one
// word on the wire.
type selection struct {
	all    bool
	picked map[string]bool // by Key.String; with all: left out
}

// maxPicked bounds what is picked one by one.
const maxPicked = 2000

func (s selection) has(key string) bool { return s.all != s.picked[key] }
func (s selection) empty() bool         { return !s.all && len(s.picked) == 0 }

// set picks rows, or lets go of them.
func (s selection) set(keys []string, on bool) selection {
	picked := maps.Clone(s.picked)
	if picked == nil {
		picked = make(map[string]bool, len(keys))
	}
	for _, key := range keys {
		if on == s.all {
			delete(picked, key)
		} else {
			picked[key] = true
		}
	}
	s.picked = picked
	return s
}

// keys are those picked, in a fixed order; what is no key is left out.
func (s selection) keys() []widgets.Key {
	keys := make([]widgets.Key, 0, len(s.picked))
	for _, text := range slices.Sorted(maps.Keys(s.picked)) {
		if key, err := widgets.ParseKey(text); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// n is how many rows are selected, as far as the count tells.
func (s selection) n(total widgets.Count) widgets.Count {
	if !s.all {
		return widgets.Count{N: int64(len(s.picked))}
	}
	total.N = max(0, total.N-int64(len(s.picked)))
	return total
}

// selectRows is a row's checkbox, or with shift a range of them.
func (m *Model) selectRows(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	on := ticked(e.Payload.Get("checked"))
	keys := e.Payload["key"]
	for _, key := range keys {
		if parsed, err := widgets.ParseKey(key); err != nil || len(parsed) != len(m.table().Key) {
			return nil, widgets.ErrBadPayload
		}
	}
	sel := s.sel.set(keys, on)
	if len(sel.picked) > maxPicked {
		return nil, widgets.UserError("That are more rows than can be picked one by one. Select all and narrow the list instead.")
	}
	return m.selecting(ctx, s, e.In, sel)
}

func ticked(checked string) bool { return checked == "true" || checked == "on" || checked == "1" }

// selectPage is the checkbox in the heading: the rows of this page.
func (m *Model) selectPage(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	if !ticked(e.Payload.Get("checked")) {
		return m.selecting(ctx, s, e.In, selection{})
	}
	return m.selecting(ctx, s, e.In, s.sel.set(rowKeys(s.rows), true))
}

// selectAll takes every row that the list's search and filters match.
func (m *Model) selectAll(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	return m.selecting(ctx, s, e.In, selection{all: true})
}

func (m *Model) selectNone(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	return m.selecting(ctx, s, e.In, selection{})
}

func (m *Model) selecting(ctx context.Context, s *listState, in widgets.In, sel selection) (*listState, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	next := *s
	next.sel, next.asking = sel, nil
	next.draw(ctx, in, g)
	return &next, nil
}

func rowKeys(rows widgets.Rows) []string {
	keys := make([]string, len(rows.Rows))
	for i, row := range rows.Rows {
		keys[i] = row.Key.String()
	}
	return keys
}

// surviving drops from a selection the rows that no longer exist, or that left the person's sight; a row that only moved to another page stays.
func (g *grid) surviving(ctx context.Context, s selection, shown widgets.Rows) selection {
	if s.all || len(s.picked) == 0 {
		return s
	}
	here := map[string]bool{}
	for _, key := range rowKeys(shown) {
		here[key] = true
	}
	var elsewhere []widgets.Key
	for _, key := range s.keys() {
		if !here[key.String()] {
			elsewhere = append(elsewhere, key)
		}
	}
	if len(elsewhere) > 0 {
		rows, err := g.Source.Fetch(ctx, elsewhere, g.scope)
		if err != nil {
			return s // what cannot be looked up is not lost; starting the action looks again
		}
		for _, row := range rows {
			here[row.Key.String()] = true
		}
	}
	var gone []string
	for key := range s.picked {
		if !here[key] {
			gone = append(gone, key)
		}
	}
	return s.set(gone, false)
}
