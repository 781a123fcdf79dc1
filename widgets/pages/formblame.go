package pages

import (
	"context"
	"time"

	"greenroom/widgets"
)

// someoneElse is who changed a field when the audit does not know: another program.
const someoneElse = "Somebody else changed this meanwhile"

// blamed is how many of the newest lines about a row are looked at.
const blamed = 20

// blame finds out from the audit who made of the contested fields what they are now, and when. A change that it does not have was another program's.
func (m *Model) blame(ctx context.Context, in widgets.In, s *formState) {
	open := func(f *field) bool { return f.theirs != nil && f.by == "" }
	any := false
	for i := range s.fields {
		any = any || open(&s.fields[i])
	}
	if !any || m.site.Audit == nil || s.key == nil {
		return
	}
	lines, err := m.site.Audit.Lines(ctx, widgets.AuditQuery{Table: m.table().ID(), Key: s.key.String(), Limit: blamed})
	if err != nil {
		m.site.incident("conflict without its author", m, err)
		return
	}
	for i := range s.fields {
		if f := &s.fields[i]; open(f) {
			f.by = firstOf(authorOf(lines, f, in.User, time.Now()), someoneElse)
		}
	}
}

// authorOf is who set the field to what it is now, in words, "" when the newest line about it says otherwise.
func authorOf(lines []widgets.AuditLine, f *field, me *widgets.User, now time.Time) string {
	for _, l := range lines {
		for _, changed := range l.Fields {
			if changed.Column != f.column.Name || l.Undone != "" {
				continue
			}
			if changed.Kept == widgets.KeptWhole && !f.same(changed.New, *f.theirs) {
				return ""
			}
			when := l.At.Format("15:04:05")
			if l.At.Format(time.DateOnly) != now.Format(time.DateOnly) {
				when = l.At.Format("2006-01-02 15:04")
			}
			switch {
			case l.UserID != "" && l.UserID == me.Person().ID:
				return "You changed this elsewhere at " + when
			case l.User != "":
				return whoOf(nil, l.Actor) + " changed this at " + when
			}
			return ""
		}
	}
	return ""
}
