package widgets

import (
	"context"
	"slices"
	"time"
)

// Actor is on whose behalf something is done. It travels in the context of handlers and jobs, and stands in every line of the audit.
type Actor struct {
	// UserID and User are who; SignIn is the sign-in's handle, Address where the browser is.
	UserID, User, SignIn, Address string
	// AsID and As are whom the person saw the admin as meanwhile, and whose rights it was done with; "" for themselves.
	AsID, As string
	// Via is by which action, "" for what a person does at a form.
	Via string
	// Hide are columns that the person may not see: their values are not written down.
	Hide []string
}

type actorKey struct{}

// WithActor says on whose behalf things are done under the context.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is on whose behalf things are done; ok is false where that is nobody's but the program's.
func ActorOf(ctx context.Context) (a Actor, ok bool) {
	a, ok = ctx.Value(actorKey{}).(Actor)
	return a, ok
}

// Actor is who looks at the page, from where.
func (in In) Actor() Actor {
	a := Actor{Address: in.Address, Hide: slices.Clone(in.Hide)}
	if in.User != nil {
		who := in.User.Person()
		a.UserID, a.User, a.SignIn = who.ID, who.Name, in.User.SessionID
		if in.User.Behind != nil {
			a.AsID, a.As = in.User.ID, in.User.Name
		}
	}
	return a
}

// Deed is what a line of the audit is about.
type Deed string

// The deeds.
const (
	DeedSignIn       Deed = "sign-in"
	DeedSignInFailed Deed = "sign-in-failed"
	DeedSignOut      Deed = "sign-out"
	DeedRefused      Deed = "refused"
	DeedCreate       Deed = "create"
	DeedChange       Deed = "change"
	DeedDelete       Deed = "delete"
	DeedAction       Deed = "action"
	DeedApproval     Deed = "approval"
	DeedCancel       Deed = "cancel"
	DeedAccount      Deed = "account"
	DeedSeeAs        Deed = "see-as"
	DeedExport       Deed = "export"
)

// Deeds lists them all, in the order in which a menu shows them.
func Deeds() []Deed {
	return []Deed{DeedSignIn, DeedSignInFailed, DeedSignOut, DeedRefused, DeedCreate, DeedChange, DeedDelete, DeedAction, DeedApproval, DeedCancel, DeedAccount, DeedSeeAs, DeedExport}
}

// AuditLine is one line of the audit: who did what, when and from where.
type AuditLine struct {
	// ID grows with each line; At is when it was written. Both are the Audit's to set.
	ID int64
	At time.Time
	Deed
	// Actor is taken from the context where the line has none.
	Actor
	// Table is a Table.ID and Key a Key.String, each "" where the line is about no table or no single row.
	Table, Key string
	// Text says in words what the rest does not.
	Text string
	// Fields are the row's values before and after.
	Fields []AuditField
	// Undone is why the deed did not happen after all, "" where it did.
	Undone string
}

// AuditField is a column's value before and after, NULL where there was none.
type AuditField struct {
	Column   string
	Old, New Value
	// Kept says what of the values stands here.
	Kept Kept
}

// Kept is how much of a value the audit keeps.
type Kept string

// What is kept: whole values, their beginnings, the sizes of bytes, or nothing of secrets.
const (
	KeptWhole  Kept = ""
	KeptPart   Kept = "part"
	KeptSize   Kept = "size"
	KeptMasked Kept = "masked"
)

// AuditQuery says which lines are wanted; empty fields do not narrow. User is who did it, As whom they saw the admin as meanwhile.
type AuditQuery struct {
	User, As, Table, Key string
	Deed                 Deed
	// From and To bound the time, To exclusively.
	From, To time.Time
	// Before is the ID of the last line of the page before; 0 means the newest lines.
	Before int64
	// Limit is how many lines are wanted; 0 means 50.
	Limit int
}

// Audit keeps what was done. Lines are written before what they tell of is committed, and are never changed: a deed that failed afterwards gets a remark.
type Audit interface {
	// Note writes lines, all or none, and returns the ID of the first; the others follow it. Refusals and failed sign-ins beyond what a bound allows
	// are only counted; then the ID is 0.
	Note(ctx context.Context, lines ...AuditLine) (first int64, err error)
	// Undo remarks that the n lines from first on tell of what did not happen.
	Undo(ctx context.Context, first int64, n int, why string) error
	// Lines returns the newest lines first.
	Lines(ctx context.Context, q AuditQuery) ([]AuditLine, error)
}
