package console

import (
	"errors"
	"math"
	"slices"
	"strings"

	"greenroom/jobs"
)

// The pages, in the order of their tabs.
const (
	Overview = "overview"
	Actors   = "actors"
	Jobs     = "jobs"
	Sessions = "sessions"
	Nodes    = "nodes"
	Failures = "failures"
	Dead     = "dead"
	Log      = "log"
	Trace    = "trace"
	Find     = "find"
)

// Names lists the pages in order, Label is a page's name for people.
func Names() []string {
	return []string{Overview, Actors, Jobs, Sessions, Nodes, Failures, Dead, Log, Trace, Find}
}

// Label is what people call a page, "" for one that does not exist.
func Label(page string) string {
	return map[string]string{
		Overview: "Overview", Actors: "Actors", Jobs: "Jobs", Sessions: "Sessions", Nodes: "Nodes", Failures: "Failures", Dead: "Dead letters",
		Log: "Log", Trace: "Trace", Find: "Find",
	}[page]
}

// ErrNoPage is returned for a page that does not exist.
var ErrNoPage = errors.New("console: no such page; there are overview, actors, jobs, sessions, nodes, failures, dead, log, trace and find")

// Query says what is looked at. Words that a page does not know are ignored.
type Query struct {
	Page string `json:"page"`
	// Text narrows the rows to those that have it somewhere, whatever its case.
	Text string `json:"text,omitempty"`
	// Sort orders the actors: one of Sorts. Without one, and without Text, Kind and State, they are a tree.
	Sort string `json:"sort,omitempty"`
	// State narrows actors, jobs and sessions to those in it; of jobs also unfinished and finished. Kind narrows actors, User jobs and sessions.
	State string `json:"state,omitempty"`
	Kind  string `json:"kind,omitempty"`
	User  string `json:"user,omitempty"`
	// Level narrows the log: WARN or ERROR.
	Level string `json:"level,omitempty"`
	// Open are the paths of the actors whose children the tree shows, with commas between.
	Open string `json:"open,omitempty"`
	// Job is the ID of a run of which more is told, on the page of the jobs.
	Job string `json:"job,omitempty"`
	// Watcher names the page that asks again and again; empty for who asks once. See Config.MaxWatchers.
	Watcher string `json:"-"`
}

// mostOpen is how many branches of the tree may be open.
const mostOpen = 20

// Branches are the open paths of the tree.
func (q Query) Branches() []string {
	var all []string
	for path := range strings.SplitSeq(q.Open, ",") {
		if path != "" && len(all) < mostOpen && !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// Toggle opens a branch, or closes it and those under it.
func (q Query) Toggle(path string) Query {
	all := q.Branches()
	if slices.Contains(all, path) {
		all = slices.DeleteFunc(all, func(p string) bool { return p == path || strings.HasPrefix(p, path+"/") })
	} else {
		all = append(all, path)
	}
	q.Open = strings.Join(all, ",")
	return q
}

// tree reports whether the actors are shown as a tree.
func (q Query) tree() bool { return q.Text == "" && q.Sort == "" && q.Kind == "" && q.State == "" }

// most is how many rows are made: what is searched for may be any of them.
func (q Query) most() int {
	if q.Text != "" {
		return math.MaxInt
	}
	return mostRows
}

// JobStates are the words of Query.State for jobs, ActorStates those for actors, SessionStates those for sessions; each in the order of a menu.
func JobStates() []string {
	return []string{"unfinished", "queued", "running", "pausing", "paused", "cancelling", "finished", "succeeded", "failed", "cancelled", "stuck"}
}

// ActorStates see JobStates.
func ActorStates() []string { return []string{"alive", "restarting", "stopping"} }

// SessionStates see JobStates.
func SessionStates() []string { return []string{"live", "away", "behind"} }

// States are the words of Query.State on a page.
func States(page string) []string {
	switch page {
	case Actors:
		return ActorStates()
	case Jobs:
		return JobStates()
	case Sessions:
		return SessionStates()
	}
	return nil
}

// jobs keeps those that fit.
func (q Query) jobs(all []jobs.Snapshot) []jobs.Snapshot {
	if q.State == "" && q.User == "" {
		return all
	}
	kept := make([]jobs.Snapshot, 0, len(all))
	for _, j := range all {
		fits := q.State == "" || q.State == string(j.State) || q.State == "finished" && j.State.Final() || q.State == "unfinished" && !j.State.Final() ||
			q.State == "stuck" && (j.Stuck || j.Zombie)
		if fits && (q.User == "" || q.User == j.Owner) {
			kept = append(kept, j)
		}
	}
	return kept
}

// session reports whether a page fits.
func (q Query) session(p OpenPage) bool {
	state := q.State == "" || q.State == "live" && p.Attached || q.State == "away" && !p.Attached || q.State == "behind" && p.Waiting > 0
	return state && (q.User == "" || q.User == p.User)
}
