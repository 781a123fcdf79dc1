package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
	"greenroom/widgets"
)

// Table is a page's rows as text, with the number or word behind a text where a program wants that.
type Table struct {
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	// Matched counts the rows that there are; more than Rows when not all are listed.
	Matched int `json:"matched"`
}

// Column is a column's name for programs, and for people. Number sets it to the right, Wide gives it what room there is.
type Column struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Number bool   `json:"number,omitempty"`
	Wide   bool   `json:"wide,omitempty"`
}

// Row is one thing. Verbs are what may be done to it, and Target is what Do is told then.
type Row struct {
	Key    string   `json:"key"`
	Cells  []Cell   `json:"cells"`
	Verbs  []string `json:"verbs,omitempty"`
	Target string   `json:"target,omitempty"`
	// Name is what a question calls it.
	Name string `json:"name,omitempty"`
	// Depth is how deep the row stands in a tree. Branch is the path to Toggle, "" for a leaf; Open says that its children follow.
	Depth  int    `json:"depth,omitempty"`
	Branch string `json:"branch,omitempty"`
	Open   bool   `json:"open,omitempty"`
	// Page and Find lead to where there is more about it, "" for nowhere.
	Page string `json:"page,omitempty"`
	Find string `json:"find,omitempty"`
}

// Cell is a text; Value is what it was made of, nil for the text itself. Level colours it: ok, warn, danger, info or mute. Title is told on demand.
type Cell struct {
	Text  string `json:"text"`
	Value any    `json:"value,omitempty"`
	Level string `json:"level,omitempty"`
	Title string `json:"title,omitempty"`
}

// mostRows is how many rows a page lists.
const mostRows = 200

func text(s string) Cell { return Cell{Text: clean(s)} }

func number[N int | int64 | uint64](n N) Cell {
	return Cell{Text: count(uint64(max(n, 0))), Value: n}
}

func age(now, since time.Time) Cell {
	d := now.Sub(since)
	return Cell{Text: span(d), Value: d.Seconds()}
}

func actorTable(all []actors.Seen, errors bool, now time.Time) Table {
	t := Table{Matched: len(all), Columns: []Column{
		{Name: "actor", Label: "Actor", Wide: true},
		{Name: "kind", Label: "Kind"},
		{Name: "state", Label: "State"},
		{Name: "mailbox", Label: "Mailbox", Number: true},
		{Name: "messages", Label: "Messages", Number: true},
		{Name: "rate", Label: "Per s", Number: true},
		{Name: "restarts", Label: "Restarts", Number: true},
		{Name: "doing", Label: "Message"},
		{Name: "busy", Label: "For", Number: true},
		{Name: "age", Label: "Age", Number: true},
		{Name: "failure", Label: "Last failure"},
	}}
	for _, a := range all {
		mailbox, restarts, busy, failure := number(a.Queued), number(a.Restarts), Cell{Value: 0.0}, Cell{}
		if a.Queued >= fullMailbox {
			mailbox.Level = "danger"
		}
		if a.Restarts > 0 {
			restarts.Level = "warn"
		}
		if a.Busy {
			busy = Cell{Text: span(a.BusyFor), Value: a.BusyFor.Seconds()}
			if a.BusyFor >= slowMessage {
				busy.Level = "danger"
			}
		}
		if f := a.Failure; f != nil {
			failure = text(reason(f.Reason, errors))
			failure.Title = span(now.Sub(f.At)) + " ago, at the message " + f.Message
		}
		state := Cell{Text: a.State, Level: map[string]string{"alive": "ok", "restarting": "warn", "stopping": "mute"}[a.State]}
		t.Rows = append(t.Rows, Row{Key: a.Actor.String(), Name: a.Actor.String(), Cells: []Cell{
			text(a.Actor.String()), text(a.Kind), state, mailbox, number(a.Messages), rateCell(a.Rate), restarts, text(a.Last), busy, age(now, a.Since), failure,
		}})
	}
	return t
}

func rateCell(per float64) Cell {
	if per == 0 {
		return Cell{Value: 0.0}
	}
	return Cell{Text: strconv.FormatFloat(per, 'f', 1, 64), Value: per}
}

// reason is the text of a failure, for those who may read it.
func reason(text string, may bool) string {
	if may {
		return text
	}
	return "not shown to you"
}

// StateLevel is a job's colour.
func StateLevel(j jobs.Snapshot) string {
	switch {
	case j.Stuck, j.Zombie:
		return "danger"
	case j.WithErrors():
		return "warn"
	}
	return map[jobs.State]string{
		jobs.Running: "info", jobs.Pausing: "warn", jobs.Paused: "warn", jobs.Cancelling: "warn", jobs.Succeeded: "ok", jobs.Failed: "danger",
	}[j.State]
}

// jobTable lists the first most.
func jobTable(all []jobs.Snapshot, by *widgets.User, now time.Time, most int) Table {
	t := Table{Matched: len(all), Columns: []Column{
		{Name: "label", Label: "Job", Wide: true},
		{Name: "owner", Label: "Started by"},
		{Name: "state", Label: "State"},
		{Name: "progress", Label: "Progress", Number: true},
		{Name: "failed", Label: "Failed", Number: true},
		{Name: "rate", Label: "Rows/s", Number: true},
		{Name: "age", Label: "Age", Number: true},
		{Name: "note", Label: "Note"},
		{Name: "id", Label: "ID"},
	}}
	slices.SortStableFunc(all, func(a, b jobs.Snapshot) int { return cmp.Compare(order(a), order(b)) })
	for _, j := range all[:min(len(all), most)] {
		state := Cell{Text: string(j.State), Level: cmp.Or(StateLevel(j), "mute")}
		switch {
		case j.Stuck:
			state.Text = "stuck"
		case j.Zombie:
			state.Text = "given up"
		}
		progress := Cell{Text: count(uint64(max(0, j.Current))), Value: j.Current}
		if j.Total > 0 {
			progress.Text += " of " + count(uint64(j.Total)) + " (" + strconv.Itoa(j.Percent()) + " %)"
		}
		rate := Cell{Value: 0.0}
		if end := cmp.Or(j.Ended, now); !j.Started.IsZero() && end.Sub(j.Started) > time.Second/10 {
			per := float64(j.Current) / end.Sub(j.Started).Seconds()
			rate = Cell{Text: strconv.FormatFloat(per, 'f', 1, 64), Value: per}
		}
		note := cmp.Or(j.Error, j.Note, j.Message)
		if j.Incident != "" {
			note += " (incident " + j.Incident + ")"
		}
		t.Rows = append(t.Rows, Row{Key: j.ID, Name: j.Label, Target: j.ID, Verbs: verbsOf(j, by), Cells: []Cell{
			text(j.Label), text(j.Owner), state, progress, number(j.Failed), rate, age(now, j.Created), text(note), text(j.ID),
		}})
	}
	return t
}

// order puts what needs somebody first and what is over last.
func order(j jobs.Snapshot) int {
	switch {
	case j.Stuck, j.Zombie:
		return 0
	case j.State.Final():
		return 3
	case j.State == jobs.Queued:
		return 2
	}
	return 1
}

func (c *Console) sessionTable(ctx context.Context, by *widgets.User, q Query, now time.Time) Table {
	kick, addresses := c.May(ctx, by, KickRight), c.May(ctx, by, AddressesRight)
	t := Table{Columns: []Column{
		{Name: "user", Label: "User"},
		{Name: "page", Label: "Page", Wide: true},
		{Name: "address", Label: "Address"},
		{Name: "state", Label: "State"},
		{Name: "sent", Label: "Sent", Number: true},
		{Name: "waiting", Label: "Waiting", Number: true},
		{Name: "widgets", Label: "Widgets", Number: true},
		{Name: "age", Label: "Age", Number: true},
		{Name: "actor", Label: "Actor"},
	}}
	pages := slices.DeleteFunc(slices.Clone(c.sample().pages), func(p OpenPage) bool { return !q.session(p) })
	slices.SortFunc(pages, func(a, b OpenPage) int {
		return cmp.Or(cmp.Compare(b.Waiting, a.Waiting), cmp.Compare(a.User, b.User), cmp.Compare(a.SignIn, b.SignIn), cmp.Compare(a.Actor.String(), b.Actor.String()))
	})
	t.Matched = len(pages)
	for _, p := range pages[:min(len(pages), q.most())] {
		state, address := Cell{Text: "live", Level: "ok"}, text(p.Address)
		if !p.Attached {
			state = Cell{Text: "away", Level: "mute"}
		}
		if !addresses {
			address = text("not shown to you")
		}
		since := now
		if info, ok := c.cfg.System.Describe(p.Actor); ok {
			since = info.Since
		}
		row := Row{Key: p.Actor.String(), Name: p.User, Target: p.SignIn, Cells: []Cell{
			text(p.User), text(p.Path), address, state,
			{Text: size(p.Bytes), Value: p.Bytes},
			number(p.Waiting), number(p.Widgets), age(now, since),
			text(p.Actor.String()),
		}}
		if kick && p.SignIn != by.SessionID {
			row.Verbs = []string{Kick}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func failureTable(all []actors.Mishap, errors bool) Table {
	t := Table{Matched: len(all), Columns: []Column{
		{Name: "at", Label: "When"},
		{Name: "actor", Label: "Actor", Wide: true},
		{Name: "kind", Label: "Kind"},
		{Name: "message", Label: "Message"},
		{Name: "outcome", Label: "Then"},
		{Name: "reason", Label: "Reason"},
	}}
	for n, m := range all {
		outcome := Cell{Text: "restarted", Level: "warn"}
		if m.GaveUp {
			outcome = Cell{Text: "gave up", Level: "danger"}
		}
		t.Rows = append(t.Rows, Row{Key: "f" + strconv.Itoa(len(all)-n), Cells: []Cell{
			clock(m.At), text(m.Actor), text(m.Kind), text(m.Message), outcome, text(reason(m.Reason, errors)),
		}})
	}
	return t
}

func deadTable(all []actors.DeadMessage) Table {
	t := Table{Matched: len(all), Columns: []Column{
		{Name: "at", Label: "When"}, {Name: "to", Label: "To", Wide: true}, {Name: "message", Label: "Message"},
	}}
	for n, d := range all {
		t.Rows = append(t.Rows, Row{Key: "d" + strconv.Itoa(len(all)-n), Cells: []Cell{clock(d.At), text(d.To), text(d.Message)}})
	}
	return t
}

func clock(at time.Time) Cell { return Cell{Text: at.Format(time.TimeOnly), Value: at} }

// count writes 12345 as 12,345.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural writes 1 actor, 2 actors.
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return count(uint64(n)) + " " + what
}

// size writes bytes with three digits or so.
func size(n uint64) string {
	v, unit := float64(n), 0
	for v >= 1000 && unit < 4 {
		v /= 1024
		unit++
	}
	if unit == 0 {
		return strconv.FormatUint(n, 10) + " B"
	}
	return fmt.Sprintf("%.1f %ciB", v, " KMGT"[unit])
}

// span writes a duration in its largest one or two units.
func span(d time.Duration) string {
	d = max(0, d)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// clean makes a text fit for a cell of a page or a terminal: one line of at most 300 characters, without control codes.
func clean(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�")))
	if len(runes) > 300 {
		return string(runes[:297]) + "..."
	}
	return string(runes)
}
