package console

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"greenroom/widgets"
)

// Bulk are the verbs that a person may carry out on many jobs at once.
func Bulk() []string { return []string{Pause, Resume, Cancel} }

// Able counts the rows of a query that have a verb, whether they are listed or not, at most mostTargets.
func (c *Console) Able(by *widgets.User, q Query, verb string) []string {
	t := jobTable(q.jobs(c.cfg.Jobs.List(by)), by, c.sample().at, 1<<30)
	var ids []string
	for _, r := range t.keep(q.Text).Rows {
		if slices.Contains(r.Verbs, verb) && len(ids) < mostTargets {
			ids = append(ids, r.Target)
		}
	}
	return ids
}

// DoAll carries out a verb on many jobs, and returns a sentence about it. One line of the audit, written before, has all of them; those that refuse are
// counted, and the others are done.
func (c *Console) DoAll(ctx context.Context, by *widgets.User, verb string, targets []string) (string, error) {
	switch {
	case !c.May(ctx, by, ViewRight):
		return "", widgets.ErrDenied
	case len(targets) == 0:
		return "", widgets.UserError("No job is left that this could be done to.")
	case len(targets) > mostTargets:
		return "", widgets.UserError(fmt.Sprintf("That are more than %s jobs: narrow the list first.", count(mostTargets)))
	}
	f, known := c.jobVerb(verb)
	if !known || !slices.Contains(Bulk(), verb) {
		return "", ErrNoVerb
	}
	undo, err := c.note(ctx, by, widgets.AuditLine{
		Deed: widgets.DeedAction, Text: fmt.Sprintf("console: %s: %s jobs: %s", verb, count(uint64(len(targets))), strings.Join(targets, " ")),
	})
	if err != nil && verb != Cancel {
		return "", err
	}
	done := 0
	for _, id := range targets {
		if ctx.Err() != nil {
			break
		}
		if _, err := f(ctx, id, by); err == nil {
			done++
		}
	}
	if done == 0 {
		undo("all of them refused")
		return "", widgets.UserError("None of the jobs could be asked: they are over, or not yours.")
	}
	return fmt.Sprintf("%s of %s jobs were asked.", count(uint64(done)), count(uint64(len(targets)))), nil
}

// AskAll words the question for a verb on many jobs.
func AskAll(verb string, n int) Question {
	name := count(uint64(n)) + " jobs"
	switch verb {
	case Pause:
		return Question{"Pause " + name + "?", "Each finishes the row in hand, keeps its rows, and gives its slot to others until somebody resumes it.", "Yes, pause them"}
	case Resume:
		return Question{"Resume " + name + "?", "Each goes on where it stopped, as soon as there is a slot.", "Yes, resume them"}
	case Cancel:
		return Question{"Cancel " + name + "?", "What is done stays done; the rest is left as it is. Each ends at its next row.", "Yes, cancel them all"}
	}
	return Question{}
}
