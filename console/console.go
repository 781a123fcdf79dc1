package console

import (
	"context"
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
	// TraceRight follows the messages of an actor.
	TraceRight = "console.trace"
	// LogRight reads the tail of the log.
	LogRight = "console.log"
	// MetricsRight reads the metrics.
	MetricsRight = "metrics.view"
)

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
	// Tail has the last warnings of the log. Nil means that there is none to show.
	Tail *Tail
	// MaxPages is how many pages may be open; zero or less means no bound.
	MaxPages int
	// MaxWatchers is how many pages in browsers may watch at once. Zero means 20.
	MaxWatchers int
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
	cost  time.Duration               // of the last walk over the actors
	views map[actors.Look]actors.View // of the same sample
	// wanted are the questions that somebody asked lately: the next sample answers them with the same walk.
	wanted   map[actors.Look]time.Time
	watchers map[string]time.Time // who looks, and when they did last
}

// New makes a Console. It looks at nothing before somebody asks.
func New(cfg Config) *Console {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.MaxWatchers <= 0 {
		cfg.MaxWatchers = mostWatchers
	}
	return &Console{
		cfg: cfg, log: cfg.Log.With("logger", "greenroom.console"), inspect: cfg.System.Inspect(), started: time.Now(),
		wanted: map[actors.Look]time.Time{}, watchers: map[string]time.Time{},
	}
}

// May reports whether somebody holds a right of the console.
func (c *Console) May(ctx context.Context, by *widgets.User, right string) bool {
	return c.cfg.Decider.Decide(ctx, by, widgets.View, widgets.Subject{Permissions: []string{right}}).Allow
}

// Report is one page at one moment.
type Report struct {
	At        time.Time `json:"at"`
	Page      string    `json:"page"`
	Totals    Totals    `json:"totals"`
	Attention []Alert   `json:"attention"`
	Table     Table     `json:"table"`
	// Trace is what the page about it has above its rows.
	Trace *TraceState `json:"trace,omitempty"`
	// History are the last two minutes that somebody watched, on the overview, the oldest first.
	History []Point `json:"history,omitempty"`
	// Job is the one that was asked for, nil if there is none.
	Job *JobDetail `json:"job,omitempty"`
}

// Look makes the report of a page. Without the right console.view it returns widgets.ErrDenied.
func (c *Console) Look(ctx context.Context, by *widgets.User, q Query) (*Report, error) {
	if !c.May(ctx, by, ViewRight) {
		return nil, widgets.ErrDenied
	}
	if Label(q.Page) == "" {
		return nil, ErrNoPage
	}
	if err := c.seat(q.Watcher); err != nil {
		return nil, err
	}
	s := c.sample()
	r := &Report{At: s.at, Page: q.Page, Totals: s.totals, Attention: []Alert{}}
	for _, a := range s.alerts {
		if a.owner == "" || a.owner == by.ID || by.Has(jobs.Supervise) {
			r.Attention = append(r.Attention, a)
		}
	}
	if err := c.fill(ctx, by, q, s, r); err != nil {
		return nil, err
	}
	if r.Table.Rows == nil {
		r.Table.Rows = []Row{}
	}
	return r, nil
}

// fill makes the table of a page.
func (c *Console) fill(ctx context.Context, by *widgets.User, q Query, s *sample, r *Report) (err error) {
	errors := c.May(ctx, by, ErrorsRight)
	switch q.Page {
	case Overview:
		r.Table = actorTable(c.view(actors.Look{Rank: actors.ByQueued, Most: 10}).Actors, errors, s.at)
		r.History = s.history
	case Actors:
		r.Table = c.actorPage(ctx, by, q, s.at)
	case Jobs:
		r.Table = jobTable(q.jobs(c.cfg.Jobs.List(by)), by, s.at, q.most()).narrow(q.Text)
		r.Job = c.detail(ctx, by, q.Job)
	case Sessions:
		r.Table = c.sessionTable(ctx, by, q, s.at).narrow(q.Text)
	case Nodes:
		r.Table, err = c.nodeTable(ctx)
		r.Table = r.Table.narrow(q.Text)
	case Failures:
		r.Table = failureTable(c.cfg.System.Mishaps(), errors).narrow(q.Text)
	case Dead:
		r.Table = deadTable(c.cfg.System.DeadLetters()).narrow(q.Text)
	case Log:
		if !c.May(ctx, by, LogRight) {
			return widgets.UserError("The log takes the right " + LogRight + ".")
		}
		r.Table = logTable(c.cfg.Tail.Lines(), errors, q.Level).narrow(q.Text)
	case Trace:
		r.Trace, r.Table = c.traceTable(ctx, by)
		r.Table = r.Table.narrow(q.Text)
	case Find:
		r.Table, err = c.find(ctx, by, q.Text, s.at)
	}
	return err
}

// ranks are the words of Query.Sort.
var ranks = map[string]actors.Rank{
	"mailbox": actors.ByQueued, "rate": actors.ByRate, "messages": actors.ByMessages, "restarts": actors.ByRestarts, "busy": actors.ByBusy,
}

// Sorts are the words of Query.Sort besides "", in order.
func Sorts() []string { return []string{"mailbox", "rate", "messages", "restarts", "busy", "path"} }

// view looks at the actors, once in a sample's time for equal questions.
func (c *Console) view(q actors.Look) actors.View {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wanted) < 50 { // people who search for different things
		c.wanted[q] = time.Now()
	}
	v, ok := c.views[q]
	if !ok {
		v = c.inspect.Look(q)
		c.views[q] = v
	}
	return v
}

// narrow keeps the rows that have a text in one of their cells, as many as a page lists.
func (t Table) narrow(text string) Table {
	if text == "" {
		return t
	}
	t = t.keep(text)
	t.Rows = t.Rows[:min(len(t.Rows), mostRows)]
	return t
}

// keep is narrow without a bound.
func (t Table) keep(text string) Table {
	text = strings.ToLower(text)
	t.Rows = slices.DeleteFunc(t.Rows, func(r Row) bool {
		return !slices.ContainsFunc(r.Cells, func(c Cell) bool { return strings.Contains(strings.ToLower(c.Text), text) })
	})
	t.Matched = len(t.Rows)
	return t
}
