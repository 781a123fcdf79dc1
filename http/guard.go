package http

import (
	"context"
	"slices"

	"greenroom/widgets"
)

// Guard is the one place that decides who may do what: routes, socket, events, pages and jobs all ask it. The zero Guard holds the built-in rules.
type Guard struct {
	decide widgets.Decider
}

var _ widgets.Decider = (*Guard)(nil)

// NewGuard makes a Guard whose rules are an embedder's own; nil means the built-in ones.
func NewGuard(decide widgets.Decider) *Guard { return &Guard{decide} }

// Decide answers for a verb on a subject. Nobody may do anything; a superuser everything; anybody else needs the right {app}.{verb}_{model} for a
// table and all of the subject's permissions. Who sees the admin as another may what both may.
func (g *Guard) Decide(ctx context.Context, u *widgets.User, v widgets.Verb, on widgets.Subject) widgets.Decision {
	if u == nil || u.ID == "" {
		return widgets.Decision{}
	}
	if on.Table != nil && on.Table.ReadOnly != "" && v != widgets.View {
		return widgets.Decision{}
	}
	if u.Behind != nil {
		return both(g.rule(ctx, u, v, on), g.rule(ctx, u.Behind, v, on))
	}
	return g.rule(ctx, u, v, on)
}

// both is what two people may.
func both(a, b widgets.Decision) widgets.Decision {
	return widgets.Decision{
		Allow: a.Allow && b.Allow, Rows: a.Rows.And(b.Rows), Hide: union(a.Hide, b.Hide), ReadOnly: union(a.ReadOnly, b.ReadOnly),
	}
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func (g *Guard) rule(ctx context.Context, u *widgets.User, v widgets.Verb, on widgets.Subject) widgets.Decision {
	if g.decide != nil {
		return g.decide.Decide(ctx, u, v, on)
	}
	allow := u.HasAll(on.Permissions)
	if on.Table != nil {
		allow = allow && u.Has(widgets.Permission(v, on.Table))
	}
	return widgets.Decision{Allow: allow}
}
