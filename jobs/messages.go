package jobs

import (
	"greenroom/actors"
	"greenroom/widgets"
)

// To the supervisor.
type (
	// reserve asks for a place, before anything costly is done. It is answered with an ID, or with that of the run which the token stands for.
	reserve struct {
		owner, token string
		reply        actors.Reply[place]
	}
	// commit fills the place, abort gives it back.
	commit struct {
		id    string
		job   *Job
		req   Request
		reply actors.Reply[error]
	}
	abort struct {
		id  string
		err error
	}
	// changed and returned come from workers: the state, and that the body is gone.
	changed struct {
		id    string
		state State
	}
	returned struct{ id string }
	touched  struct{ id string }
	expire   struct{ id string }
	tick     struct{}
	list     struct {
		by    *widgets.User
		reply actors.Reply[[]Snapshot]
	}
	drain struct{ reply actors.Reply[struct{}] }
)

// place is the answer to reserve.
type place struct {
	id       string
	existing bool
	err      error
}

// To a worker.
type (
	// start comes from the supervisor: there is a slot.
	start struct{}
	// wait comes from the supervisor: there is none yet.
	wait struct {
		position int
		why      string
	}
	// cancel ends the run; by is nil when nobody in person asks.
	cancel struct {
		by     *widgets.User
		reason string
		note   string
		reply  actors.Reply[answer]
	}
	look struct {
		by    *widgets.User
		reply actors.Reply[answer]
	}
	// sample publishes what the cell holds, if it changed.
	sample struct{}
	// done comes from the body's goroutine, once.
	done struct {
		out   outcome
		final final
	}
	stuck struct{}
)

// answer is a Snapshot, or ErrNotFound.
type answer struct {
	snapshot Snapshot
	err      error
}
