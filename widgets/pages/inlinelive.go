package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// formTables are the topics of the form's own table, and those of its inlines.
func (m *Model) formTables() []string {
	topics := []string{m.table().Topic()}
	for _, c := range m.inlines {
		if topic := c.of.table().Topic(); !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	for _, c := range m.links {
		if topic := c.of.table().Topic(); !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	return topics
}

// addLine puts a blank row at the end of an inline.
func (m *Model) addLine(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	return m.inlineEvent(ctx, s, e, inlineAdd, e.Payload.Get("inline"))
}

// dropLine marks a stored row as one to be removed, or unmarks it; a new one goes at once.
func (m *Model) dropLine(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	if e.Payload.Has("checked") {
		for _, row := range s.lines() {
			if row.fields != nil && row.fields[0].prefix == e.Payload.Get("row") && row.drop == ticked(e.Payload.Get("checked")) {
				return s, nil // it is so already
			}
		}
	}
	return m.inlineEvent(ctx, s, e, inlineDrop, e.Payload.Get("row"))
}

// turnLines turns to another page of an inline.
func (m *Model) turnLines(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	return m.inlineEvent(ctx, s, e, inlineGo, e.Payload.Get("to"))
}

func (m *Model) inlineEvent(ctx context.Context, s *formState, e widgets.Event[widgets.Form], what, word string) (*formState, error) {
	next := s.copied()
	done, err := m.press(ctx, e.In, next, what, word)
	if err != nil {
		return nil, err
	}
	if !done {
		return nil, widgets.ErrBadPayload
	}
	return m.redrawForm(ctx, next, e.In)
}

// pressed does what a posted form asks for besides saving: by the buttons of conflicts and inlines, on a page without JavaScript.
func (m *Model) pressed(ctx context.Context, in widgets.In, s *formState, posted widgets.Form) (done bool, err error) {
	for word, decide := range map[string]func(*field){"_take": (*field).takeTheirs, "_keep": (*field).keepMine} {
		if f, _, _ := s.entry(m, posted.Get(word)); f != nil {
			decide(f)
			return true, nil
		}
	}
	if posted.Has(linkDrop) {
		return s.dropLink(posted.Get(linkDrop)), nil
	}
	for _, what := range []string{inlineAdd, inlineDrop, inlineGo} {
		if posted.Has(what) {
			return m.press(ctx, in, s, what, posted.Get(what))
		}
	}
	return false, nil
}

// press does what a button of an inline says; done is false where there is no such inline or row.
func (m *Model) press(ctx context.Context, in widgets.In, s *formState, what, word string) (done bool, err error) {
	if what == inlineDrop {
		return s.dropRow(word), nil
	}
	n, rest, _ := strings.Cut(word, ".")
	at := slices.IndexFunc(s.inlines, func(il inline) bool { return strconv.Itoa(il.class.n) == n })
	if at < 0 {
		return false, nil
	}
	il := &s.inlines[at]
	if what == inlineGo {
		if s.add {
			return false, nil
		}
		var to turned
		word, cursor, _ := strings.Cut(rest, ".")
		switch word {
		case wordAfter:
			to.after = cursor
		case wordBefore:
			to.before = cursor
		case wordLast:
			to.last = true
		}
		return true, il.turn(ctx, in, s, to)
	}
	if !il.mayAdd {
		return false, widgets.ErrDenied
	}
	if il.fresh() >= mostNewLines {
		il.fault = "Save these " + strconv.Itoa(mostNewLines) + " new rows before you add more."
		return true, nil
	}
	for _, l := range s.lines() {
		for i := range l.fields {
			l.fields[i].focus = false
		}
	}
	row := il.line(ctx, in, s, nil)
	if first := slices.IndexFunc(row.fields, func(f field) bool { return !f.fixed }); first >= 0 {
		row.fields[first].focus = true
	}
	il.rows = append(il.rows, row)
	return true, nil
}

// fresh counts the rows that are not stored yet.
func (il *inline) fresh() (n int) {
	for _, row := range il.rows {
		if row.key == nil {
			n++
		}
	}
	return n
}

func (s *formState) dropRow(prefix string) bool {
	for i := range s.inlines {
		il := &s.inlines[i]
		for j := range il.rows {
			row := &il.rows[j]
			switch {
			case il.prefix(row.id) != prefix:
			case row.key == nil || row.gone:
				il.rows = slices.Delete(il.rows, j, j+1)
				return true
			case row.mayDrop:
				row.drop = !row.drop
				return true
			}
		}
	}
	return false
}

// noticeInlines reads the page of an inline again after its table changed. As with the form's own fields, what somebody edits stays his.
func (m *Model) noticeInlines(ctx context.Context, in widgets.In, s *formState, news widgets.News) (*formState, error) {
	next := s.copied()
	next.whole, next.View.Notice = s.whole, s.View.Notice
	changed := false
	for i := range next.inlines {
		il := &next.inlines[i]
		if il.class.of.table().Topic() != news.Topic || il.unmoved(news) {
			continue
		}
		if err := il.refresh(ctx, in, next); err != nil {
			m.site.incident("related rows not refreshed", il.class.of, err)
			return s, nil // what was typed must not go with a failed look
		}
		changed = true
	}
	for i := range next.links {
		l := &next.links[i]
		if l.class.of.table().Topic() != news.Topic {
			continue
		}
		if err := l.refresh(ctx, in); err != nil {
			m.site.incident("links not refreshed", l.class.of, err)
			return s, nil
		}
		changed = true
	}
	if !changed {
		return s, nil
	}
	return m.redrawForm(ctx, next, in)
}

// unmoved tells of news that it is of other rows than those shown.
func (il *inline) unmoved(news widgets.News) bool {
	change, known := news.Value.(widgets.Change)
	return known && change.Op == "update" && len(change.Keys) > 0 && !slices.ContainsFunc(change.Keys, func(key widgets.Key) bool {
		return slices.ContainsFunc(il.rows, func(l line) bool { return l.id == key.String() })
	})
}

func (il *inline) refresh(ctx context.Context, in widgets.In, s *formState) error {
	fresh, err := il.read(ctx, in, s, il.place)
	if err != nil {
		return err
	}
	known := map[string]line{}
	var kept, added []line
	for _, row := range il.rows {
		known[row.id] = row
		here := slices.ContainsFunc(fresh, func(f line) bool { return f.id == row.id })
		switch {
		case row.key == nil:
			added = append(added, row)
		case !here && row.edited():
			kept = append(kept, row)
		}
	}
	if kept, err = il.still(ctx, in, s, kept); err != nil {
		return err
	}
	for i := range fresh {
		if old, ok := known[fresh[i].id]; ok {
			fresh[i] = old.met(fresh[i])
		}
	}
	il.rows = slices.Concat(kept, fresh, added)
	return nil
}

// still looks whether edited rows that are not on the page are there at all.
func (il *inline) still(ctx context.Context, in widgets.In, s *formState, rows []line) ([]line, error) {
	keys := make([]widgets.Key, len(rows))
	for i, row := range rows {
		keys[i] = row.key
	}
	now, err := il.fetch(ctx, in, s, keys)
	for i := range rows {
		at := slices.IndexFunc(now, func(f line) bool { return f.id == rows[i].id })
		if rows[i].elsewhere, rows[i].gone = true, at < 0; at >= 0 {
			rows[i] = rows[i].met(now[at])
		}
	}
	return rows, err
}

// met is a row that was shown, told of what is stored by now.
func (l line) met(now line) line {
	if len(l.fields) != len(now.fields) {
		return now
	}
	for i := range l.fields {
		f := &l.fields[i]
		f.news(now.fields[i].base)
	}
	l.name, l.gone = now.name, false
	return l
}
