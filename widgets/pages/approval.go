package pages

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// approvalName is the name of the main widget of the page of one request for approval.
const approvalName = "approval"

// approvalRows is how many of the rows the page names.
const approvalRows = 10

type approvalState struct {
	last jobs.Approval
	View approvalView
}

type approvalView struct {
	CSRF, Title, State, Pill, StateText       string
	Text, Note                                string
	Facts                                     []approvalFact
	Rows                                      []approvalRow
	More                                      string
	MayDecide, MayWithdraw, MayLaunch, Danger bool
	Job                                       string // the address of the run
	Back, BackLabel                           string
}

type (
	approvalFact struct{ Key, Label, Text string }
	approvalRow  struct{ Key, Title, URL string }
)

func (s *Site) approvalsURL() string            { return s.Prefix + "/approvals/" }
func (s *Site) approvalURL(id string) string    { return s.approvalsURL() + id + "/" }
func (m *Model) action(name string) jobs.Action { return actionIn(m.actions, name) }

func actionIn(all []jobs.Action, name string) jobs.Action {
	if at := slices.IndexFunc(all, func(a jobs.Action) bool { return a.Name == name }); at >= 0 {
		return all[at]
	}
	return jobs.Action{}
}

// approval reads a request. Unknown and foreign ones are the same to who asks.
func (s *Site) approval(ctx context.Context, id string, u *widgets.User) (jobs.Approval, error) {
	if s.Jobs == nil {
		return jobs.Approval{}, notFound(noApproval)
	}
	a, err := s.Jobs.Approval(ctx, id, u)
	if errors.Is(err, jobs.ErrNotFound) {
		err = notFound(noApproval)
	}
	return a, err
}

const noApproval = "There is no such request, or it is not yours to see."

// ApprovalPage builds the page of one request, for who made it and who may decide.
func (s *Site) ApprovalPage(in widgets.In, id string) (*widgets.Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pageBudget)
	defer cancel()
	a, err := s.approval(ctx, id, in.User)
	if err != nil {
		return nil, err
	}
	crumbs := append(s.crumbs(in.Language), widgets.Crumb{Label: in.T("Approvals"), URL: s.approvalsURL()})
	return &widgets.Page{Title: in.Language.Late(a.Label), Crumbs: crumbs, Section: s.approvalsURL(), Main: s.approvalClass, In: in}, nil
}

var approvalTemplate = must("approval.html")

func (s *Site) approvalWidget() widgets.Widget {
	mount := func(ctx context.Context, in widgets.In) (any, error) { return s.mountApproval(ctx, in) }
	return widgets.Widget{
		Name: approvalName, Label: "Approval", Bare: true, Template: approvalTemplate, Styles: []string{"approval.css"}, Mount: mount, Refresh: approvalsRefresh,
		Topics: func(widgets.In) []string { return []string{jobs.ApprovalTopic} },
		Notice: func(ctx context.Context, in widgets.In, state any, news widgets.News) (any, error) {
			if a, ok := news.Value.(jobs.Approval); ok && a.ID != state.(*approvalState).last.ID {
				return state, nil
			}
			return mount(ctx, in)
		},
		Events: map[string]widgets.Handler{
			"approve": s.deciding("approved", func(ctx context.Context, id string, e widgets.Event[widgets.Form]) (jobs.Approval, error) {
				return s.Jobs.Approve(ctx, id, e.In.User, "")
			}),
			"reject": s.deciding("rejected", func(ctx context.Context, id string, e widgets.Event[widgets.Form]) (jobs.Approval, error) {
				return s.Jobs.Reject(ctx, id, e.In.User, e.Payload.Get("reason"))
			}),
			"withdraw": s.deciding("withdrew", func(ctx context.Context, id string, e widgets.Event[widgets.Form]) (jobs.Approval, error) {
				return s.Jobs.Withdraw(ctx, id, e.In.User)
			}),
			"launch": s.deciding("started again", func(ctx context.Context, id string, e widgets.Event[widgets.Form]) (jobs.Approval, error) {
				return s.Jobs.Launch(ctx, id, e.In.User)
			}),
		},
	}
}

// deciding is a button of the page. Whether the person may, the supervisor of jobs says. The line in the audit comes first.
func (s *Site) deciding(did string, step func(context.Context, string, widgets.Event[widgets.Form]) (jobs.Approval, error)) widgets.Handler {
	return widgets.On(func(ctx context.Context, _ *approvalState, e widgets.Event[widgets.Form]) (*approvalState, error) {
		a, err := s.approval(ctx, jobOf(e.In.Path), e.In.User)
		if err != nil {
			return nil, err
		}
		text := did + ": " + a.Label + ", " + s.rowsOf(nil, a) + ", asked for by " + a.Owner
		if why := strings.TrimSpace(e.Payload.Get("reason")); why != "" {
			text += ": " + why
		}
		undo, err := s.note(ctx, widgets.AuditLine{Deed: widgets.DeedApproval, Table: a.Table, Text: text})
		if err != nil {
			return nil, err
		}
		next, err := step(ctx, a.ID, e)
		if err != nil && next.State == a.State {
			undo("it was refused")
		}
		if err != nil {
			if said, ok := verbText(err); ok {
				return nil, widgets.UserError(said)
			}
			return nil, err
		}
		return s.mountApproval(ctx, e.In)
	})
}

var approvalWords = map[jobs.ApprovalState][2]string{
	jobs.Waiting:   {"warn", "Waiting for approval"},
	jobs.Approved:  {"info", "Approved, not started"},
	jobs.Started:   {"ok", "Approved"},
	jobs.Rejected:  {"danger", "Rejected"},
	jobs.Withdrawn: {"mute", "Withdrawn"},
	jobs.Expired:   {"mute", "Expired"},
}

func (s *Site) mountApproval(ctx context.Context, in widgets.In) (*approvalState, error) {
	a, err := s.approval(ctx, jobOf(in.Path), in.User)
	if err != nil {
		return nil, widgets.UserError(NotFoundText(err))
	}
	l, words := in.Language, approvalWords[a.State]
	v := approvalView{
		CSRF: in.CSRF, Title: l.Late(a.Label), State: string(a.State), Pill: pill(words[0]), StateText: l.T(words[1]), Text: l.Late(a.Question),
		Back: s.approvalsURL(), BackLabel: l.T("All approvals"),
	}
	mine := a.OwnerID == in.User.ID
	v.MayDecide = a.State == jobs.Waiting && s.Jobs.MayDecide(ctx, a, in.User) == nil
	v.MayWithdraw = a.State == jobs.Waiting && mine
	v.MayLaunch = a.State == jobs.Approved && s.Jobs.MayLaunch(ctx, a, in.User)
	if a.Job != "" {
		if _, err := s.Jobs.Get(a.Job, in.User); err == nil {
			v.Job = s.progressURL(a.Job)
		}
	}
	switch {
	case v.MayDecide:
		v.Note = l.T("When you approve it starts in the name of %s, with the rights that they have then.", a.Owner)
	case v.MayWithdraw:
		v.Note = l.T("Somebody else has to approve it before it starts. You are told when they have decided.")
	case v.MayLaunch:
		v.Note = l.T("It could not be started when it was approved. Try again.")
	}
	m := s.models[a.Table]
	if m != nil {
		action := m.action(a.Action)
		v.Text, v.Danger = m.questionOn(l, action, l.Number(a.Total), rowsText(l, a.Total, m)), action.Danger
		if v.Rows, err = s.approvalRows(ctx, in, m, a); err != nil {
			return nil, err
		}
		if rest := a.Total - int64(len(v.Rows)); rest > 0 && len(v.Rows) > 0 {
			v.More = l.T("and %s more", l.Number(rest))
		}
	}
	v.Facts = approvalFacts(l, a, m)
	return &approvalState{a, v}, nil
}

func approvalFacts(l *lang.Language, a jobs.Approval, m *Model) []approvalFact {
	facts := []approvalFact{{"owner", l.T("Asked for by"), a.Owner}, {"created", l.T("When"), l.Time(a.Created, lang.Minutes)}}
	if a.State == jobs.Waiting || a.State == jobs.Approved {
		facts = append(facts, approvalFact{"expires", l.T("Until"), l.Time(a.Expires, lang.Minutes)})
	}
	if m != nil {
		for _, f := range m.action(a.Action).Fields() {
			if text := strings.Join(a.Input[f.Name], ", "); text != "" {
				facts = append(facts, approvalFact{"input " + f.Name, l.Late(f.Label), text})
			}
		}
	}
	by := map[jobs.ApprovalState]string{jobs.Approved: "Approved by", jobs.Started: "Approved by", jobs.Rejected: "Rejected by", jobs.Withdrawn: "Withdrawn by"}[a.State]
	if by != "" {
		facts = append(facts, approvalFact{"by", l.T(by), a.DecidedBy + ", " + l.Time(a.Decided, lang.Minutes)})
	}
	if a.Reason != "" {
		facts = append(facts, approvalFact{"reason", l.T("Their reason"), a.Reason})
	}
	return facts
}

// approvalRows are the first of the rows, as far as they are there and the person may see them.
func (s *Site) approvalRows(ctx context.Context, in widgets.In, m *Model, a jobs.Approval) ([]approvalRow, error) {
	d := m.may(ctx, in.User, widgets.View, nil)
	if !d.Allow {
		return nil, nil
	}
	keys, err := s.Jobs.ApprovalRows(ctx, a, len(m.table().Key), approvalRows)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	rows, err := m.Source.Fetch(ctx, keys, d.Rows)
	var all []approvalRow
	for _, row := range rows {
		all = append(all, approvalRow{row.Key.String(), m.titleOf(columnNames(m.table()), row, d.Hide), m.changeURL(row.Key)})
	}
	return all, err
}

// asks makes a request for approval instead of a run, and leads to its page.
func (m *Model) asks(ctx context.Context, e widgets.Event[widgets.Form], req jobs.Request) error {
	a, err := m.site.Jobs.Ask(ctx, req)
	if err == nil {
		e.Toast("info", "It waits for somebody else to approve it.")
		e.Redirect(m.site.approvalURL(a.ID))
	}
	return err
}

// approvalsRefresh is how soon a page shows what another server's people decided; what this one's did is seen at once.
const approvalsRefresh = 10 * time.Second
