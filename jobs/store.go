package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Store remembers runs where a crash does not reach them. NewMemory makes one that lasts as long as the process; package sql has one for each engine.
// jobstest.Exercise says what every Store must do.
//
// Who may write a run is told by its epoch: whoever takes a run over raises it, and from then on all that the one before writes is refused. Nodes are
// alive as long as their lease runs, by the Store's own clock; how old a run is never makes it anybody else's. What returned without an error is durable.
// All methods are safe for concurrent use.
type Store interface {
	// Create stores a run that is Queued, and the keys that it is over, packed. When its owner has a run with the same Token (unless that is empty), that
	// one is returned and nothing is stored.
	Create(ctx context.Context, r Record, keys [][]byte) (Record, error)
	// Transition stores r if the run stands at from, else it returns ErrFenced or ErrMoved. See At.Check for the steps there are; by is who asked for the
	// step, "" for nobody in person. A step between two states in which the body works leaves the Progress alone that Save and Tx have stored.
	Transition(ctx context.Context, from At, r Record, by string) error
	// Save stores how far runs are and which of their rows failed, all in one transaction, and returns how each of these runs that exists stands. Of one
	// that is final or of another epoch nothing was saved.
	Save(ctx context.Context, all []Progress, failed []Failures) ([]At, error)
	// Stand reads how runs stand; those that do not exist are left out.
	Stand(ctx context.Context, ids []string) ([]At, error)
	// Renew says that a node lives for so long from now; zero or less says that it ended.
	Renew(ctx context.Context, node string, ttl time.Duration) error
	// Claim gives up to limit unfinished runs of nodes that do not live to a node that does: they are the node's, of the next epoch, and in the state that
	// they were in. What becomes of them is the caller's to say. Each run is given to one caller only.
	Claim(ctx context.Context, node string, limit int) ([]Record, error)
	// Nodes are those that live, and how much of their lease is left, by name.
	Nodes(ctx context.Context) ([]Node, error)
	// Get reads one run; ErrNotFound if there is none.
	Get(ctx context.Context, id string) (Record, error)
	// Keys are those that Create was given.
	Keys(ctx context.Context, id string) ([][]byte, error)
	// Events are the steps of a run in order, claims included.
	Events(ctx context.Context, id string) ([]Event, error)
	// List reads a page of runs, the newest first.
	List(ctx context.Context, q History) ([]Record, error)
	// Purge forgets the runs that ended before a time, at most 1,000 at once, with all that they left, and says how many; and the requests for approval
	// whose time was over by then.
	Purge(ctx context.Context, before time.Time) (int64, error)
	Shelf
	Approvals
}

// Shelf is where a Store has what runs leave to download, for as long as it has the runs.
type Shelf interface {
	// Put stores a file of an unfinished run, instead of one of the same name; ErrFenced when the run is final or of another epoch.
	Put(ctx context.Context, id string, epoch int64, name string, data []byte) error
	// Files are those of a run, by name.
	Files(ctx context.Context, id string) ([]File, error)
	// File reads one; ErrNotFound if there is none.
	File(ctx context.Context, id, name string) ([]byte, error)
	// FailedRows are those that Save was given, in that order.
	FailedRows(ctx context.Context, id string) ([]FailedRow, error)
}

// Failures are rows of a run that failed, in the order in which they did.
type Failures struct {
	ID    string
	Epoch int64
	Rows  []FailedRow
}

// FailedRow is a row that was given to Job.Fail: its key and what the person may read, 300 characters of each, and in which attempt.
type FailedRow struct {
	Key, Text string
	Attempt   int
}

// Transactor is a Store that lies in the database that bodies write to, so that a row's effect and the cursor behind it are committed together: the
// effect happens exactly once, whatever dies when.
type Transactor interface {
	// Tx commits what f does together with p; ErrFenced and no effect when the run is of another epoch or final.
	Tx(ctx context.Context, p Progress, f func(ctx context.Context, tx *sql.Tx) error) error
}

// Errors of a Store; compare with errors.Is.
var (
	// ErrFenced: another node has taken the run over. Who hears this has lost it and must stop.
	ErrFenced = errors.New("jobs: the run was taken over by another node")
	// ErrMoved: the run is in another state than the caller believed; read it again.
	ErrMoved = errors.New("jobs: the run is in another state by now")
	// ErrStep: there is no such step, whoever asks.
	ErrStep = errors.New("jobs: no such step")
)

// KeepHistory is how long finished runs stay in a Store unless Config.History says otherwise: 30 days.
const KeepHistory = 30 * 24 * time.Hour

// Record is a run as a Store keeps it: what pages may see, and what is needed to go on.
type Record struct {
	Snapshot
	// Token is the Request's.
	Token string
	// Epoch counts takeovers and attempts; it starts at 1.
	Epoch int64
	// Node is the process that holds the run: a name that is random each time a process starts.
	Node string
	// Rescues counts how often the run was begun anew at RescuedAt, a cursor, because its node had died.
	Rescues   int
	RescuedAt string
	// Cursor is how far the body has come, in the engine's own words.
	Cursor string
	// Durable says that the run can go on in another process: its keys and its Input, what the action's form was filled in with, are stored.
	Durable bool
	Input   map[string][]string
}

// Node is a process that may hold runs.
type Node struct {
	// ID is random each time a process starts.
	ID string
	// Left is how long its lease lasts if it is not heard of.
	Left time.Duration
	// Unfinished counts the runs that it holds.
	Unfinished int
}

// At is a run as somebody believes it to be: what a compare-and-set compares.
type At struct {
	ID    string
	State State
	Epoch int64
}

// At is where the record says that the run is.
func (r Record) At() At { return At{r.ID, r.State, r.Epoch} }

// Progress is how far a running body is, under the epoch that it runs in.
type Progress struct {
	ID                               string
	Epoch                            int64
	Current, Total, Failed, Vanished int64
	Message                          string
	Cursor                           string
}

// Into brings a record up to date.
func (p Progress) Into(r *Record) {
	r.Current, r.Total, r.Failed, r.Vanished, r.Message, r.Cursor = p.Current, p.Total, p.Failed, p.Vanished, p.Message, p.Cursor
}

// Event is a step that was taken. From is "" for the first one, and equal to To for a claim.
type Event struct {
	Time     time.Time
	From, To State
	Epoch    int64
	Node     string
	// By is the ID of who asked, "" for nobody in person; Reason is the run's.
	By, Reason string
}

// History says which runs List reads.
type History struct {
	// Owner is whose; empty means everybody's.
	Owner string
	// States are those wanted; none means all.
	States []State
	// Since leaves out what was created before.
	Since time.Time
	// After is the last run of the page before; nil means the first page.
	After *Place
	// Limit is how many, at most 200. Zero means 50.
	Limit int
}

// Place is where a run stands in a History.
type Place struct {
	Created time.Time
	ID      string
}

// WithDefaults is the History as a Store reads it.
func (q History) WithDefaults() History {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 200)
	return q
}

// again are the steps that only a Store's records take: a run that begins anew, from its cursor, because its process ended or a person wants it.
var again = map[State][]State{
	Running:    {Queued},
	Pausing:    {Queued},
	Cancelling: {Queued}, // by the server's end, never by a person
}

// Check reports what is wrong with a step, for implementations of Transition: ErrStep when there is no such step, or its epoch is neither the same nor
// the next. A step to the same state stores what else has changed, such as a cursor; a final run is final, but for one that failed and is queued again.
func (from At) Check(r Record) error {
	same := from.State == r.State && !from.State.Final()
	switch {
	case from.ID != r.ID:
		return fmt.Errorf("%w: %s is not %s", ErrStep, from.ID, r.ID)
	case !same && !from.State.can(r.State) && !slices.Contains(again[from.State], r.State):
		return fmt.Errorf("%w: from %s to %s", ErrStep, from.State, r.State)
	case r.Epoch != from.Epoch && r.Epoch != from.Epoch+1:
		return fmt.Errorf("%w: from epoch %d to %d", ErrStep, from.Epoch, r.Epoch)
	}
	return nil
}

// Compare says what is wrong when a run stands at now and not at from: ErrFenced or ErrMoved, nil when nothing is.
func (from At) Compare(now At) error {
	switch {
	case now.Epoch != from.Epoch:
		return fmt.Errorf("%w: job %s is of epoch %d, not %d", ErrFenced, from.ID, now.Epoch, from.Epoch)
	case now.State != from.State:
		return fmt.Errorf("%w: job %s is %s, not %s", ErrMoved, from.ID, now.State, from.State)
	}
	return nil
}

// Works reports whether a body may be working.
func (s State) Works() bool { return s == Running || s == Pausing || s == Cancelling }

// Stored is a record as every Store keeps it: times to the microsecond, in UTC, and nothing that is known of a living process only.
func (r Record) Stored() Record {
	for _, t := range []*time.Time{&r.Created, &r.Started, &r.Ended} {
		if !t.IsZero() {
			*t = t.Truncate(time.Microsecond).UTC()
		}
	}
	r.Position, r.Stuck, r.Zombie, r.Archived = 0, false, false, false
	return r
}
