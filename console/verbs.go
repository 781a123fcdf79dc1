package console

import (
	"context"
	"errors"
	"slices"

	"greenroom/jobs"
	"greenroom/widgets"
)

// The verbs. Pause, Resume, Cancel, Stop and Release are for a job, Kick is for the sign-in of a page.
const (
	Pause   = "pause"
	Resume  = "resume"
	Cancel  = "cancel"
	Stop    = "stop"
	Release = "release"
	Kick    = "kick"
	// Follow traces the messages of an actor for half a minute, Unfollow ends the trace.
	Follow   = "trace"
	Unfollow = "untrace"
)

const (
	// longestTarget bounds what a verb is about, in bytes.
	longestTarget = 500
	// mostTargets is how many jobs a verb is carried out on at once.
	mostTargets = 1000
)

// ErrNoVerb is returned for something that the console cannot do.
var ErrNoVerb = errors.New("console: no such verb; there are pause, resume, cancel, stop, release, kick, trace and untrace")

// Do carries out one of a row's verbs on its target, and returns a sentence about it. The right is checked here, whoever asks: a job is its owner's, or
// of who has jobs.supervise; to kick takes console.kick, and is never done to oneself. What is done is written down before: where the audit does not
// take it, nothing is done, except that a job may always be cancelled.
func (c *Console) Do(ctx context.Context, by *widgets.User, verb, target string) (string, error) {
	if !c.May(ctx, by, ViewRight) {
		return "", widgets.ErrDenied
	}
	switch verb {
	case Kick:
		return c.kick(ctx, by, target)
	case Follow, Unfollow:
		return c.follow(ctx, by, verb, target)
	}
	f, known := c.jobVerb(verb)
	if !known {
		return "", ErrNoVerb
	}
	before, err := c.cfg.Jobs.Get(target, by)
	if errors.Is(err, jobs.ErrNotFound) {
		return "", widgets.UserError("This job is over, or not yours.")
	}
	if err != nil {
		return "", err
	}
	deed := widgets.DeedAction
	if verb == Cancel || verb == Stop {
		deed = widgets.DeedCancel
	}
	undo, err := c.note(ctx, by, widgets.AuditLine{Deed: deed, Table: before.Table, Text: "console: " + verb + ": " + before.Label + ", job " + before.ID})
	if err != nil && verb != Cancel {
		return "", err
	}
	after, err := f(ctx, target, by)
	if err != nil {
		undo("it was refused")
		if errors.Is(err, jobs.ErrNotFound) {
			err = widgets.UserError("This job is over, or not yours.")
		}
		return "", err
	}
	return map[jobs.State]string{
		jobs.Cancelling: "The job was asked to end.", jobs.Cancelled: "The job is cancelled.",
		jobs.Pausing: "The job stops after the row in hand.", jobs.Paused: "The job is paused.", jobs.Queued: "The job waits for its turn.",
		jobs.Running: "The job runs.", jobs.Succeeded: "The job had ended already.", jobs.Failed: "The job had failed already.",
	}[after.State], nil
}

// jobVerb is what carries out a verb for jobs.
func (c *Console) jobVerb(verb string) (f func(ctx context.Context, id string, by *widgets.User) (jobs.Snapshot, error), known bool) {
	f, known = map[string]func(context.Context, string, *widgets.User) (jobs.Snapshot, error){
		Pause: c.cfg.Jobs.Pause, Resume: c.cfg.Jobs.Resume, Cancel: c.cfg.Jobs.Cancel, Stop: c.cfg.Jobs.Stop, Release: c.cfg.Jobs.Release,
	}[verb]
	return f, known
}

// note writes down what is about to be done, in the log and in the audit. undo remarks that it was not done; it may always be called.
func (c *Console) note(ctx context.Context, by *widgets.User, l widgets.AuditLine) (undo func(why string), err error) {
	c.log.Warn("console verb", "what", l.Text, "by", by.Called(), "user", by.ID)
	if c.cfg.Audit == nil {
		return func(string) {}, nil
	}
	if _, known := widgets.ActorOf(ctx); !known {
		l.Actor = widgets.In{User: by}.Actor()
	}
	first, err := c.cfg.Audit.Note(ctx, l)
	if err != nil {
		c.log.Error("console: the audit does not take it", "what", l.Text, "err", err)
		return func(string) {}, err
	}
	return func(why string) {
		if err := c.cfg.Audit.Undo(context.WithoutCancel(ctx), first, 1, why); err != nil {
			c.log.Error("console: the audit has a line about what did not happen", "line", first, "err", err)
		}
	}, nil
}

func (c *Console) kick(ctx context.Context, by *widgets.User, signIn string) (string, error) {
	if !c.May(ctx, by, KickRight) {
		return "", widgets.ErrDenied
	}
	if signIn == "" || signIn == by.SessionID {
		return "", widgets.UserError("This is your own sign-in: use Sign out.")
	}
	pages := c.cfg.Pages()
	at := slices.IndexFunc(pages, func(p OpenPage) bool { return p.SignIn == signIn })
	if at < 0 {
		return "", widgets.UserError("This sign-in has no open page any more.")
	}
	undo, err := c.note(ctx, by, widgets.AuditLine{Deed: widgets.DeedSignOut, Text: "console: kick " + pages[at].User + ", sign-in " + signIn})
	if err != nil {
		return "", err
	}
	if err := c.cfg.Kick(ctx, signIn); err != nil {
		undo("it failed")
		return "", err
	}
	return pages[at].User + " has to sign in again.", nil
}

// verbsOf are what may be done to a job as it is. The supervisor of jobs refuses what does not fit, whatever was shown.
func verbsOf(j jobs.Snapshot, by *widgets.User) (verbs []string) {
	if j.Archived {
		return nil
	}
	switch j.State { //nolint:exhaustive // in the others there is nothing to pause or to resume
	case jobs.Queued:
		verbs = append(verbs, Pause)
	case jobs.Running:
		if j.Resumable {
			verbs = append(verbs, Pause)
		}
	case jobs.Paused:
		verbs = append(verbs, Resume)
	case jobs.Failed:
		if j.Resumable {
			verbs = append(verbs, Resume)
		}
	}
	if !j.State.Final() && j.State != jobs.Cancelling {
		verbs = append(verbs, Cancel)
	}
	if by.Has(jobs.Supervise) {
		if j.Stuck {
			verbs = append(verbs, Stop)
		}
		if j.Zombie {
			verbs = append(verbs, Release)
		}
	}
	return verbs
}

// VerbLabel is what a verb's button says.
func VerbLabel(verb string) string {
	return map[string]string{Pause: "Pause", Resume: "Resume", Cancel: "Cancel", Stop: "Stop by force", Release: "Release its slot", Kick: "Kick", Follow: "Trace", Unfollow: "End the trace"}[verb]
}

// Question is what is asked before a verb is carried out; an empty Title means that there is no such verb.
type Question struct{ Title, Text, Yes string }

// Ask words the question for a verb on something of that name.
func Ask(verb, name string) Question {
	name = "“" + name + "”"
	switch verb {
	case Pause:
		return Question{"Pause " + name + "?", "The row in hand is finished. The job keeps its rows, and gives its slot to others until somebody resumes it.", "Yes, pause it"}
	case Resume:
		return Question{"Resume " + name + "?", "It goes on where it stopped, as soon as there is a slot.", "Yes, resume it"}
	case Cancel:
		return Question{"Cancel " + name + "?", "What is done stays done; the rest is left as it is. The job ends at its next row.", "Yes, cancel the job"}
	case Stop:
		return Question{"Give up " + name + "?", "Its code cannot be ended: it may still have effects, and keeps its slot and its rows until it returns.", "Yes, give it up"}
	case Release:
		return Question{"Release the slot of " + name + "?", "Others get its slot although its code still runs.", "Yes, release it"}
	case Kick:
		return Question{"End the sign-in of " + name + "?", "All pages of this sign-in close at once, and what is not saved on them is lost. The person may sign in again.", "Yes, end it"}
	case Follow:
		return Question{"Trace " + name + "?", "The types of its messages are noted for half a minute, and how long each took; never what they hold.", "Yes, trace it"}
	}
	return Question{}
}
