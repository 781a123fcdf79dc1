package console

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
)

// JobDetail is all that is told of one run: facts, and the steps that it has taken.
type JobDetail struct {
	ID    string   `json:"id"`
	Label string   `json:"label"`
	Facts []Fact   `json:"facts"`
	Steps []Step   `json:"steps"`
	Log   []string `json:"log,omitempty"`
}

// Fact is a word and what there is to say about it.
type Fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Step is a change of state: when, after how long in the state before, to what, by whom, and where.
type Step struct {
	At      time.Time `json:"at"`
	After   string    `json:"after"`
	To      string    `json:"to"`
	Level   string    `json:"-"`
	By      string    `json:"by,omitempty"`
	Node    string    `json:"node,omitempty"`
	Attempt string    `json:"attempt,omitempty"`
}

// detail tells of a run, nil if there is none that the person may see.
func (c *Console) detail(ctx context.Context, by *widgets.User, id string) *JobDetail {
	if id == "" {
		return nil
	}
	j, err := c.cfg.Jobs.Get(id, by)
	if err != nil {
		return nil
	}
	d := &JobDetail{ID: id, Label: clean(j.Label)}
	fact := func(name, text string) {
		if text != "" {
			d.Facts = append(d.Facts, Fact{name, clean(text)})
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateTime)
	}
	fact("State", string(j.State))
	fact("Started by", j.Owner)
	fact("Rows of", j.Table)
	if j.Attempt > 0 {
		fact("Attempt", strconv.Itoa(j.Attempt))
	}
	fact("Created", at(j.Created))
	fact("Started", at(j.Started))
	fact("Ended", at(j.Ended))
	fact("Repeats", j.RerunOf)
	fact("Result", j.Result)
	fact("Note", cmp.Or(j.Error, j.Note))
	fact("Incident", j.Incident)
	fact("Cancelled by", j.CancelledBy)
	for _, l := range j.Log[max(0, len(j.Log)-10):] {
		d.Log = append(d.Log, clean(l.Text))
	}
	events, err := c.cfg.Jobs.Events(ctx, id, by)
	if err != nil {
		return d // it is not stored, or not any more: what is known stands above
	}
	d.Steps = steps(events, j)
	return d
}

// steps words the events of a run.
func steps(events []jobs.Event, j jobs.Snapshot) []Step {
	var all []Step
	attempt := 0
	for n, e := range events {
		s := Step{At: e.Time, To: string(e.To), Level: cmp.Or(StateLevel(jobs.Snapshot{State: e.To}), "mute"), Node: e.Node}
		if n > 0 {
			s.After = span(e.Time.Sub(events[n-1].Time))
		}
		if e.From == e.To && n > 0 {
			s.To += ", taken over"
		}
		if e.To == jobs.Running && e.From == jobs.Queued {
			attempt++
			s.Attempt = "attempt " + strconv.Itoa(attempt)
		}
		if e.Reason != "" {
			s.To += ": " + clean(e.Reason)
		}
		switch e.By {
		case "":
		case j.OwnerID:
			s.By = j.Owner
		default:
			s.By = clean(e.By)
		}
		all = append(all, s)
	}
	return all
}
