package jobs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"greenroom/widgets"
)

// Action is something that people do to rows: a declaration, made runnable by On. It is a value and never changes once it is in use.
type Action struct {
	// Name is the word in addresses and logs; letters, digits, '-' and '_'.
	Name string
	// Label is what people read. Empty means the name as words: "refund_orders" is "Refund orders".
	Label string
	// Permissions and Permission must all be held; with none, whoever may see the rows may run it.
	Permissions []string
	Permission  string
	// Danger marks what cannot be undone.
	Danger bool
	// Confirm is asked before it starts; "{count}" becomes the number of rows. Empty means that nothing is asked, unless there are fields.
	Confirm string
	// MaxConcurrent is how many runs of the action on one table may be running at once. Zero means 1.
	MaxConcurrent int
	// DryRun says that the body asks Job.DryRun, or changes rows by Job.Tx only, so that people can be offered to try it without changing anything.
	DryRun bool
	// Unique says which runs of the action may be unfinished at once. Zero means that an action with Danger never has two with a row in common.
	Unique Unique
	// Resumable says that the body may be ended between two rows and begun again with the next one, which lets people pause it, and go on after a failure.
	// Such a body goes over its rows once, and keeps nothing from one row to the next that it could not do without.
	Resumable bool
	// Approval is the permission of a second person, who has to let each run of the action start: people ask for it, and it starts, as theirs, when somebody
	// else who holds this permission and those of the action approves. To try it (DryRun) needs no approval. Empty means that nobody is asked.
	Approval string
	// ApprovalWithin is how long that may take. Zero means 24 hours.
	ApprovalWithin time.Duration
	// CPU says that the body computes more than it waits. Of such bodies at most GOMAXPROCS-1 run at once, so that pages stay quick.
	CPU bool

	fields []Field
	parse  func(values map[string][]string) (any, *widgets.Invalid)
	run    func(ctx context.Context, j *Job) error
	err    error
}

// On makes the action run f. R is what a row is read into: widgets.Row, or a struct whose fields have `db:"column"` tags. In is the form that the
// person fills in before: a struct with `form` tags (see Action.Fields), struct{} for none.
//
//	jobs.On(jobs.Action{Name: "refund", Permission: "shop.refund"},
//		func(ctx context.Context, j *jobs.Job, rows jobs.Rows[Order], in Reason) error {
//			for order, err := range rows.All(ctx) {
//				if err != nil {
//					return err
//				}
//				…
//			}
//			return nil
//		})
//
// A body that returns nil after it went through all rows has succeeded. One that returns early because it was cancelled is cancelled; so is one that
// returns an error after a cancel. What is declared wrongly is told by Check.
func On[R, In any](a Action, f func(ctx context.Context, j *Job, rows Rows[R], in In) error) Action {
	form, err := formOf[In]()
	a.fields, a.parse = form.fields, form.parse
	a.err = errors.Join(a.err, err)
	a.run = func(ctx context.Context, j *Job) error {
		rows := Rows[R]{job: j}
		if j.source != nil {
			var err error
			if rows.decode, err = widgets.DecoderOf[R](j.source.Table(), nil); err != nil {
				return fmt.Errorf("jobs: action %q: %w", j.action.Name, err)
			}
		}
		in, _ := j.input.(In)
		return f(ctx, j, rows, in)
	}
	return a
}

var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// Check reports what is wrong with the declaration; an embedder's start-up calls it.
func (a Action) Check() error {
	switch {
	case !validName.MatchString(a.Name):
		return fmt.Errorf("jobs: action name %q: a name starts with a letter and has letters, digits, '-' and '_' only", a.Name)
	case a.run == nil:
		return fmt.Errorf("jobs: action %q has no body; make it with jobs.On", a.Name)
	case a.MaxConcurrent < 0:
		return fmt.Errorf("jobs: action %q: MaxConcurrent is negative", a.Name)
	case a.ApprovalWithin < 0:
		return fmt.Errorf("jobs: action %q: ApprovalWithin is negative", a.Name)
	case a.Approval != "" && secret(a.fields):
		return fmt.Errorf("jobs: action %q: it asks for a password, which would have to be stored until it is approved; drop the field or Approval", a.Name)
	case a.err != nil:
		return fmt.Errorf("jobs: action %q: %w", a.Name, a.err)
	}
	return nil
}

// Needs lists all permissions of the action.
func (a Action) Needs() []string {
	if a.Permission == "" {
		return a.Permissions
	}
	return append(slices.Clone(a.Permissions), a.Permission)
}

// Title is the Label, or the name as words.
func (a Action) Title() string {
	if a.Label != "" {
		return clip(clean(a.Label))
	}
	return words(a.Name)
}

// Question is Confirm with the number of rows, "" when nothing is to be asked.
func (a Action) Question(count int64) string {
	return strings.ReplaceAll(a.Confirm, "{count}", grouped(count))
}

// Fields are the inputs of the action's form in order.
func (a Action) Fields() []Field { return a.fields }

// Parse reads the form's values into the action's input type. Invalid names each field that is wrong and why.
func (a Action) Parse(values map[string][]string) (any, *widgets.Invalid) {
	if a.parse == nil {
		return nil, nil
	}
	return a.parse(values)
}

// words makes "Refund orders" of "refund_orders", "refund-orders" and "RefundOrders".
func words(name string) string {
	var b strings.Builder
	before := ' '
	all := []rune(name)
	for i, r := range all {
		switch {
		case r == '_' || r == '-':
			b.WriteRune(' ')
		case b.Len() == 0:
			b.WriteRune(unicode.ToUpper(r))
		case unicode.IsUpper(r) && unicode.IsLower(before):
			b.WriteRune(' ')
			if i+1 == len(all) || !unicode.IsUpper(all[i+1]) { // OrderID is "Order ID"
				r = unicode.ToLower(r)
			}
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}
