package pages

import (
	"context"
	"fmt"

	"greenroom/jobs"
	"greenroom/widgets"
)

// Revive says how a run of another process goes on here, for its owner as they are now. It is a jobs.Reviver, but for finding the owner.
func (s *Site) Revive(ctx context.Context, r jobs.Record, owner *widgets.User) (jobs.Request, error) {
	m := s.models[r.Table]
	if m == nil {
		return jobs.Request{}, fmt.Errorf("pages: job %s: there is no table %q", r.ID, r.Table)
	}
	a, d := m.allowed(ctx, owner, r.Action)
	view := m.may(ctx, owner, widgets.View, nil)
	if !d.Allow || !view.Allow {
		return jobs.Request{}, fmt.Errorf("pages: job %s: %w", r.ID, widgets.ErrDenied)
	}
	return jobs.Request{
		Action: a, User: owner, Selection: jobs.Selection{Source: m.Source, Scope: view.Rows}, Decide: m.permits(a.Name),
	}, nil
}

// permits asks for the permission of an action again and again.
func (m *Model) permits(action string) func(ctx context.Context, u *widgets.User) widgets.Decision {
	return func(ctx context.Context, u *widgets.User) widgets.Decision {
		_, d := m.allowed(ctx, u, action)
		return d
	}
}
