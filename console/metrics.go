package console

import (
	"bytes"
	"fmt"

	"greenroom/jobs"
)

// states are all that a job can be in, so that each has its line, also with a zero.
var states = []jobs.State{
	jobs.Queued, jobs.Running, jobs.Pausing, jobs.Paused, jobs.Cancelling, jobs.Succeeded, jobs.Failed, jobs.Cancelled,
}

// Metrics writes the totals in the text format of Prometheus, version 0.0.4. No label names a person, a job or an actor.
func (c *Console) Metrics() []byte {
	t := c.Totals()
	var b bytes.Buffer
	head := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	for _, m := range []struct {
		name, kind, help string
		value            any
	}{
		{"greenroom_up_seconds", "gauge", "Time since the room was made.", t.Up},
		{"greenroom_pages", "gauge", "Open pages.", t.Pages},
		{"greenroom_sign_ins", "gauge", "Sign-ins with an open page.", t.SignIns},
		{"greenroom_events_total", "counter", "Events that pages sent.", t.Events},
		{"greenroom_patches_total", "counter", "Patches that pages were sent.", t.Patches},
		{"greenroom_sent_bytes_total", "counter", "Bytes given to pages' sockets.", t.Bytes},
		{"greenroom_actors", "gauge", "Living actors.", t.Actors},
		{"greenroom_actors_busy", "gauge", "Actors that handle a message.", t.Busy},
		{"greenroom_messages_waiting", "gauge", "Messages in all mailboxes.", t.Queued},
		{"greenroom_messages_total", "counter", "Messages that actors began.", t.Messages},
		{"greenroom_actor_failures_total", "counter", "Failures of actors.", t.Failures},
		{"greenroom_actor_restarts_total", "counter", "Restarts of actors.", t.Restarts},
		{"greenroom_actors_gave_up_total", "counter", "Actors that ended because they failed too often.", t.GaveUp},
		{"greenroom_dead_letters_total", "counter", "Messages that reached nobody.", t.Dead},
		{"greenroom_goroutines", "gauge", "Goroutines of the process.", t.Goroutines},
		{"greenroom_heap_bytes", "gauge", "Objects on the heap, also those not yet collected.", t.Heap},
		{"greenroom_memory_bytes", "gauge", "Memory that the runtime holds.", t.Memory},
	} {
		head(m.name, m.kind, m.help)
		fmt.Fprintf(&b, "%s %v\n", m.name, m.value)
	}
	head("greenroom_jobs", "gauge", "Jobs that are kept, by state.")
	for _, state := range states {
		fmt.Fprintf(&b, "greenroom_jobs{state=%q} %d\n", string(state), t.Jobs[state])
	}
	return b.Bytes()
}
