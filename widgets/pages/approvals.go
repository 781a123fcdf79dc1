package pages

import (
	"context"
	"slices"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// approvalsName is the name of the main widget of the page of requests for approval.
const approvalsName = "approvals"

type approvalsState struct{ View approvalsView }

type (
	approvalsView struct {
		Pending, Asked []approvalLine
	}
	approvalLine struct {
		Key, URL, Label, Rows, Owner, State, Pill, Name, When string
	}
)

// approves tells whether a person has to do with approvals at all: as who asks, or who decides, which takes the action's permissions too.
func (s *Site) approves(ctx context.Context, u *widgets.User) bool {
	if s.Jobs == nil || !s.Jobs.Remembers() {
		return false
	}
	return slices.ContainsFunc(s.Models, func(m *Model) bool {
		return slices.ContainsFunc(m.actions, func(a jobs.Action) bool {
			if a.Approval == "" {
				return false
			}
			_, d := m.allowed(ctx, u, a.Name)
			return d.Allow
		})
	})
}

// ApprovalsPage builds the list of what waits for a person's decision, and of what they asked for.
func (s *Site) ApprovalsPage(in widgets.In) (*widgets.Page, error) {
	if s.approvalList == nil || !s.approves(context.Background(), in.User) {
		return nil, notFound("Nothing here needs an approval of yours, or of what you do.")
	}
	return &widgets.Page{Title: in.T("Approvals"), Crumbs: s.crumbs(in.Language), Section: s.approvalsURL(), Main: s.approvalList, In: in}, nil
}

var (
	approvalsTemplate    = must("approvals.html")
	approvalSignTemplate = must("approvalsign.html")
)

func (s *Site) approvalsWidget() widgets.Widget {
	mount := func(ctx context.Context, in widgets.In) (any, error) { return s.mountApprovals(ctx, in) }
	return widgets.Widget{
		Name: approvalsName, Label: "Approvals", Bare: true, Template: approvalsTemplate, Mount: mount, Refresh: approvalsRefresh,
		Topics: func(widgets.In) []string { return []string{jobs.ApprovalTopic} },
		Notice: func(ctx context.Context, in widgets.In, _ any, _ widgets.News) (any, error) { return mount(ctx, in) },
	}
}

func (s *Site) mountApprovals(ctx context.Context, in widgets.In) (*approvalsState, error) {
	pending, err := s.Jobs.Pending(ctx, in.User)
	if err != nil {
		return nil, err
	}
	asked, err := s.Jobs.Asked(ctx, in.User)
	return &approvalsState{approvalsView{s.approvalLines(in.Language, pending, true), s.approvalLines(in.Language, asked, false)}}, err
}

func (s *Site) approvalLines(l *lang.Language, all []jobs.Approval, until bool) []approvalLine {
	lines := make([]approvalLine, len(all))
	for i, a := range all {
		words := approvalWords[a.State]
		lines[i] = approvalLine{
			Key: a.ID, URL: s.approvalURL(a.ID), Label: l.Late(a.Label), Rows: s.rowsOf(l, a), Owner: a.Owner, State: l.T(words[1]), Pill: pill(words[0]),
			Name: string(a.State), When: l.Time(a.Created, lang.Minutes),
		}
		if until {
			lines[i].When = l.Time(a.Expires, lang.Minutes)
		}
	}
	return lines
}

func (s *Site) rowsOf(l *lang.Language, a jobs.Approval) string {
	if m := s.models[a.Table]; m != nil {
		return rowsText(l, a.Total, m)
	}
	return l.Number(a.Total)
}

// signState is what every page of a person knows of approvals.
type signState struct {
	pending map[string]bool
	asked   map[string]jobs.ApprovalState
	View    signView
}

type signView struct{ Count, URL string }

// approvalSignWidget is one for all pages of a person: it counts what waits for them, and tells of what is asked of them and what was decided for them.
func (s *Site) approvalSignWidget() widgets.Widget {
	return widgets.Widget{
		Name: "approval-sign", Bare: true, Template: approvalSignTemplate,
		Shared: func(in widgets.In) string { return "approvals of " + in.User.ID },
		Mount: func(ctx context.Context, in widgets.In) (any, error) {
			next, _, _, err := s.sign(ctx, in)
			return next, err
		},
		Topics: func(widgets.In) []string { return []string{jobs.ApprovalTopic} },
		Notice: func(ctx context.Context, in widgets.In, state any, _ widgets.News) (any, error) {
			before, l := state.(*signState), in.Language
			next, pending, asked, err := s.sign(ctx, in)
			if err != nil {
				return nil, err
			}
			for _, a := range pending {
				if !before.pending[a.ID] {
					widgets.Tell(ctx, "info", l.T("%s asks for approval: %s, %s", a.Owner, l.Late(a.Label), s.rowsOf(l, a)))
				}
			}
			for _, a := range asked {
				was := before.asked[a.ID] // "" for one that was made and decided since
				if level, text := decision(l, a); text != "" && (was == jobs.Waiting || was == "") {
					widgets.Tell(ctx, level, text)
				}
			}
			return next, nil
		},
	}
}

// decision tells who asked what became of it, "" if that was their own doing.
func decision(l *lang.Language, a jobs.Approval) (level, text string) {
	switch a.State {
	case jobs.Approved, jobs.Started:
		return "ok", l.T("%s: approved by %s", l.Late(a.Label), a.DecidedBy)
	case jobs.Rejected:
		return "warn", l.T("%s: rejected by %s: %s", l.Late(a.Label), a.DecidedBy, a.Reason)
	}
	return "", ""
}

func (s *Site) sign(ctx context.Context, in widgets.In) (next *signState, pending, asked []jobs.Approval, err error) {
	next = &signState{pending: map[string]bool{}, asked: map[string]jobs.ApprovalState{}, View: signView{URL: s.approvalsURL()}}
	if !s.approves(ctx, in.User) {
		return next, nil, nil, nil
	}
	if pending, err = s.Jobs.Pending(ctx, in.User); err != nil {
		return nil, nil, nil, err
	}
	if asked, err = s.Jobs.Asked(ctx, in.User); err != nil {
		return nil, nil, nil, err
	}
	for _, a := range pending {
		next.pending[a.ID] = true
	}
	for _, a := range asked {
		next.asked[a.ID] = a.State
	}
	if len(pending) > 0 {
		next.View.Count = in.Language.Number(int64(len(pending)))
	}
	return next, pending, asked, nil
}
