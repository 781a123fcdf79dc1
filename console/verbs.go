package console

import (
	"context"
	"errors"
	"slices"

	"greenroom/jobs"
	"greenroom/widgets"
)

// ErrNoVerb is returned for something that the console cannot do.
var ErrNoVerb = errors.New("console: no such verb; there are cancel and kick")

// Do carries out a row's verb on its target, and returns a sentence about it. The right is checked here, whoever asks: the owner's own, or
// jobs.supervise, to cancel a job; console.kick to end a sign-in, never one's own. What is done is logged before.
func (c *Console) Do(ctx context.Context, by *widgets.User, verb, target string) (string, error) {
	if !c.May(ctx, by, ViewRight) {
		return "", widgets.ErrDenied
	}
	if _, known := widgets.ActorOf(ctx); !known {
		ctx = widgets.WithActor(ctx, widgets.In{User: by}.Actor())
	}
	switch verb {
	case "cancel":
		return c.cancel(ctx, by, target)
	case "kick":
		return c.kick(ctx, by, target)
	}
	return "", ErrNoVerb
}

func (c *Console) cancel(ctx context.Context, by *widgets.User, id string) (string, error) {
	c.log.Warn("console: cancel a job", "by", by.Name, "user", by.ID, "job", id)
	line, err := c.note(ctx, widgets.AuditLine{Deed: widgets.DeedCancel, Text: "by the console: job " + id})
	if err != nil {
		return "", err
	}
	snap, err := c.cfg.Jobs.Cancel(ctx, id, by)
	if err != nil && line > 0 {
		err = errors.Join(err, c.cfg.Audit.Undo(context.WithoutCancel(ctx), line, 1, "it was over, or not theirs to cancel"))
	}
	switch {
	case errors.Is(err, jobs.ErrNotFound):
		return "", widgets.UserError("This job is over, or not yours to cancel.")
	case err != nil:
		return "", err
	case snap.State == jobs.Cancelling:
		return "The job was asked to end.", nil
	case snap.State == jobs.Cancelled:
		return "The job is cancelled.", nil
	}
	return "The job had ended already: " + string(snap.State) + ".", nil
}

// note writes down what is about to be done.
func (c *Console) note(ctx context.Context, l widgets.AuditLine) (line int64, err error) {
	if c.cfg.Audit == nil {
		return 0, nil
	}
	return c.cfg.Audit.Note(ctx, l)
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
	c.log.Warn("console: end a sign-in", "by", by.Name, "user", by.ID, "of", pages[at].User, "signIn", signIn)
	if err := c.cfg.Kick(ctx, signIn); err != nil {
		return "", err
	}
	return pages[at].User + " has to sign in again.", nil
}

// Question is what is asked before a verb is carried out; an empty Title means that there is no such verb.
type Question struct{ Title, Text, Yes string }

// Ask words the question for a verb on something of that name.
func Ask(verb, name string) Question {
	switch verb {
	case "cancel":
		return Question{"Cancel “" + name + "”?", "What is done stays done; the rest is left as it is. The job ends at its next row.", "Yes, cancel the job"}
	case "kick":
		return Question{"End the sign-in of “" + name + "”?", "All pages of this sign-in close at once, and what is not saved on them is lost. The person may sign in again.", "Yes, end it"}
	}
	return Question{}
}
