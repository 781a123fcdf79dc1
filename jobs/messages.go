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
		now   Snapshot
		kept  *memo
		claim claim
		reply actors.Reply[error]
	}
	abort struct {
		id  string
		err error
	}
	// readmit lets a run go on that may have ended, and hands the wish on to its worker.
	readmit struct {
		id    string
		claim claim
		wish  wish
	}
	// What workers tell: the state; that the body is gone for good; that it holds no slot; that it waits for one again, with another Job.
	changed struct {
		id    string
		state State
	}
	returned struct{ id string }
	parked   struct{ id string }
	requeued struct {
		id   string
		job  *Job
		turn int
	}
	touched struct{ id string }
	// expire forgets a run, unless it went on since.
	expire struct {
		id    string
		lives int
	}
	tick struct{}
	list struct {
		by    *widgets.User
		own   bool // theirs only
		quiet bool // it does not count as a look
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
	// start comes from the supervisor: there is a slot. turn says for which of the run's waits.
	start struct{ turn int }
	// wait comes from the supervisor: there is none yet.
	wait struct {
		position int
		why      string
	}
	// wish is a verb that somebody wants; by is nil when nobody in person asks, and then seen is the moment that it holds for, if not zero.
	wish struct {
		verb   verb
		by     *widgets.User
		reason string // of a stop
		note   string
		seen   stamp
		reply  actors.Reply[answer]
	}
	look struct {
		by    *widgets.User
		reply actors.Reply[answer]
	}
	// recall asks for what the run was started with.
	recall struct {
		by    *widgets.User
		reply actors.Reply[origin]
	}
	// sample publishes what the cell holds, if it changed.
	sample struct{}
	// done comes from the goroutine of the body that was begun in an epoch, once.
	done struct {
		epoch int64
		out   outcome
		final final
	}
	// stuck is sent to itself: the run should have moved on from where it was.
	stuck struct{ seen stamp }
)

// answer is a Snapshot, or what kept the verb from working.
type answer struct {
	snapshot Snapshot
	err      error
}

// origin is what a run was started with.
type origin struct {
	req      Request
	snapshot Snapshot
	pinned   *pinned // nil when it cannot go on
	err      error
}
