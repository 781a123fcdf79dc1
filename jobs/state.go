package jobs

import "slices"

// State is where a run stands. The zero State is none.
type State string

// The states. Succeeded, Failed and Cancelled are final. Pausing and Paused have a place in the table and no verb yet.
const (
	Queued     State = "queued"
	Running    State = "running"
	Pausing    State = "pausing"
	Paused     State = "paused"
	Cancelling State = "cancelling"
	Succeeded  State = "succeeded"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
)

// The reasons that a Failed or Cancelled run carries in Snapshot.Reason.
const (
	ReasonError    = "error"     // the body returned an error
	ReasonPanic    = "panic"     // it panicked
	ReasonGoexit   = "goexit"    // it ended its goroutine
	ReasonDenied   = "denied"    // the permission was withdrawn while the run waited
	ReasonPerson   = "person"    // somebody cancelled it
	ReasonShutdown = "shutdown"  // the server went down
	ReasonExpired  = "expired"   // it waited longer than Config.QueueTTL
	ReasonNodeLost = "node_lost" // the process that ran it died
)

// next holds every transition there is; a state without a row is final.
var next = map[State][]State{
	"":         {Queued},
	Queued:     {Running, Paused, Cancelled},
	Running:    {Succeeded, Failed, Pausing, Cancelling},
	Pausing:    {Paused, Succeeded, Failed, Cancelling},
	Paused:     {Queued, Cancelled},
	Cancelling: {Cancelled, Succeeded, Failed},
}

// Final reports whether nothing can happen to the run any more.
func (s State) Final() bool { return s != "" && len(next[s]) == 0 }

// can reports whether the table has the step.
func (s State) can(to State) bool { return slices.Contains(next[s], to) }
