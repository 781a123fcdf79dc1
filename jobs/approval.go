package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// ApprovalState is where a request for approval stands.
type ApprovalState string

// A request waits until somebody decides, its owner withdraws it, or its time is over. One that was approved is started at once; if it cannot be, it stays
// approved until it is tried again. Exactly one of these steps happens, and exactly one run comes of it, whoever asks for them when.
const (
	Waiting   ApprovalState = "waiting"
	Approved  ApprovalState = "approved"
	Started   ApprovalState = "started"
	Rejected  ApprovalState = "rejected"
	Withdrawn ApprovalState = "withdrawn"
	// Expired is never stored: it is what waits, or is approved, past its time.
	Expired ApprovalState = "expired"
)

// approvalSteps are the steps there are.
var approvalSteps = map[ApprovalState][]ApprovalState{
	Waiting:  {Approved, Rejected, Withdrawn},
	Approved: {Started},
}

// Approval is a request to run an action with Action.Approval. The rows are pinned when it is made.
type Approval struct {
	ID string
	// Action, Label, Table, OwnerID, Owner and ByID are what a Snapshot has under these names: the owner asks.
	Action, Label, Table string
	OwnerID, Owner, ByID string
	// Question is what Action.Confirm asked; Total is how many rows were pinned.
	Question string
	Total    int64
	// Input is what the action's form was filled in with.
	Input map[string][]string
	Token string

	State            ApprovalState
	Created, Expires time.Time
	// DecidedBy is who approved, rejected or withdrew it, and Reason what they said.
	DecidedByID, DecidedBy, Reason string
	Decided                        time.Time
	// Job is the run, once it is Started.
	Job string
}

// At is the request as it is at a moment: what waits past its time is Expired.
func (a Approval) At(now time.Time) Approval {
	if (a.State == Waiting || a.State == Approved) && !now.Before(a.Expires) {
		a.State = Expired
	}
	return a
}

// Stored is a request as every Store keeps it: times to the microsecond, in UTC.
func (a Approval) Stored() Approval {
	for _, t := range []*time.Time{&a.Created, &a.Expires, &a.Decided} {
		if !t.IsZero() {
			*t = t.Truncate(time.Microsecond).UTC()
		}
	}
	return a
}

// CheckStep reports what is wrong with a step to a, for implementations of Approvals.
func (a Approval) CheckStep(from ApprovalState) error {
	if !slices.Contains(approvalSteps[from], a.State) {
		return fmt.Errorf("%w: approval %s from %s to %s", ErrStep, a.ID, from, a.State)
	}
	return nil
}

// Approvals is where a Store keeps requests for approval.
type Approvals interface {
	// Ask stores a request that is Waiting, and the keys that it is over, packed. When its owner has a request with the same Token (unless that is
	// empty), that one is returned and nothing is stored.
	Ask(ctx context.Context, a Approval, keys [][]byte) (Approval, error)
	// Decide stores a if the request is in a state, and its time is not over by now; else it returns ErrMoved. See Approval.CheckStep.
	Decide(ctx context.Context, from ApprovalState, a Approval, now time.Time) error
	// Approval reads one request; ErrNotFound if there is none.
	Approval(ctx context.Context, id string) (Approval, error)
	// ApprovalKeys are those that Ask was given.
	ApprovalKeys(ctx context.Context, id string) ([][]byte, error)
	// ListApprovals reads requests, the newest first.
	ListApprovals(ctx context.Context, q ApprovalQuery) ([]Approval, error)
}

// ApprovalQuery says which requests are wanted; empty fields do not narrow.
type ApprovalQuery struct {
	Owner string
	State ApprovalState
	// Expires leaves out those whose time was over by then.
	Expires time.Time
	// Limit is how many, at most 200. Zero means 200.
	Limit int
}

// WithDefaults is the ApprovalQuery as a Store reads it.
func (q ApprovalQuery) WithDefaults() ApprovalQuery {
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 200
	}
	return q
}

// ApprovalTopic is where each request is published, as it is then, when its state changes.
const ApprovalTopic = "jobs/approvals"
