package console

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
	"greenroom/widgets"
)

// The rights. Each is asked for at every look and every verb.
const (
	// ViewRight lets somebody see the console.
	ViewRight = "console.view"
	// KickRight ends the sign-ins of others.
	KickRight = "console.kick"
	// ErrorsRight shows the texts of failures, which may hold what others wrote.
	ErrorsRight = "console.errors"
	// AddressesRight shows from where people come.
	AddressesRight = "console.addresses"
	// ProfileRight fetches profiles of the process.
	ProfileRight = "console.profile"
	// MetricsRight reads the metrics.
	MetricsRight = "metrics.view"
)

// The pages, in the order of their tabs.
const (
	Overview = "overview"
	Actors   = "actors"
	Jobs     = "jobs"
	Sessions = "sessions"
	Failures = "failures"
	Dead     = "dead"
)

// Names lists the pages in order, Label is a page's name for people.
func Names() []string { return []string{Overview, Actors, Jobs, Sessions, Failures, Dead} }

// Label is what people call a page, "" for one that does not exist.
func Label(page string) string {
	return map[string]string{
		Overview: "Overview", Actors: "Actors", Jobs: "Jobs", Sessions: "Sessions", Failures: "Failures", Dead: "Dead letters",
	}[page]
}

// ErrNoPage is returned for a page that does not exist.
var ErrNoPage = errors.New("console: no such page; there are overview, actors, jobs, sessions, failures and dead")

// OpenPage is a page that somebody has open.
type OpenPage struct {
	// Actor is the page's own actor.
	Actor actors.Ref
	// SignIn names the sign-in that it belongs to; a person may have several.
	SignIn, UserID, User, Path, Address string
	// Attached says that it has a socket.
	Attached bool
	Widgets  int
	// Waiting counts what has not been written to the socket: widgets that changed, and notes.
	Waiting int
	// Bytes are those sent over its sockets so far.
	Bytes uint64
}

// Traffic is what all pages together got and sent since the start.
type Traffic struct {
	Pages                  int
	Events, Patches, Bytes uint64
}

// Config is where a Console looks. System, Jobs, Decider, Pages, Traffic and Kick must be set.
type Config struct {
	System  *actors.System
	Jobs    *jobs.Supervisor
	Decider widgets.Decider
	Pages   func() []OpenPage
	Traffic func() Traffic
	// Kick ends a sign-in: its pages close, and neither its cookie nor their tokens open anything again.
	Kick func(ctx context.Context, signIn string) error
	// Audit is told of every verb before it is done. Nil leaves that to the log.
	Audit widgets.Audit
	// MaxPages is how many pages may be open; zero or less means no bound.
	MaxPages int
	// Log is where verbs are told before they are done. Nil means slog.Default.
	Log *slog.Logger
}

// Console looks at a running room. Its methods may be called from any goroutine.
type Console struct {
	cfg     Config
	log     *slog.Logger
	inspect *actors.Inspector
	started time.Time

	mu    sync.Mutex
	now   *sample
	views map[actors.Look]actors.View // of the same second
}

// New makes a Console. It looks at nothing before somebody asks.
func New(cfg Config) *Console {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Console{cfg: cfg, log: cfg.Log.With("logger", "greenroom.console"), inspect: cfg.System.Inspect(), started: time.Now()}
}

// May reports whether somebody holds a right of the console.
func (c *Console) May(ctx context.Context, by *widgets.User, right string) bool {
	return c.cfg.Decider.Decide(ctx, by, widgets.View, widgets.Subject{Permissions: []string{right}}).Allow
}

// Query says what is looked at.
type Query struct {
	Page string `json:"page"`
	// Text narrows the rows to those that have it somewhere, whatever its case.
	Text string `json:"text,omitempty"`
	// Sort orders the actors: mailbox, messages, restarts, busy, or by path.
	Sort string `json:"sort,omitempty"`
}

// Report is one page at one moment.
type Report struct {
	At        time.Time `json:"at"`
	Page      string    `json:"page"`
	Totals    Totals    `json:"totals"`
	Attention []Alert   `json:"attention"`
	Table     Table     `json:"table"`
}

// Look makes the report of a page. Without the right console.view it returns widgets.ErrDenied.
func (c *Console) Look(ctx context.Context, by *widgets.User, q Query) (*Report, error) {
	if !c.May(ctx, by, ViewRight) {
		return nil, widgets.ErrDenied
	}
	if Label(q.Page) == "" {
		return nil, ErrNoPage
	}
	s := c.sample()
	r := &Report{At: s.at, Page: q.Page, Totals: s.totals, Attention: []Alert{}}
	for _, a := range s.alerts {
		if a.owner == "" || a.owner == by.ID || by.Has(jobs.Supervise) {
			r.Attention = append(r.Attention, a)
		}
	}
	switch q.Page {
	case Overview:
		r.Table = actorTable(c.view(actors.Look{Rank: actors.ByQueued, Most: 10}), c.May(ctx, by, ErrorsRight), s.at)
	case Actors:
		r.Table = actorTable(c.view(actors.Look{Text: q.Text, Rank: ranks[q.Sort]}), c.May(ctx, by, ErrorsRight), s.at)
	case Jobs:
		r.Table = jobTable(c.cfg.Jobs.List(by), by, s.at).narrow(q.Text)
	case Sessions:
		r.Table = c.sessionTable(ctx, by, s.at).narrow(q.Text)
	case Failures:
		r.Table = failureTable(c.cfg.System.Mishaps(), c.May(ctx, by, ErrorsRight)).narrow(q.Text)
	case Dead:
		r.Table = deadTable(c.cfg.System.DeadLetters()).narrow(q.Text)
	}
	if r.Table.Rows == nil {
		r.Table.Rows = []Row{}
	}
	return r, nil
}

// ranks are the words of Query.Sort.
var ranks = map[string]actors.Rank{
	"mailbox": actors.ByQueued, "messages": actors.ByMessages, "restarts": actors.ByRestarts, "busy": actors.ByBusy,
}

// Sorts are the words of Query.Sort besides "", in order.
func Sorts() []string { return []string{"mailbox", "messages", "restarts", "busy"} }

// view looks at the actors, once in a sample's time for equal questions.
func (c *Console) view(q actors.Look) actors.View {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.views[q]; ok {
		return v
	}
	v := c.inspect.Look(q)
	if len(c.views) < 50 { // people who search for different things
		c.views[q] = v
	}
	return v
}

// narrow keeps the rows that have a text in one of their cells.
func (t Table) narrow(text string) Table {
	if text == "" {
		return t
	}
	text = strings.ToLower(text)
	t.Rows = slices.DeleteFunc(t.Rows, func(r Row) bool {
		return !slices.ContainsFunc(r.Cells, func(c Cell) bool { return strings.Contains(strings.ToLower(c.Text), text) })
	})
	t.Matched = len(t.Rows)
	return t
}
