package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// Request is what somebody wants done.
type Request struct {
	Action Action
	User   *widgets.User
	Selection
	// Table is the Table.ID that a run without rows is about, "" for none; with a Source it is the Source's.
	Table string
	// Input are the form's fields as they came.
	Input map[string][]string
	// Token makes Start idempotent: a second Start of the same person with the same token, a double click or a resent form, returns the first one's run.
	// Empty means none.
	Token string
	// Decide is asked before anything starts, and again each time before the body runs, about the person as they are then; its Rows narrow
	// Selection.Scope. Nil means that the action's permissions are all there is to ask.
	Decide func(ctx context.Context, u *widgets.User) widgets.Decision

	// DryRun runs an action that has DryRun without changing anything.
	DryRun bool

	rerunOf  string
	approved *Approval     // what let it start
	actor    widgets.Actor // for the body's context
}

// Start admits a run and returns its ID as soon as the keys are pinned: the body may still be waiting for a slot. The order is permission, input, limits,
// pinning; whatever fails, nothing has started. Besides ErrDenied and ErrBusy it returns *widgets.Invalid for wrong input and UserErrors about the
// selection, all to be shown, and errors of the Source, which are not.
func (s *Supervisor) Start(ctx context.Context, req Request) (id string, err error) {
	req, input, err := s.check(ctx, req)
	if err != nil {
		return "", err
	}
	if req.Action.Approval != "" && !req.DryRun && req.approved == nil {
		return "", errAskFirst
	}
	p, err := s.reserve(ctx, req)
	if err != nil || p.existing {
		return p.id, err
	}
	req.actor, _ = widgets.ActorOf(ctx)
	job := newJob(p.id, &req, input, s.cfg.Log, s.vault)
	placed := false
	defer func() {
		if !placed { // also when the Source panicked
			s.sys.Send(s.ref, abort{p.id, errors.Join(err, errAborted)})
			if job.pinned != nil {
				job.pinned.release()
			}
		}
	}()
	if job.pinned, err = s.pinFor(ctx, req); err != nil {
		return "", err
	}
	job.cell.total.Store(job.pinned.n)
	id, err = s.commit(ctx, job, req)
	if err != nil {
		return "", fmt.Errorf("start %s: %w", req.Action.Name, err)
	}
	placed = id == job.id
	return id, nil
}

// check asks whether the person may, and reads the input. The Request's Scope is narrowed to what they may touch.
func (s *Supervisor) check(ctx context.Context, req Request) (Request, any, error) {
	if s.err != nil {
		return req, nil, s.err
	}
	if err := req.Action.Check(); err != nil {
		return req, nil, err
	}
	if req.DryRun && !req.Action.DryRun {
		return req, nil, UserError("This action cannot be tried without changing anything.")
	}
	if req.User == nil || req.User.ID == "" || !req.User.HasAll(req.Action.Needs()) {
		return req, nil, fmt.Errorf("start %s: %w", req.Action.Name, ErrDenied)
	}
	if req.Decide != nil {
		d := req.Decide(ctx, req.User)
		if !d.Allow {
			return req, nil, fmt.Errorf("start %s: %w", req.Action.Name, ErrDenied)
		}
		req.Scope = req.Scope.And(d.Rows)
	}
	input, invalid := req.Action.Parse(req.Input)
	if invalid != nil {
		return req, nil, invalid
	}
	return req, input, nil
}

// pinFor pins the rows, with an error that says what for.
func (s *Supervisor) pinFor(ctx context.Context, req Request) (*pinned, error) {
	p, err := req.pin(ctx, s.cfg.MaxKeys, &s.budget)
	if err != nil {
		if said, ok := err.(UserError); ok { //nolint:errorlint // pin says such errors bare
			return nil, said
		}
		return nil, fmt.Errorf("start %s: read the selection: %w", req.Action.Name, err)
	}
	return p, nil
}

// commit stores the run and hands it to the supervisor's actor. It returns another's ID when the Store knows the token.
func (s *Supervisor) commit(ctx context.Context, job *Job, req Request) (string, error) {
	// A caller who leaves now would not know whether there is a run.
	certain, end := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer end()
	now := first(job, &req)
	var k *memo
	err := s.claimed(certain, job.id, &req, job.pinned, func(c claim) (err error) {
		if s.keeper != nil && k == nil {
			if k, err = s.record(certain, job, &req, now); err != nil || k.record.ID != job.id {
				return err
			}
		}
		refused, err := actors.Ask(certain, s.sys, s.ref, func(r actors.Reply[error]) any { return commit{job.id, job, req, now, k, c, r} })
		return cmp.Or(err, refused)
	})
	switch {
	case k != nil && k.record.ID != job.id:
		return k.record.ID, nil
	case err != nil && k != nil:
		k.withdraw()
	}
	return job.id, err
}

// first is what is known of a run before it is admitted.
func first(job *Job, req *Request) Snapshot {
	by := ""
	if req.User.Behind != nil {
		by = req.User.Behind.ID
	}
	now := Snapshot{
		ID: job.id, Action: req.Action.Name, Label: req.Action.Title(), Table: req.table(), OwnerID: req.User.ID, Owner: clip(clean(req.User.Called())), ByID: by,
		Total: job.pinned.n, Created: time.Now(), Resumable: req.Action.Resumable, RerunOf: req.rerunOf, DryRun: req.DryRun,
	}
	if req.approved != nil {
		now.ApprovedBy = req.approved.DecidedBy
	}
	return now
}

// errAborted is what the second of two Starts with the same token hears when the first one failed without an error.
var errAborted = errors.New("jobs: the first of two equal requests did not start")

func (s *Supervisor) reserve(ctx context.Context, req Request) (place, error) {
	p, err := actors.Ask(ctx, s.sys, s.ref, func(r actors.Reply[place]) any {
		return reserve{req.User.ID, req.Token, r}
	})
	if err == nil {
		err = p.err
	}
	if err != nil {
		return place{}, fmt.Errorf("start %s: %w", req.Action.Name, err)
	}
	return p, nil
}

// errRival: another run came between the comparison and the commit.
var errRival = busy("Others start the same action just now; try again")

// claimed compares a run with its rivals and hands what was compared to take, again while others come in between.
func (s *Supervisor) claimed(ctx context.Context, id string, req *Request, p *pinned, take func(claim) error) error {
	for try := 0; ; try++ {
		c, err := s.claim(ctx, id, &req.Action, p, req.table(), req.parts())
		if err != nil {
			return err
		}
		if err := take(c); !errors.Is(err, errRival) || try == 10 {
			return err
		}
	}
}

// table is the Table.ID of the rows, "" without; parts is how many columns a key has.
func (r *Request) table() string {
	if r.Source == nil {
		return r.Table
	}
	return r.Source.Table().ID()
}

func (r *Request) parts() int {
	if r.Source == nil {
		return 0
	}
	return len(r.Source.Table().Key)
}

// permitted asks whether a person may run an action as they are now, and over which rows.
func (cfg *Config) permitted(
	ctx context.Context, a *Action, u *widgets.User, decide func(context.Context, *widgets.User) widgets.Decision,
) (widgets.Filter, error) {
	if cfg.Who != nil {
		now, err := cfg.asNow(ctx, u)
		if err != nil || now == nil {
			cfg.Log.Warn("who started a job is not found", "owner", u.ID, "action", a.Name, "err", err)
			return widgets.Filter{}, errWithdrawn
		}
		u = now
	}
	if !u.HasAll(a.Needs()) {
		return widgets.Filter{}, errWithdrawn
	}
	if decide == nil {
		return widgets.Filter{}, nil
	}
	d := decide(ctx, u)
	if !d.Allow {
		return widgets.Filter{}, errWithdrawn
	}
	return d.Rows, nil
}

// asNow is a person as they are now, and who sees the admin as them.
func (cfg *Config) asNow(ctx context.Context, u *widgets.User) (*widgets.User, error) {
	now, err := cfg.Who(ctx, u.ID)
	if err != nil || now == nil || u.Behind == nil {
		return now, err
	}
	behind, err := cfg.Who(ctx, u.Behind.ID)
	if err != nil || behind == nil {
		return nil, err
	}
	return now.SeenBy(behind), nil
}

// newID is 128 random bits: nobody guesses another's, and no two nodes make the same.
func newID() string { return rand.Text() }
