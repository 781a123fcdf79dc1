package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// jobHistoryName is the name of the job history's main widget.
const jobHistoryName = "job-history"

// jobHistoryState is the page of the jobs of the last 30 days, as one person may see them.
type jobHistoryState struct {
	View jobHistoryView
}

// jobHistoryView is what jobhistory.html draws.
type jobHistoryView struct {
	Tabs          []stateTab
	Jobs          []pastJobView
	Everybody     bool // those of others are among them
	Filtered      bool
	Older, Newest string
}

type (
	stateTab struct {
		Key, Label, Href string
		Current          string
	}
	pastJobView struct {
		ID, URL, Label, Owner, Table, TableURL, Pill, State, Rows, Failed, When, Took string
	}
)

// stateFilters are the filters of the job history, in order.
var stateFilters = []struct {
	key, label string
	states     []jobs.State
}{
	{"", "All", nil},
	{"unfinished", "Unfinished", []jobs.State{jobs.Queued, jobs.Running, jobs.Pausing, jobs.Paused, jobs.Cancelling}},
	{"done", "Done", []jobs.State{jobs.Succeeded}},
	{"failed", "Failed", []jobs.State{jobs.Failed}},
	{"cancelled", "Cancelled", []jobs.State{jobs.Cancelled}},
}

func (s *Site) jobHistoryURL() string { return s.Prefix + "/jobs/history/" }

// JobHistoryPage builds the page of a person's jobs, or of everybody's for who supervises. Without a store of jobs there is none.
func (s *Site) JobHistoryPage(in widgets.In) (*widgets.Page, error) {
	if s.Jobs == nil || !s.Jobs.Remembers() {
		return nil, notFound("There is no page at this address.")
	}
	return &widgets.Page{Title: in.T("Job history"), Crumbs: s.crumbs(in.Language), Section: s.jobHistoryURL(), Main: s.jobHistory, In: in}, nil
}

var jobHistoryTemplate = must("jobhistory.html")

func (s *Site) jobHistoryWidget() widgets.Widget {
	mount := func(ctx context.Context, in widgets.In) (any, error) { return s.mountJobHistory(ctx, in) }
	return widgets.Widget{
		Name: jobHistoryName, Label: "Job history", Bare: true, Template: jobHistoryTemplate, Pace: time.Second, Mount: mount,
		Topics: func(in widgets.In) []string {
			if in.User.Has(jobs.Supervise) {
				return []string{jobs.EveryTopic}
			}
			return []string{jobs.OwnerTopic(in.User.ID)}
		},
		Notice: func(ctx context.Context, in widgets.In, _ any, _ widgets.News) (any, error) { return mount(ctx, in) },
	}
}

func (s *Site) mountJobHistory(ctx context.Context, in widgets.In) (*jobHistoryState, error) {
	raw, err := url.ParseQuery(in.Raw)
	if err != nil {
		raw = nil
	}
	filter := max(0, slices.IndexFunc(stateFilters, func(f struct {
		key, label string
		states     []jobs.State
	},
	) bool {
		return f.key == raw.Get("state")
	}))
	q := jobs.History{States: stateFilters[filter].states, Since: time.Now().Add(-jobs.KeepHistory), After: placeOf(raw.Get("after"))}
	all, err := s.Jobs.History(ctx, in.User, q)
	if errors.Is(err, jobs.ErrDenied) {
		return nil, widgets.ErrDenied
	}
	if err != nil {
		return nil, err
	}
	v := jobHistoryView{Everybody: in.User.Has(jobs.Supervise)}
	for i, f := range stateFilters {
		tab := stateTab{Key: "tab-" + f.key, Label: in.T(f.label), Href: s.jobHistoryURL(), Current: "false"}
		if f.key != "" {
			tab.Href += "?state=" + f.key
		}
		if i == filter {
			tab.Current = "page"
		}
		v.Tabs = append(v.Tabs, tab)
	}
	if filter > 0 {
		v.Filtered = true
	}
	for _, snap := range all {
		v.Jobs = append(v.Jobs, s.jobLine(ctx, in, snap))
	}
	if q.After != nil {
		v.Newest = v.Tabs[filter].Href
	}
	if len(all) == q.WithDefaults().Limit {
		last := all[len(all)-1]
		v.Older = s.jobHistoryURL() + "?" + url.Values{
			"state": {stateFilters[filter].key}, "after": {strconv.FormatInt(last.Created.UnixMicro(), 10) + "-" + last.ID},
		}.Encode()
	}
	return &jobHistoryState{v}, nil
}

// placeOf reads where the page before ended; nil for the first page, and for what is no place.
func placeOf(text string) *jobs.Place {
	for i := range len(text) {
		if text[i] == '-' {
			at, err := strconv.ParseInt(text[:i], 10, 64)
			if err != nil || at < 0 {
				return nil
			}
			return &jobs.Place{Created: time.UnixMicro(at), ID: text[i+1:]}
		}
	}
	return nil
}

// jobLine draws a job in one line. A table that the person may not see is named and not linked.
func (s *Site) jobLine(ctx context.Context, in widgets.In, snap jobs.Snapshot) pastJobView {
	words := stateWords(snap)
	l := in.Language
	v := pastJobView{
		ID: snap.ID, URL: s.progressURL(snap.ID), Label: l.Late(snap.Label), Owner: snap.Owner, Table: snap.Table, Pill: pill(words[0]), State: l.T(words[1]),
		Rows: l.Number(snap.Current), Failed: l.Number(snap.Failed), When: l.Time(snap.Created.UTC(), lang.Minutes),
	}
	if snap.Total > 0 {
		v.Rows = l.T("%s of %s", v.Rows, l.Number(snap.Total))
	}
	if !snap.Started.IsZero() && !snap.Ended.IsZero() {
		v.Took = span(l, snap.Ended.Sub(snap.Started))
	}
	if m := s.models[snap.Table]; m != nil {
		v.Table = l.T(m.plural())
		if m.may(ctx, in.User, widgets.View, nil).Allow {
			v.TableURL = m.url()
		}
	}
	return v
}
