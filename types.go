package greenroom

import (
	"context"
	"database/sql"

	"greenroom/files"
	"greenroom/jobs"
	grsql "greenroom/sql"
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
	// Tracer is told where the time goes.
	Tracer = widgets.Tracer
	// Verb is what somebody wants to do.
	Verb = widgets.Verb

	// List refines a table's list page.
	List = pages.List
	// Form refines a table's add and change pages.
	Form = pages.Form
	// Fieldset is a group of fields on a form, perhaps on a tab.
	Fieldset = pages.Fieldset
	// Computed is a column that is worked out from others.
	Computed = pages.Computed
	// Fields are the values of a row.
	Fields = pages.Fields
	// OwnFilter is a filter of a list that is no column's.
	OwnFilter = pages.OwnFilter
	// FilterOption is a choice of an OwnFilter.
	FilterOption = pages.FilterOption
	// Saving is a row that is being written, as BeforeSave and AfterSave see it.
	Saving = grsql.Saving
	// Invalid says what is wrong with the values of a row.
	Invalid = widgets.Invalid
	// Inline shows rows of another table on the form of the row that they refer to.
	Inline = pages.Inline
	// File is a column that names an uploaded file.
	File = pages.File
	// FileStore keeps uploaded files.
	FileStore = widgets.FileStore
	// Pill draws a value as a coloured pill.
	Pill = pages.Pill

	// Stat is the state of a card that StatWidget makes.
	Stat = pages.Stat
	// Chart is the state of a card that ChartWidget makes.
	Chart = pages.Chart
	// Board is the state of a card that TableWidget makes.
	Board = pages.Board
	// ChartKind is how a Chart draws: Bars, Lines or Areas.
	ChartKind = pages.ChartKind
	// Series is a row of a Chart's numbers.
	Series = pages.Series
	// BoardColumn heads a column of a Board.
	BoardColumn = pages.BoardColumn
	// BoardRow is a line of a Board.
	BoardRow = pages.BoardRow

	// PluginPage is a page that a Plugin adds.
	PluginPage = pages.PluginPage
	// NavItem is an entry of the navigation.
	NavItem = pages.NavItem

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

// Kinds of charts.
const (
	Bars  = pages.Bars
	Lines = pages.Lines
	Areas = pages.Areas
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
	Title string
	// Computed are columns that are worked out from others of the row; Col makes one of a struct.
	Computed []Computed
	// Empty is shown in lists for what has no value (NULL). Empty means "–".
	Empty   string
	List    List
	Form    Form
	Actions []Action
	// SoftDelete is the column that has the time at which a row was deleted, NULL for rows that were not. Then deleting puts a row into the trash: lists,
	// lookups and counts leave it out, and whoever may delete restores it from there or deletes it for good. Empty means that rows are deleted for good.
	SoftDelete string
	// BeforeSave and AfterSave are called for every row that is inserted, updated or deleted by a page, or by the table's own methods, in its transaction; see
	// Hooks in package sql. BeforeSave may change Saving.Values. An error takes the change back; a UserError or *Invalid is told to the person. Nil means
	// nothing to do.
	BeforeSave, AfterSave func(ctx context.Context, tx *sql.Tx, s *Saving) error
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

// Directory keeps uploaded files in a directory of this machine, which is made when it is not there. Close it after the Room.
func Directory(path string) (*files.Dir, error) { return files.Open(path) }

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

// Text is a value that is not NULL, such as BeforeSave puts into Saving.Values; Null is NULL.
func Text(s string) Value { return widgets.Text(s) }

// Null is the absence of a value.
func Null() Value { return widgets.Null() }

// StatWidget makes a card of one number, with a line of how it got there if it has one.
func StatWidget(name, label string, load func(ctx context.Context, in In) (Stat, error)) Widget {
	return pages.StatWidget(name, label, load)
}

// ChartWidget makes a card with a chart, drawn on the server; its figures stand below it as a table.
func ChartWidget(name, label string, load func(ctx context.Context, in In) (Chart, error)) Widget {
	return pages.ChartWidget(name, label, load)
}

// TableWidget makes a card with a small table.
func TableWidget(name, label string, load func(ctx context.Context, in In) (Board, error)) Widget {
	return pages.TableWidget(name, label, load)
}

// Col makes a computed column of a struct R whose fields name columns with `db:"…"` tags: it is read from the row, and f says what is shown.
func Col[R any](name string, f func(row *R) any) Computed {
	return Computed{Name: name, Bind: func(t *widgets.Table) ([]string, func(Fields) any, error) {
		if _, err := widgets.DecoderOf[R](t, nil); err != nil {
			return nil, nil, err
		}
		of := widgets.ColumnsOf[R]()
		decode, err := widgets.DecoderOf[R](t, of)
		if err != nil {
			return nil, nil, err
		}
		return of, func(row Fields) any {
			values := make([]widgets.Value, len(of))
			for i, name := range of {
				values[i] = row.Get(name)
			}
			r, err := decode(widgets.Row{Key: row.Key, Values: values})
			if err != nil {
				return nil // such as NULL for a field that cannot hold it: there is nothing to work out
			}
			return f(&r)
		}, nil
	}}
}
