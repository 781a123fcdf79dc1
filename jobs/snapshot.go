package jobs

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Snapshot is a run at one moment. It is made once, shared by everybody who watches, and must not be changed. It holds nothing but what a page may
// show.
type Snapshot struct {
	ID     string
	Action string // Action.Name
	Label  string
	Table  string // Table.ID of the rows, "" without
	// OwnerID and Owner are who started it. ByID is who saw the admin as the owner then, and did it; "" for the owner themselves.
	OwnerID, Owner, ByID string
	State                State
	// Reason is why the run failed or was cancelled; see the Reason constants.
	Reason string
	// Current of Total rows, or of whatever the body counts. Total 0 means unknown.
	Current, Total int64
	// Message is the last message, and Log the last 50 in order; Skipped is how many came before those.
	Message string
	Log     []Line
	Skipped int
	// Failed counts rows given to Job.Fail; Vanished those that were pinned and no longer there.
	Failed, Vanished int64
	// Error is the text for the person, "" unless the run failed. Incident is under what the log has the rest, "" when there is no more.
	Error, Incident string
	// Note is a sentence about the state: why it waits, that it finished before the cancel took effect.
	Note string
	// Created, Started and Ended are zero until they happened.
	Created, Started, Ended time.Time
	// CancelledBy is the name of who asked for the end.
	CancelledBy string
	// Stuck says that the body has not returned for 10 s after it was asked to pause or to end.
	Stuck bool
	// Zombie says that the run was given up and its body has not returned yet: it holds its slot and its rows.
	Zombie bool
	// Resumable says that the run can be paused, and resumed when it has failed.
	Resumable bool
	// Attempt counts how often the body was begun. RerunOf is the run that this one repeats, "" for none.
	Attempt int
	RerunOf string
	// ApprovedBy is who let it start, "" where nobody was asked.
	ApprovedBy string
	// Result is the body's own word on what came of it.
	Result string
	// Files are what the body left to download. Besides them there is FailedFile when rows failed.
	Files []File
	// DryRun says that nothing is changed.
	DryRun bool
	// Version grows with each Snapshot of the run, so that a late one is known.
	Version int64
	// Archived says that it was read from the Store: nothing here runs it.
	Archived bool
	// Position is the place in the queue from 1, 0 unless Queued.
	Position int
}

// Line is a line of a run's log. N counts from 1; a line that was said several times in a row stands once.
type Line struct {
	N     int64
	Text  string
	Times int
}

// Percent is from 0 to 100; 0 while the total is unknown.
func (s Snapshot) Percent() int {
	if s.Total <= 0 {
		return 0
	}
	return int(min(100, max(0, float64(s.Current)/float64(s.Total)*100)))
}

// WithErrors reports whether the run succeeded although rows failed: amber, never green.
func (s Snapshot) WithErrors() bool { return s.State == Succeeded && s.Failed > 0 }

// Topic is where a run's Snapshots are published: at most 10 a second, each change of state, and exactly one that is Settled, unless
// a run that failed is resumed.
func Topic(id string) string { return "job/" + id }

// Settled reports whether nothing happens to the run any more: it has ended, and its body has returned.
func (s Snapshot) Settled() bool { return s.State.Final() && !s.Zombie }

// EveryTopic is where the Snapshots of all runs are published, when their states change. It is for who has Supervise.
const EveryTopic = "jobs/every"

// OwnerTopic is where the Snapshots of all runs of a person are published, when their states change.
func OwnerTopic(userID string) string { return "jobs/of/" + userID }

// textMax is how many characters a message, a label and an error have at most.
const textMax = 4096

// clip cuts a text to textMax characters, the last three of which are then "...". Bytes that are no UTF-8 count as a character each.
func clip(s string) string { return clipTo(s, textMax) }

func clipTo(s string, most int) string {
	if len(s) <= most {
		return s // characters are no shorter than bytes
	}
	n, cut := 0, 0
	for i := range s {
		if n == most-3 {
			cut = i
		}
		if n++; n > most {
			return s[:cut] + "..." // a copy: the whole is not kept alive
		}
	}
	return s
}

// clean makes a text fit for pages and terminals: no control characters, no broken UTF-8.
func clean(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return strings.Map(printable, s)
		}
	}
	return s
}

func printable(r rune) rune {
	switch {
	case r == '\n':
		return '⏎'
	case r == '\t':
		return ' '
	case r < ' ', r >= 0x7f && r < 0xa0:
		return -1
	case r == utf8.RuneError:
		return utf8.RuneError
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // directions that could reverse what follows
		return -1
	}
	return r
}

// grouped writes 12345 as 12,345.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
