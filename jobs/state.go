package jobs

// State is where a run stands. The zero State is none.
type State string

// The states. Succeeded, Failed and Cancelled are final.
const (
	Queued     State = "queued"
	Running    State = "running"
	Pausing    State = "pausing" // the row in hand is being finished
	Paused     State = "paused"  // no goroutine and no slot, but its rows are still its own
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
	ReasonForced   = "forced"    // a supervisor gave it up although its body still worked
	ReasonShutdown = "shutdown"  // the server went down
	ReasonExpired  = "expired"   // it waited longer than Config.QueueTTL, or was paused longer than Config.PausedTTL
	ReasonNodeLost = "node_lost" // the process that ran it died
	ReasonFenced   = "fenced"    // another process took it over from this one
)

// verb is something that happens to a run: a person's wish, the supervisor's word, or how the body returned.
type verb string

const (
	admit   verb = "admit"      // it was admitted
	begin   verb = "begin"      // there is a slot: the body starts, in a new epoch
	pause   verb = "pause"      // a person
	resume  verb = "resume"     // a person
	stop    verb = "cancel"     // a person, the supervisor at a limit, the server's end
	force   verb = "force-stop" // a supervisor, in a new epoch: what the body does from here on counts no more
	succeed verb = "succeed"    // the body returned and everything is done
	fail    verb = "fail"       // the body returned an error, or panicked
	halt    verb = "halt"       // the body returned because it was asked to
	release verb = "release"    // a supervisor, of a given-up body's slot: no transition
)

// transitions holds every transition there is. What it does not have does not happen.
var transitions = map[verb]map[State]State{
	admit:   {"": Queued},
	begin:   {Queued: Running},
	pause:   {Queued: Paused, Running: Pausing},
	resume:  {Paused: Queued, Failed: Queued},
	stop:    {Queued: Cancelled, Paused: Cancelled, Running: Cancelling, Pausing: Cancelling},
	force:   {Pausing: Cancelled, Cancelling: Cancelled},
	succeed: {Running: Succeeded, Pausing: Succeeded, Cancelling: Succeeded},
	fail:    {Running: Failed, Pausing: Failed, Cancelling: Failed},
	halt:    {Pausing: Paused, Cancelling: Cancelled},
}

// fences are the verbs that begin an epoch.
var fences = map[verb]bool{begin: true, force: true}

// Final reports whether the run has ended. Only one that Failed may go on, when a person resumes it.
func (s State) Final() bool { return s == Succeeded || s == Failed || s == Cancelled }

// can reports whether any verb leads from s to the other state.
func (s State) can(to State) bool {
	for _, row := range transitions {
		if t, ok := row[s]; ok && t == to {
			return true
		}
	}
	return false
}

// stamp is where a run stands in its life: what is compared before it is set. No two moments of a run are equal.
type stamp struct {
	state State
	// epoch counts the bodies that were begun or given up: what one of an older epoch says is not heard.
	epoch int64
	// step counts the transitions, so that a timer of an earlier wait in the same state is known.
	step int64
}

// life is the machine behind a run; its worker owns it. The zero life has not begun.
type life struct{ stamp }

// take makes the transition of a verb, if there is one from here.
func (l *life) take(v verb) bool {
	to, ok := transitions[v][l.state]
	if !ok {
		return false
	}
	l.state = to
	l.step++
	if fences[v] {
		l.epoch++
	}
	return true
}

// takeAt is take for who last saw the run at a stamp, and does nothing when it has moved since.
func (l *life) takeAt(seen stamp, v verb) bool { return l.stamp == seen && l.take(v) }

// takeIn is take for a body, which knows its epoch only.
func (l *life) takeIn(epoch int64, v verb) bool { return l.epoch == epoch && l.take(v) }

// refusals say in words why a person's verb does nothing. A verb that finds its wish fulfilled is no mistake: see granted.
var refusals = map[verb]map[State]string{
	pause: {
		Cancelling: "It is being cancelled already, which cannot be turned into a pause.",
		Succeeded:  "It has finished: there is nothing left to pause.",
		Failed:     "It has failed: there is nothing left to pause.",
		Cancelled:  "It was cancelled: there is nothing left to pause.",
	},
	resume: {
		Pausing:    "It is still finishing the row in hand. Resume it when it is paused.",
		Cancelling: "It is being cancelled. Run the action again when it has ended.",
		Succeeded:  "It has finished: there is nothing left to do. Run it again instead.",
		Cancelled:  "It was cancelled, which is final. Run it again instead.",
	},
	force: {
		Queued:    "It has not begun: cancel it instead.",
		Running:   "It was not asked to end yet: cancel it first.",
		Paused:    "Nothing of it is running: cancel it instead.",
		Succeeded: "It has ended by itself.",
		Failed:    "It has ended by itself.",
	},
}

// granted are the states in which a verb's wish is fulfilled, so that a second click is no error.
var granted = map[verb][]State{
	pause:  {Pausing, Paused},
	resume: {Queued, Running},
	stop:   {Cancelling, Succeeded, Failed, Cancelled},
	force:  {Cancelled},
}
