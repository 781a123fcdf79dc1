package console

import (
	"context"
	"errors"
	"strconv"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// TraceState is the trace that runs, or ran last.
type TraceState struct {
	Of     string        `json:"of"`
	On     bool          `json:"on"`
	Left   time.Duration `json:"left"`
	Actors int           `json:"actors"`
	Seen   int           `json:"seen"`
	// May says that who looks may end it.
	May bool `json:"-"`
}

// traceFor is how long a trace lasts.
const traceFor = 30 * time.Second

// follow starts or ends a trace.
func (c *Console) follow(ctx context.Context, by *widgets.User, verb, target string) (string, error) {
	if !c.May(ctx, by, TraceRight) {
		return "", widgets.ErrDenied
	}
	if verb == Unfollow {
		c.cfg.System.Unfollow()
		return "The trace has ended.", nil
	}
	if len(target) > longestTarget {
		return "", widgets.UserError("There is no such actor.")
	}
	undo, err := c.note(ctx, by, widgets.AuditLine{Deed: widgets.DeedAction, Text: "console: trace: " + clean(target)})
	if err != nil {
		return "", err
	}
	n, err := c.cfg.System.Follow(target, traceFor)
	switch {
	case errors.Is(err, actors.ErrTracing):
		err = widgets.UserError("Another trace runs. It ends within half a minute.")
	case errors.Is(err, actors.ErrEnded):
		err = widgets.UserError("This actor has ended.")
	}
	if err != nil {
		undo("it was refused")
		return "", err
	}
	if n == 1 {
		return "The actor is traced for " + span(traceFor) + ".", nil
	}
	return count(uint64(n)) + " actors are traced for " + span(traceFor) + ".", nil
}

// traceTable has what was noted, the newest first.
func (c *Console) traceTable(ctx context.Context, by *widgets.User) (*TraceState, Table) {
	tr := c.cfg.System.Followed()
	t := Table{Matched: len(tr.Kept), Columns: []Column{
		{Name: "at", Label: "When"},
		{Name: "actor", Label: "Actor", Wide: true},
		{Name: "message", Label: "Message"},
		{Name: "took", Label: "Took", Number: true},
		{Name: "queued", Label: "Behind it", Number: true},
	}}
	for n, m := range tr.Kept[:min(mostRows, len(tr.Kept))] {
		t.Rows = append(t.Rows, Row{Key: "t" + strconv.Itoa(len(tr.Kept)-n), Cells: []Cell{
			{Text: m.At.Format("15:04:05.000"), Value: m.At},
			text(m.Actor), text(m.Message),
			{Text: strconv.FormatFloat(m.Took.Seconds()*1000, 'f', 3, 64) + " ms", Value: m.Took.Seconds()},
			number(m.Queued),
		}})
	}
	state := &TraceState{Of: tr.Of, On: tr.On, Actors: tr.Actors, Seen: tr.Seen, May: c.May(ctx, by, TraceRight)}
	if tr.On {
		state.Left = max(0, time.Until(tr.Until))
	}
	return state, t
}
