package pages

import (
	"context"
	"slices"
	"time"

	"greenroom/widgets"
)

// refreshList reads the same rows again after somebody changed the table: search, place and selection stay. Rows that look otherwise by now flash; new
// ones wait, so that nothing moves under the pointer.
func (m *Model) refreshList(ctx context.Context, in widgets.In, s *listState) (*listState, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	next := *s
	next.counted = nil
	if err := next.load(ctx, in, g, nil, true); err != nil {
		// The rows as they were are better than none.
		stale := *s
		stale.faults = []string{g.l.T("The list could not be refreshed; these rows may be old.") + " " + g.l.Late(m.site.incident("list not refreshed", m, err))}
		stale.draw(ctx, in, g)
		return &stale, nil
	}
	next.sel = g.surviving(ctx, next.sel, next.rows)
	next.draw(ctx, in, g)
	flash(s.View.Rows, next.View.Rows)
	return &next, nil
}

// The classes of a row that has changed; they take turns, since a browser runs an animation again only under another name.
const (
	flashOnce  = "gr-flash"
	flashAgain = "gr-flash gr-again"
)

// flash marks the rows of next that look otherwise than before. Marks that are there stay until a person does something with the list.
func flash(before, next []rowView) {
	known := make(map[string]*rowView, len(before))
	for i := range before {
		known[before[i].Key] = &before[i]
	}
	for i := range next {
		row := &next[i]
		old := known[row.Key]
		switch {
		case old == nil:
		case slices.Equal(old.Cells, row.Cells):
			row.Class = old.Class
		case old.Class == flashOnce:
			row.Class = flashAgain
		default:
			row.Class = flashOnce
		}
	}
}

// holding arranges a page that was read again so that what is shown keeps its place: the rows that came in between wait, and those that they pushed
// off the page stay on it, found by the filters but not by the search again. New rows at the end of the page, where nothing moves, are shown at once.
func (g *grid) holding(ctx context.Context, at address, shown, read widgets.Rows) (widgets.Rows, int, error) {
	if len(g.table().Key) == 0 || len(shown.Rows) == 0 || !slices.Equal(shown.Columns, read.Columns) {
		return read, 0, nil
	}
	before, now := map[string]bool{}, map[string]widgets.Row{}
	for _, key := range rowKeys(shown) {
		before[key] = true
	}
	var fresh, ahead int
	for _, row := range read.Rows {
		key := row.Key.String()
		if now[key] = row; before[key] {
			ahead = fresh // those so far stand above a row that is shown
		} else {
			fresh++
		}
	}
	if kept := len(read.Rows) - fresh; kept == 0 || at.last || at.before != "" {
		ahead = fresh
	}
	if ahead == 0 {
		return read, 0, nil
	}
	var pushed []widgets.Key
	for _, row := range shown.Rows {
		if _, here := now[row.Key.String()]; !here {
			pushed = append(pushed, row.Key)
		}
	}
	if err := g.readAgain(ctx, at, pushed, read.Columns, now); err != nil {
		return read, 0, err
	}
	held := widgets.Rows{Columns: read.Columns, Next: shown.Next, Prev: shown.Prev}
	for _, row := range shown.Rows {
		if row, still := now[row.Key.String()]; still {
			held.Rows = append(held.Rows, row)
		}
	}
	if len(held.Rows) == 0 {
		return read, 0, nil
	}
	if held.Next == "" {
		held.Next = read.Next
	}
	return held, fresh, nil
}

// readAgain puts the rows of keys that still pass the filters into rows, by key.
func (g *grid) readAgain(ctx context.Context, at address, keys []widgets.Key, columns []string, rows map[string]widgets.Row) error {
	if len(keys) == 0 {
		return nil
	}
	found, err := g.Source.Fetch(ctx, keys, g.query(at).Filter)
	if err != nil {
		return err
	}
	for _, row := range found {
		values := make([]widgets.Value, len(columns))
		for i, name := range columns {
			values[i] = valueOf(g.table(), row, name)
		}
		rows[row.Key.String()] = widgets.Row{Key: row.Key, Values: values}
	}
	return nil
}

// showWaiting is the button of the rows that wait.
func (m *Model) showWaiting(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	next := *s
	return &next, next.show(ctx, e.In, g, nil)
}

func (s *listState) waitingText(g *grid) string {
	if s.waiting == 0 {
		return ""
	}
	text := g.l.Number(int64(s.waiting))
	if s.waiting >= g.perPage {
		text += "+"
	}
	return g.l.T("%s new — show", text)
}

// liveView says how soon a list shows what others change.
type liveView struct{ Text, Title string }

func (g *grid) liveView() liveView {
	switch others := g.site.Others; {
	case others <= 0:
		return liveView{g.l.T("live within this admin"), g.l.T("Changes made in this admin appear at once; those of other programs when the page is loaded again.")}
	case others <= time.Second:
		return liveView{g.l.T("live"), g.l.T("Changes appear at once, also those of other programs.")}
	default:
		every := others.Round(time.Second).String()
		return liveView{g.l.T("live, others every %s", every), g.l.T("Changes made in this admin appear at once, those of other programs within %s.", every)}
	}
}
