package pages

import (
	"context"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
)

// jobListName is the name of the job list's main widget.
const jobListName = "jobs"

// mostJobs is how many jobs the list shows.
const mostJobs = 200

type jobListState struct{ View jobListView }

type (
	jobListView struct {
		Everybody bool // those of others too
		Jobs      []jobView
		More      string
		Past      string // the address of those that are remembered, "" if none are
	}
	jobView struct {
		Key, URL, Label, Name string
		State, Pill           string
		Text, Owner           string
		Created, Since        string
		Everybody             bool
		Verbs                 []jobVerbView
	}
	jobVerbView struct {
		verbView
		CSRF, Job string
	}
)

// JobsPage builds the list of a person's jobs; whoever supervises sees everybody's.
func (s *Site) JobsPage(in widgets.In) (*widgets.Page, error) {
	if s.jobList == nil {
		return nil, notFound("Nothing runs here: no table has an action.")
	}
	return &widgets.Page{Title: in.T("Jobs"), Crumbs: s.crumbs(in.Language), Main: s.jobList, In: in}, nil
}

var jobListTemplate = must("jobs.html")

func (s *Site) jobListWidget() widgets.Widget {
	return widgets.Widget{
		Name: jobListName, Label: "Jobs", Bare: true, Template: jobListTemplate, Refresh: 2 * time.Second,
		Mount: func(_ context.Context, in widgets.In) (any, error) { return s.listJobs(in), nil },
		Topics: func(in widgets.In) []string {
			if in.User.Has(jobs.Supervise) {
				return []string{jobs.EveryTopic}
			}
			return []string{jobs.OwnerTopic(in.User.ID)}
		},
		Events: map[string]widgets.Handler{
			"cancel": s.listVerb("cancel", s.Jobs.Cancel), "pause": s.listVerb("pause", s.Jobs.Pause), "resume": s.listVerb("resume", s.Jobs.Resume),
		},
	}
}

// listVerb is a button in a row. Which run is meant comes with the event, and whether the person may, the supervisor of jobs says.
func (s *Site) listVerb(name string, verb func(context.Context, string, *widgets.User) (jobs.Snapshot, error)) widgets.Handler {
	return widgets.On(func(ctx context.Context, _ *jobListState, e widgets.Event[widgets.Form]) (*jobListState, error) {
		snap, err := s.Jobs.Get(e.Payload.Get("job"), e.In.User)
		if err == nil {
			var undo func(string)
			if undo, err = s.noteVerb(ctx, name, &progressState{last: snap}); err != nil {
				return nil, err
			}
			if _, err = verb(ctx, snap.ID, e.In.User); err != nil {
				undo("it was refused")
			}
		}
		if err != nil {
			if said, ok := verbText(err); ok {
				return nil, widgets.UserError(said)
			}
			return nil, err
		}
		return s.listJobs(e.In), nil
	})
}

func (s *Site) listJobs(in widgets.In) *jobListState {
	l := in.Language
	all := s.Jobs.Overview(in.User, false)
	state := &jobListState{View: jobListView{Everybody: in.User.Has(jobs.Supervise)}}
	if s.Jobs.Remembers() {
		state.View.Past = s.jobHistoryURL()
	}
	if len(all) > mostJobs {
		state.View.More = l.T("%s older ones are not shown.", l.Number(int64(len(all)-mostJobs)))
		all = all[:mostJobs]
	}
	for _, snap := range all {
		p := &progressState{last: snap, at: time.Now()}
		words := stateWords(snap)
		v := jobView{
			Key: snap.ID, URL: s.progressURL(snap.ID), Label: l.Late(snap.Label), Name: string(snap.State), State: l.T(words[1]), Pill: pill(words[0]), Text: p.text(l),
			Owner: snap.Owner, Created: snap.Created.UTC().Format(time.RFC3339), Since: l.Time(snap.Created, "15:04:05"), Everybody: state.View.Everybody,
		}
		verbs, _ := p.verbs(in.User, l)
		for _, verb := range verbs {
			if verb.Event == "cancel" || verb.Event == "pause" || verb.Event == "resume" {
				v.Verbs = append(v.Verbs, jobVerbView{verb, in.CSRF, snap.ID})
			}
		}
		state.View.Jobs = append(state.View.Jobs, v)
	}
	return state
}
