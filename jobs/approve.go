package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// approvalWithin is how long a request waits unless Action.ApprovalWithin says otherwise.
const approvalWithin = 24 * time.Hour

const (
	errAskFirst   = UserError("This action needs the approval of a second person each time: ask for it in the list.")
	errDecided    = UserError("Somebody was quicker: it was decided, withdrawn, or its time is over.")
	errOwn        = UserError("Somebody else has to decide: you asked for it.")
	errOwnerMay   = UserError("Who asked for it no longer has the permission for it. Reject it, or let its time run out.")
	errNotOwn     = UserError("Only who asked for it can withdraw it.")
	errReason     = UserError("Say why, so that who asked for it knows.")
	errNoMemory   = UserError("Nothing can wait for approval here: runs are not remembered.")
	longestReason = 1000
)

// Ask makes a request to run an action that has Approval. The order is that of Start: permission, input, limits, pinning; the rows that are pinned now are
// those that the action runs over when it was approved, as far as they are still there.
func (s *Supervisor) Ask(ctx context.Context, req Request) (Approval, error) {
	req, _, err := s.check(ctx, req)
	switch {
	case err != nil:
		return Approval{}, err
	case req.Action.Approval == "" || req.DryRun:
		return Approval{}, fmt.Errorf("jobs: %s needs no approval", req.Action.Name)
	case s.keeper == nil:
		return Approval{}, errNoMemory
	}
	store := s.keeper.store
	waiting, err := store.ListApprovals(ctx, ApprovalQuery{Owner: req.User.ID, State: Waiting, Expires: time.Now()})
	if err != nil {
		return Approval{}, err
	}
	again := slices.ContainsFunc(waiting, func(a Approval) bool { return req.Token != "" && a.Token == req.Token })
	if !again && len(waiting) >= s.cfg.UnfinishedPerUser {
		return Approval{}, busy(fmt.Sprintf("%d of your actions wait for approval; withdraw some, or wait", len(waiting)))
	}
	p, err := s.pinFor(ctx, req)
	if err != nil {
		return Approval{}, err
	}
	defer p.release()
	var keys [][]byte
	for _, c := range p.chunks {
		keys = append(keys, c.pack())
	}
	a, err := store.Ask(ctx, request(&req, p.n), keys)
	if err != nil {
		return Approval{}, fmt.Errorf("ask for %s: %w", req.Action.Name, err)
	}
	s.tellApproval(a)
	return a, nil
}

// request is what is asked for.
func request(req *Request, n int64) Approval {
	within := req.Action.ApprovalWithin
	if within == 0 {
		within = approvalWithin
	}
	now := time.Now()
	a := Approval{
		ID: newID(), Action: req.Action.Name, Label: req.Action.Title(), Table: req.table(), OwnerID: req.User.ID, Owner: clip(clean(req.User.Called())),
		Question: req.Action.Question(n), Total: n, Input: req.Input, Token: req.Token, State: Waiting, Created: now, Expires: now.Add(within),
	}
	if req.User.Behind != nil {
		a.ByID = req.User.Behind.ID
	}
	return a
}

func (s *Supervisor) tellApproval(a Approval) {
	s.cfg.Log.Info("approval", "approval", a.ID, "action", a.Action, "owner", a.OwnerID, "rows", a.Total, "state", string(a.State), "by", a.DecidedByID, "job", a.Job)
	actors.Publish(s.sys, ApprovalTopic, a)
}

// Approval reads a request, for who asked, who may decide, and who has Supervise. Nobody else can tell it from one that does not exist.
func (s *Supervisor) Approval(ctx context.Context, id string, by *widgets.User) (Approval, error) {
	if s.keeper == nil || by == nil || by.ID == "" {
		return Approval{}, ErrNotFound
	}
	a, err := s.keeper.store.Approval(ctx, id)
	if err == nil && !mayTouch(by, a.OwnerID) && s.MayDecide(ctx, a, by) != nil {
		err = ErrNotFound
	}
	return a.At(time.Now()), err
}

// Pending are the requests that wait for a person's decision, the newest first.
func (s *Supervisor) Pending(ctx context.Context, by *widgets.User) ([]Approval, error) {
	if s.keeper == nil {
		return nil, nil
	}
	all, err := s.keeper.store.ListApprovals(ctx, ApprovalQuery{State: Waiting, Expires: time.Now()})
	known := map[[2]string]bool{} // by action and table
	return slices.DeleteFunc(all, func(a Approval) bool {
		of := [2]string{a.Action, a.Table}
		may, asked := known[of]
		if !asked {
			may = s.decides(ctx, a, by) == nil
			known[of] = may
		}
		return !may || own(a, by)
	}), err
}

// Asked are the newest 50 requests that a person made, decided ones too.
func (s *Supervisor) Asked(ctx context.Context, by *widgets.User) ([]Approval, error) {
	if s.keeper == nil {
		return nil, nil
	}
	all, err := s.keeper.store.ListApprovals(ctx, ApprovalQuery{Owner: by.ID, Limit: 50})
	now := time.Now()
	for i := range all {
		all[i] = all[i].At(now)
	}
	return all, err
}

// MayDecide says why a person may not decide a request, nil if they may: they need the action's permissions, over its table too, and its Approval, and must
// neither have asked for it nor see the admin as who has.
func (s *Supervisor) MayDecide(ctx context.Context, a Approval, by *widgets.User) error {
	if own(a, by) {
		return errOwn
	}
	return s.decides(ctx, a, by)
}

func own(a Approval, by *widgets.User) bool {
	for _, id := range []string{by.ID, by.Person().ID} {
		if id == a.OwnerID || id == a.ByID {
			return true
		}
	}
	return false
}

// decides asks for a person's rights as they are now: the request is made anew as if it was theirs.
func (s *Supervisor) decides(ctx context.Context, a Approval, by *widgets.User) error {
	if s.revive == nil {
		return errNoMemory
	}
	as := Snapshot{ID: a.ID, Action: a.Action, Table: a.Table, OwnerID: by.ID}
	if by.Behind != nil {
		as.ByID = by.Behind.ID
	}
	req, err := s.revive(ctx, Record{Snapshot: as})
	if err == nil && req.Decide != nil && !req.Decide(ctx, req.User).Allow {
		err = ErrDenied
	}
	if err != nil || req.User == nil || req.User.ID != by.ID || req.Action.Approval == "" || !req.User.HasAll(req.Action.Needs()) || !req.User.Has(req.Action.Approval) {
		return ErrDenied
	}
	return nil
}

// requestOf makes the request of an approval anew, for its owner as they are now.
func (s *Supervisor) requestOf(ctx context.Context, a Approval) (Request, error) {
	if s.revive == nil {
		return Request{}, errNoMemory
	}
	req, err := s.revive(ctx, Record{Snapshot: Snapshot{ID: a.ID, Action: a.Action, Table: a.Table, OwnerID: a.OwnerID, Owner: a.Owner, ByID: a.ByID}, Input: a.Input})
	if err == nil && (req.User == nil || req.User.ID != a.OwnerID || req.Action.Approval == "") {
		err = ErrDenied
	}
	if err != nil {
		s.cfg.Log.Info("approval cannot be decided", "approval", a.ID, "action", a.Action, "owner", a.OwnerID, "err", err)
		return Request{}, errOwnerMay
	}
	req.Input, req.Token, req.approved = a.Input, "approval "+a.ID, &a
	return req, nil
}

// Approve lets a request start: the run is its owner's, with the rights that they have now. If the run cannot be started just now the request stays Approved,
// and Launch tries again.
func (s *Supervisor) Approve(ctx context.Context, id string, by *widgets.User, note string) (Approval, error) {
	a, err := s.decidable(ctx, id, by)
	if err != nil {
		return a, err
	}
	req, err := s.requestOf(ctx, a)
	if err == nil {
		_, _, err = s.check(ctx, req)
	}
	if errors.Is(err, ErrDenied) {
		err = errOwnerMay
	}
	if err != nil {
		return a, err
	}
	if a, err = s.decide(ctx, a, Approved, by, note); err != nil {
		return a, err
	}
	return s.launch(ctx, a)
}

// Reject ends a request, and says why.
func (s *Supervisor) Reject(ctx context.Context, id string, by *widgets.User, reason string) (Approval, error) {
	if strings.TrimSpace(reason) == "" {
		return Approval{}, errReason
	}
	a, err := s.decidable(ctx, id, by)
	if err != nil {
		return a, err
	}
	return s.decide(ctx, a, Rejected, by, reason)
}

// Withdraw ends a request, by who made it.
func (s *Supervisor) Withdraw(ctx context.Context, id string, by *widgets.User) (Approval, error) {
	a, err := s.Approval(ctx, id, by)
	switch {
	case err != nil:
		return a, err
	case a.OwnerID != by.ID:
		return a, errNotOwn
	case a.State != Waiting:
		return a, errDecided
	}
	return s.decide(ctx, a, Withdrawn, by, "")
}

// Launch starts what was approved and could not be started then. Who asked for it may, and who may decide.
func (s *Supervisor) Launch(ctx context.Context, id string, by *widgets.User) (Approval, error) {
	a, err := s.Approval(ctx, id, by)
	switch {
	case err != nil:
		return a, err
	case !s.MayLaunch(ctx, a, by):
		return a, ErrDenied
	case a.State != Approved:
		return a, errDecided
	}
	return s.launch(ctx, a)
}

// MayLaunch reports whether a person may start what was approved.
func (s *Supervisor) MayLaunch(ctx context.Context, a Approval, by *widgets.User) bool {
	return a.OwnerID == by.ID || s.MayDecide(ctx, a, by) == nil
}

// decidable is a request that a person may decide now.
func (s *Supervisor) decidable(ctx context.Context, id string, by *widgets.User) (Approval, error) {
	a, err := s.Approval(ctx, id, by)
	if err == nil && a.State != Waiting {
		err = errDecided
	}
	if err == nil {
		err = s.MayDecide(ctx, a, by)
	}
	return a, err
}

func (s *Supervisor) decide(ctx context.Context, a Approval, to ApprovalState, by *widgets.User, reason string) (Approval, error) {
	next := a
	next.State, next.DecidedByID, next.DecidedBy = to, by.ID, clip(clean(by.Called()))
	next.Reason, next.Decided = clipTo(clean(strings.TrimSpace(reason)), longestReason), time.Now()
	if err := s.moveApproval(ctx, a, next); err != nil {
		return a, err
	}
	return next, nil
}

// moveApproval takes a step, unless another was quicker.
func (s *Supervisor) moveApproval(ctx context.Context, from, to Approval) error {
	err := s.keeper.store.Decide(ctx, from.State, to, time.Now())
	switch {
	case errors.Is(err, ErrMoved):
		return errDecided
	case err != nil:
		return fmt.Errorf("approval %s: %w", from.ID, err)
	}
	s.tellApproval(to)
	return nil
}

// launch starts the run of what was approved, and no second one: its token is the request's ID.
func (s *Supervisor) launch(ctx context.Context, a Approval) (Approval, error) {
	req, err := s.requestOf(ctx, a)
	if err != nil {
		return a, err
	}
	keys, err := s.keeper.store.ApprovalKeys(ctx, a.ID)
	if err != nil {
		return a, err
	}
	p, err := unpack(keys, &s.budget)
	if errors.Is(err, errFull) {
		return a, errTooFull
	}
	if err != nil {
		return a, err
	}
	req.same = p.share()
	p.release() // Start takes as much
	ctx = widgets.WithActor(ctx, widgets.In{User: req.User}.Actor())
	id, err := s.Start(ctx, req)
	if err != nil {
		return a, err
	}
	next := a
	next.State, next.Job = Started, id
	err = s.moveApproval(ctx, a, next)
	if errors.Is(err, errDecided) { // another started the same run
		return s.keeper.store.Approval(ctx, a.ID)
	}
	return next, err
}

// ApprovalRows are the keys of the first rows that a request is over.
func (s *Supervisor) ApprovalRows(ctx context.Context, a Approval, parts, most int) ([]widgets.Key, error) {
	packed, err := s.keeper.store.ApprovalKeys(ctx, a.ID)
	if err != nil || len(packed) == 0 {
		return nil, err
	}
	p, err := unpack(packed[:1], &budget{max: s.cfg.PinnedBytes})
	if err != nil {
		return nil, err
	}
	keys, err := p.chunks[0].keys(parts)
	return keys[:min(most, len(keys))], err
}
