package pages

import (
	"context"
	"fmt"

	"greenroom/jobs"
	"greenroom/widgets"
)

// note writes a line before the deed; undo remarks that the deed failed. Without an audit both do nothing.
func (s *Site) note(ctx context.Context, l widgets.AuditLine) (undo func(why string), err error) {
	if s.Audit == nil {
		return func(string) {}, nil
	}
	first, err := s.Audit.Note(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("pages: nothing is done that cannot be written down: %w", err)
	}
	return func(why string) {
		if err := s.Audit.Undo(context.WithoutCancel(ctx), first, 1, why); err != nil {
			s.log().Error("the audit has a line about what did not happen", "line", first, "err", err)
		}
	}, nil
}

// noteAction writes down that an action is started: on which rows, with which inputs.
func (m *Model) noteAction(ctx context.Context, s *listState) (undo func(why string), err error) {
	a, n := s.asking.action, s.sel.n(s.count)
	l := widgets.AuditLine{Deed: widgets.DeedAction, Table: m.table().ID(), Text: a.Title() + ": " + firstOf(countText(nil, n), "all matching") + " " + lower(m.plural())}
	if a.Approval != "" && !s.asking.dry {
		l.Deed, l.Text = widgets.DeedApproval, "asked for: "+l.Text
	}
	if s.sel.all {
		l.Text += ", those of the list " + firstOf(s.at.firstPage().values().Encode(), "without filters")
	} else if keys := s.sel.keys(); len(keys) == 1 {
		l.Key = keys[0].String()
	}
	for _, f := range a.Fields() {
		for _, v := range s.asking.values[f.Name] {
			field := widgets.AuditField{Column: f.Name, New: widgets.Text(v)}
			if f.Kind == jobs.FieldPassword {
				field.Kept = widgets.KeptMasked
			}
			l.Fields = append(l.Fields, field)
		}
	}
	return m.site.note(ctx, l)
}

// Refused writes down that somebody asked for a page that is not theirs, or sent a form that is no page's of theirs.
func (s *Site) Refused(ctx context.Context, l widgets.AuditLine) error {
	if s.Audit == nil {
		return nil
	}
	l.Deed = widgets.DeedRefused
	_, err := s.Audit.Note(ctx, l)
	return err
}
