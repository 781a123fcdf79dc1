package greenroom

import (
	"context"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/pages"
)

// What a declaration is made of. Each is documented where it lives.
type (
	// Widget is a live part of a page: a dashboard card, something above a list or a form.
	Widget = widgets.Widget
	// In is where a widget stands: the user, the row, the list's live query.
	In = widgets.In
	// Event is what a widget's event handler is given.
	Event[P any] = widgets.Event[P]
	// Handler is an event's handler; OnEvent makes it.
	Handler = widgets.Handler
	// News is what a topic said.
	News = widgets.News
	// Query says which rows a list shows.
	Query = widgets.Query
	// Order is one column of a sort.
	Order = widgets.Order
	// Filter is a condition on rows.
	Filter = widgets.Filter
	// Value is one field of a row, as text.
	Value = widgets.Value
	// Key is a row's primary key.
	Key = widgets.Key
	// Change tells which rows of a table changed.
	Change = widgets.Change
	// User is who looks at a page.
	User = widgets.User
	// UserError is an error whose text is shown to the person.
	UserError = widgets.UserError
	// Decider answers who may do what.
	Decider = widgets.Decider
	// Decision is a Decider's answer.
	Decision = widgets.Decision
	// Subject is what a decision is about.
	Subject = widgets.Subject
	// Verb is what somebody wants to do.
	Verb = widgets.Verb

	// List refines a table's list page.
	List = pages.List
	// Form refines a table's add and change pages.
	Form = pages.Form
	// Pill draws a value as a coloured pill.
	Pill = pages.Pill

	// Finding is something about an admin that whoever runs it should know.
	Finding = pages.Finding

	// Action is a bulk action; On makes it.
	Action = jobs.Action
	// Job is what an action's body reports to.
	Job = jobs.Job
	// Rows are the rows an action was started on.
	Rows[R any] = jobs.Rows[R]
	// EachOption is a limit of Each: Parallel, Rate, MaxFailures.
	EachOption = jobs.EachOption
)

// Which runs of an action may be unfinished at once; see jobs.Unique.
const (
	PerRows     = jobs.PerRows
	PerAction   = jobs.PerAction
	Overlapping = jobs.Overlapping
)

// Sizes of widgets in the slot grid.
const (
	SM = widgets.SM
	MD = widgets.MD
	LG = widgets.LG
)

// Model refines a table that was introspected. The zero Model but for Table shows every column.
type Model struct {
	// Table is the table's name as stored.
	Table string
	// Label and Plural are what people read: "order", "Orders". Empty means made from the table's name.
	Label, Plural string
	// Help is a sentence beside the list's heading. Empty means the comment that the database keeps on the table.
	Help string
	// Labels are what people read for columns, by column. What is not named here is made from the column's name: "Total cents" of total_cents.
	Labels map[string]string
	// Title names a row by columns in braces: "{last_name}, {first_name}". Empty means the first unique text column, or one called name or title.
	Title   string
	List    List
	Form    Form
	Actions []Action
}

// Limits bound what people can make the process hold. In each, zero means the default and less than zero no bound.
type Limits struct {
	// Pages is how many pages may be open in all. Zero means 10,000, or 500 less than the file descriptors that the process may have, if that is less.
	Pages int
	// UserPages is how many pages one user may have open. Zero means 50.
	UserPages int
	// AddressPages is how many pages may be open from one network address, which behind a proxy that is not among Config.Proxies is the proxy's. Zero
	// means 200.
	AddressPages int
	// Handshakes is how many sockets may be between their upgrade and their first frame at once. Zero means 1,000.
	Handshakes int
}

// On makes a bulk action of a function over rows decoded to R (a struct with `db:"column"` tags) and an input form In (a struct with `form:"…"` tags, or
// struct{}). The function runs in the background as a job: it reports to j, stops when ctx ends, and its page shows how far it is.
func On[R, In any](a Action, f func(ctx context.Context, j *Job, rows Rows[R], in In) error) Action {
	return jobs.On(a, f)
}

// Each calls f for every row of an action; a row for which it returns an error has failed, and the others go on. See jobs.Each.
func Each[R any](ctx context.Context, rows Rows[R], f func(ctx context.Context, row R) error, options ...EachOption) error {
	return jobs.Each(ctx, rows, f, options...)
}

// Parallel lets Each work on n rows at a time.
func Parallel(n int) EachOption { return jobs.Parallel(n) }

// Rate lets Each begin at most so many rows a second.
func Rate(perSecond float64) EachOption { return jobs.Rate(perSecond) }

// MaxFailures ends Each with an error once n rows have failed.
func MaxFailures(n int64) EachOption { return jobs.MaxFailures(n) }

// OnEvent makes a widget's event handler of a function over the widget's state S and the event's payload P.
func OnEvent[S, P any](f func(ctx context.Context, state S, e Event[P]) (S, error)) Handler {
	return widgets.On(f)
}
