package jobs

import (
	"context"

	"greenroom/widgets"
)

// Nodes are the processes that share the Store, and which of them this one is. Without a Store there are none.
func (s *Supervisor) Nodes(ctx context.Context) (all []Node, self string, err error) {
	if s.keeper == nil {
		return nil, "", nil
	}
	all, err = s.keeper.store.Nodes(ctx)
	return all, s.keeper.node, err
}

// Events are the steps that a run has taken, the first one first, for its owner and who has Supervise; ErrNotFound for anybody else, and ErrNotFound
// without a Store.
func (s *Supervisor) Events(ctx context.Context, id string, by *widgets.User) ([]Event, error) {
	if s.keeper == nil {
		return nil, ErrNotFound
	}
	r, err := s.keeper.store.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !mayTouch(by, r.OwnerID) {
		return nil, ErrNotFound
	}
	return s.keeper.store.Events(ctx, id)
}
