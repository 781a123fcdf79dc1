package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// Supervise is the permission to see and cancel the runs of others.
const Supervise = "jobs.supervise"

// Config says how much a Supervisor admits. The zero Config works.
type Config struct {
	// Keep is how many runs are kept, finished ones included. Zero means 500.
	Keep int
	// Retain is how long a finished run is kept after its body returned. Zero means 30 s.
	Retain time.Duration
	// Slots is how many bodies run at once. Zero means twice GOMAXPROCS, and at least 4.
	Slots int
	// CPUSlots is how many of them may be those of actions with CPU set. Zero means GOMAXPROCS less one, and at least 1.
	CPUSlots int
	// RunningPerUser and UnfinishedPerUser bound what one person has running, and has started and not finished. Zero means 3 and 50.
	RunningPerUser, UnfinishedPerUser int
	// QueueTTL is how long a run waits for a slot before it is cancelled. Zero means an hour.
	QueueTTL time.Duration
	// PausedTTL is how long a run stays paused before it is cancelled. Zero means 7 days.
	PausedTTL time.Duration
	// Who finds a person by User.ID as they are now, so that permissions that were withdrawn meanwhile count. It is asked before each body; an error
	// denies. Nil means that people stay as they were when they started the run.
	Who func(ctx context.Context, id string) (*widgets.User, error)
	// Lease is how long a process that is not heard of keeps its runs, where they are remembered. Zero means 10 s.
	Lease time.Duration
	// History is how long finished runs are remembered, where Remember gives them a place. Zero means KeepHistory, 30 days.
	History time.Duration
	// MaxKeys is how many rows a run may be over. Zero means 5,000,000.
	MaxKeys int64
	// PinnedBytes is the memory for the keys of all unfinished runs together. Zero means 256 MiB.
	PinnedBytes int64
	// FileBytes is the memory for what runs leave behind: failed rows and files. Zero means 64 MiB.
	FileBytes int64
	// Locator finds runs. Nil means those of this Supervisor.
	Locator Locator
	// Log is where starts, ends, cancels and failures go. Nil means slog.Default().
	Log *slog.Logger
}

func (cfg Config) withDefaults() Config {
	procs := runtime.GOMAXPROCS(0)
	orInt := func(v *int, otherwise int) {
		if *v <= 0 {
			*v = otherwise
		}
	}
	orInt(&cfg.Keep, 500)
	orInt(&cfg.Slots, max(4, 2*procs))
	orInt(&cfg.CPUSlots, max(1, procs-1))
	orInt(&cfg.RunningPerUser, 3)
	orInt(&cfg.UnfinishedPerUser, 50)
	if cfg.Retain <= 0 {
		cfg.Retain = 30 * time.Second
	}
	if cfg.QueueTTL <= 0 {
		cfg.QueueTTL = time.Hour
	}
	if cfg.PausedTTL <= 0 {
		cfg.PausedTTL = 7 * 24 * time.Hour
	}
	if cfg.Lease <= 0 {
		cfg.Lease = 10 * time.Second
	}
	if cfg.History <= 0 {
		cfg.History = KeepHistory
	}
	if cfg.MaxKeys <= 0 {
		cfg.MaxKeys = 5_000_000
	}
	if cfg.PinnedBytes <= 0 {
		cfg.PinnedBytes = 256 << 20
	}
	if cfg.FileBytes <= 0 {
		cfg.FileBytes = 64 << 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.Log = cfg.Log.With("logger", "greenroom.jobs")
	return cfg
}

// Locator finds the actor that a run belongs to, wherever that is. The zero Ref means that there is none.
type Locator interface {
	Locate(ctx context.Context, id string) (actors.Ref, error)
}

// Supervisor admits runs and forgets them. All methods are safe for concurrent use; Start waits for the selection to be read, Drain for bodies, the others
// for nothing but an actor's turn.
type Supervisor struct {
	sys    *actors.System
	ref    actors.Ref
	cfg    Config
	budget budget
	vault  *vault
	err    error // of the spawn
	keeper *keeper
	revive Reviver
}

// NewSupervisor starts a supervisor in the System's group actors.Jobs. It ends with the System; call Drain before.
func NewSupervisor(sys *actors.System, cfg Config) *Supervisor {
	s := &Supervisor{sys: sys, cfg: cfg.withDefaults()}
	s.budget.max = s.cfg.PinnedBytes
	s.vault = newVault(s.cfg.FileBytes)
	r := newRegistry(sys, s.cfg, s.vault)
	s.ref, s.err = sys.Group(actors.Jobs).Spawn("supervisor", "", func() actors.Actor { return r })
	if s.cfg.Locator == nil {
		s.cfg.Locator = s
	}
	return s
}

// Locate finds the worker of a run of this Supervisor.
func (s *Supervisor) Locate(_ context.Context, id string) (actors.Ref, error) {
	return s.sys.Find(s.ref.String() + "/" + id), nil
}

// Cancel asks a run to end and returns it as it is then: Cancelled when it had not begun, Cancelling until its body returned, unchanged when it had ended.
func (s *Supervisor) Cancel(ctx context.Context, id string, by *widgets.User) (Snapshot, error) {
	return s.want(ctx, id, wish{verb: stop, by: by, reason: ReasonPerson})
}

// Pause asks a run to stop after the row in hand: it is Pausing until then, and Paused at once when it had not begun. Paused, it has no goroutine and no
// slot, and keeps its rows. A run that cannot be paused returns a UserError that says why, and so do the verbs below.
func (s *Supervisor) Pause(ctx context.Context, id string, by *widgets.User) (Snapshot, error) {
	return s.want(ctx, id, wish{verb: pause, by: by})
}

// Stop gives up a run whose body does not return, 10 s after it was asked to: the run is Cancelled at once, and nothing that the body does from then on is
// counted. Go cannot end a goroutine, so that its slot and its rows stay taken until it returns. It takes Supervise.
func (s *Supervisor) Stop(ctx context.Context, id string, by *widgets.User) (Snapshot, error) {
	return s.want(ctx, id, wish{verb: force, by: by})
}

// Release gives the slot of a run that was given up to others, although its body still works. It takes Supervise.
func (s *Supervisor) Release(ctx context.Context, id string, by *widgets.User) (Snapshot, error) {
	return s.want(ctx, id, wish{verb: release, by: by})
}

// Resume lets a run go on that is paused, or that failed and is Resumable, from the first row that was not done. The owner must still hold the
// permissions, whoever resumes.
func (s *Supervisor) Resume(ctx context.Context, id string, by *widgets.User) (Snapshot, error) {
	o, err := s.recall(ctx, id, by)
	if errors.Is(err, ErrNotFound) {
		if snapshot, err := s.leave(ctx, id, wish{verb: resume, by: by}); !errors.Is(err, errHere) {
			return snapshot, err
		}
		o, err = s.recall(ctx, id, by)
	}
	if err != nil {
		return Snapshot{}, err
	}
	if state := o.snapshot.State; state == Paused || state == Failed && o.snapshot.Resumable {
		if _, err := s.cfg.permitted(ctx, &o.req.Action, o.req.User, o.req.Decide); err != nil {
			return Snapshot{}, UserError("Who started it no longer has the permission for it.")
		}
	}
	var a answer
	take := func(c claim) error {
		a, err = actors.Ask(ctx, s.sys, s.ref, func(r actors.Reply[answer]) any { return readmit{id, c, wish{verb: resume, by: by, reply: r}} })
		return cmp.Or(err, a.err)
	}
	if o.snapshot.State != Failed || o.pinned == nil { // what is paused has kept its rows
		err = take(nil)
	} else {
		err = s.claimed(ctx, id, &o.req, o.pinned, take)
	}
	return a.snapshot, err
}

// Rerun starts a run like one that has ended, over the rows that its selection has now, or over the same rows where only the Store still has the run, and
// returns its ID. Whoever reruns it is its owner, and needs the permissions.
func (s *Supervisor) Rerun(ctx context.Context, id string, by *widgets.User, token string) (string, error) {
	o, err := s.recall(ctx, id, by)
	if errors.Is(err, ErrNotFound) {
		if err = s.fetch(ctx, id, by); err == nil {
			o, err = s.recall(ctx, id, by)
		}
	}
	if err != nil {
		return "", err
	}
	if !o.snapshot.State.Final() {
		return "", UserError("It has not ended yet. Run it again when it has.")
	}
	req := o.req
	req.User, req.Token, req.rerunOf, req.approved = by, token, id, nil
	return s.Start(ctx, req)
}

func (s *Supervisor) recall(ctx context.Context, id string, by *widgets.User) (origin, error) {
	o, err := reach(ctx, s, id, func(r actors.Reply[origin]) any { return recall{by, r} })
	if err == nil {
		err = o.err
	}
	return o, err
}

// want tells a run's worker what somebody wants, wherever it is.
func (s *Supervisor) want(ctx context.Context, id string, w wish) (Snapshot, error) {
	snapshot, err := s.ask(ctx, id, func(r actors.Reply[answer]) any {
		w.reply = r
		return w
	})
	if errors.Is(err, ErrNotFound) {
		return s.leave(ctx, id, w)
	}
	return snapshot, err
}

// Get returns a run, from the Store where there is one and the run is no longer here. Who subscribes to its Topic first and then calls Get misses nothing.
func (s *Supervisor) Get(id string, by *widgets.User) (Snapshot, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
	defer cancel()
	snapshot, err := s.ask(ctx, id, func(r actors.Reply[answer]) any { return look{by, r} })
	if errors.Is(err, ErrNotFound) {
		var r Record
		if r, err = s.stored(ctx, id, by); err == nil && !r.State.Final() {
			s.keeper.follow(r)
		}
		snapshot = r.Snapshot
	}
	return snapshot, err
}

func (s *Supervisor) ask(ctx context.Context, id string, build func(actors.Reply[answer]) any) (Snapshot, error) {
	a, err := reach(ctx, s, id, build)
	if err != nil {
		return Snapshot{}, err
	}
	return a.snapshot, a.err
}

// reach asks a run's worker. Whatever the reason that there is none, the caller hears the same.
func reach[A any](ctx context.Context, s *Supervisor, id string, build func(actors.Reply[A]) any) (a A, err error) {
	ref, err := s.cfg.Locator.Locate(ctx, id)
	if err != nil {
		return a, fmt.Errorf("find job: %w", err)
	}
	if ref.IsZero() {
		return a, ErrNotFound
	}
	a, err = actors.Ask(ctx, s.sys, ref, build)
	switch {
	case errors.Is(err, actors.ErrEnded):
		return a, ErrNotFound
	case err != nil:
		return a, fmt.Errorf("job %s: %w", id, err)
	}
	return a, nil
}

// List returns the person's runs, the newest first: all runs for who has Supervise.
func (s *Supervisor) List(by *widgets.User) []Snapshot { return s.list(list{by: by}) }

// Overview is List for what is shown all the time: it does not keep runs from being forgotten first when room is needed. own leaves out those of others.
func (s *Supervisor) Overview(by *widgets.User, own bool) []Snapshot {
	return s.list(list{by: by, own: own, quiet: true})
}

func (s *Supervisor) list(m list) []Snapshot {
	all, err := actors.Ask(context.Background(), s.sys, s.ref, func(r actors.Reply[[]Snapshot]) any {
		m.reply = r
		return m
	})
	if err != nil {
		return nil // the System has ended, and all runs with it
	}
	slices.SortStableFunc(all, func(a, b Snapshot) int { return b.Created.Compare(a.Created) })
	return all
}

// Drain ends the supervisor's work: nothing starts any more, what waits is cancelled, every body's context ends with ErrShutdown, and Drain waits until all
// have returned or ctx ends. The error names the runs that have not.
func (s *Supervisor) Drain(ctx context.Context) error {
	_, err := actors.Ask(ctx, s.sys, s.ref, func(r actors.Reply[struct{}]) any { return drain{r} })
	if s.keeper != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin) // also when ctx has ended: what there is to store is little
		defer cancel()
		if err := s.keeper.close(ctx); err != nil {
			s.cfg.Log.Error("jobs: the store does not take the last steps", "err", err)
		}
	}
	if err == nil || errors.Is(err, actors.ErrEnded) {
		return nil
	}
	var late []string
	for _, snapshot := range s.List(&widgets.User{ID: "drain", Super: true}) {
		if !snapshot.Settled() {
			late = append(late, snapshot.Label+" ("+snapshot.ID+")")
		}
	}
	return fmt.Errorf("jobs: %d still running: %v: %w", len(late), late, context.Cause(ctx))
}
