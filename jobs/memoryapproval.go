package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

type askedFor struct {
	Approval
	keys [][]byte
}

// Ask stores a request.
func (m *Memory) Ask(ctx context.Context, a Approval, keys [][]byte) (Approval, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Approval{}, err
	}
	defer unlock()
	for _, one := range m.asked {
		if a.Token != "" && one.OwnerID == a.OwnerID && one.Token == a.Token {
			return one.Approval, nil
		}
	}
	if m.asked[a.ID] != nil || a.State != Waiting {
		return Approval{}, fmt.Errorf("%w: ask %s: it exists, or does not wait", ErrStep, a.ID)
	}
	a = a.Stored()
	m.asked[a.ID] = &askedFor{a, keys}
	return a, nil
}

// Decide compares and sets.
func (m *Memory) Decide(ctx context.Context, from ApprovalState, a Approval, now time.Time) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	one := m.asked[a.ID]
	if one == nil {
		return ErrNotFound
	}
	if err := a.CheckStep(from); err != nil {
		return err
	}
	if one.State != from || from == Waiting && !now.Before(one.Expires) {
		return fmt.Errorf("%w: approval %s is %s", ErrMoved, a.ID, one.At(now).State)
	}
	a = a.Stored()
	a.Token, a.OwnerID, a.Created, a.Expires = one.Token, one.OwnerID, one.Created, one.Expires
	one.Approval = a
	return nil
}

// Approval reads a request.
func (m *Memory) Approval(ctx context.Context, id string) (Approval, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Approval{}, err
	}
	defer unlock()
	if one := m.asked[id]; one != nil {
		return one.Approval, nil
	}
	return Approval{}, ErrNotFound
}

// ApprovalKeys reads a request's keys.
func (m *Memory) ApprovalKeys(ctx context.Context, id string) ([][]byte, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if one := m.asked[id]; one != nil {
		return one.keys, nil
	}
	return nil, ErrNotFound
}

// ListApprovals reads requests.
func (m *Memory) ListApprovals(ctx context.Context, q ApprovalQuery) ([]Approval, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	q = q.WithDefaults()
	var all []Approval
	for _, one := range m.asked {
		if (q.Owner == "" || q.Owner == one.OwnerID) && (q.State == "" || q.State == one.State) && one.Expires.After(q.Expires) {
			all = append(all, one.Approval)
		}
	}
	slices.SortFunc(all, func(a, b Approval) int { return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.ID, a.ID)) })
	return all[:min(q.Limit, len(all))], nil
}
