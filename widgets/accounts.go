package widgets

import (
	"context"
	"time"
)

// OpenSignIn is a living sign-in of somebody's.
type OpenSignIn struct {
	// Handle names it; Address is where it began, "" if that is not known.
	Handle, Address string
	Created, Seen   time.Time
}

// Keyring is what people do with their own account.
type Keyring interface {
	// ChangePassword sets a new password if old is the present one, and ends all other sign-ins. What is wrong is a UserError.
	ChangePassword(ctx context.Context, u *User, old, fresh string) error
	// SignIns are the user's living sign-ins, the newest first.
	SignIns(ctx context.Context, userID string) ([]OpenSignIn, error)
	// EndSignIns ends the sign-in of a handle, or with "" all but the one of except. Pages that are open under them end at once.
	EndSignIns(ctx context.Context, userID, handle, except string) (ended int, err error)
	// SetLanguage keeps the tag of the language that a user wants, "" for whatever the browser asks for.
	SetLanguage(ctx context.Context, userID, tag string) error
}

// Account is a user as somebody sees who manages them.
type Account struct {
	ID, Name             string
	Super, Active, Staff bool
	// Rights are the user's own, without those of their Groups.
	Groups, Rights []string
	// Seen is when a sign-in of theirs was last used, the zero time if none is left; SignIns is how many there are.
	Seen    time.Time
	SignIns int
}

// UserGroup is a set of rights that several users hold.
type UserGroup struct {
	Name            string
	Rights, Members []string
}

// Roster is what superusers do with everybody's accounts. What is wrong with the values is a UserError.
type Roster interface {
	Accounts(ctx context.Context) ([]Account, error)
	Groups(ctx context.Context) ([]UserGroup, error)
	// Create adds a user without rights; SetPassword ends their sign-ins.
	Create(ctx context.Context, name, password string) error
	SetPassword(ctx context.Context, name, password string) error
	// Change sets what kind of account a user has, and their rights and groups. Pages that are open under it are loaded anew, or end.
	Change(ctx context.Context, a Account) error
	// PutGroup makes a group, or gives it these rights; DropGroup removes one.
	PutGroup(ctx context.Context, name string, rights []string) error
	DropGroup(ctx context.Context, name string) error
}

// Factor is a person's second factor, as they see it themselves.
type Factor struct {
	// On tells that it is asked for at the sign-in; Codes is how many recovery codes are left.
	On    bool
	Codes int
	// Secret is set while a second factor was begun and not confirmed: what an authenticator is given, in base32, and the same as a QR code, which is the
	// path of an SVG of Side units.
	Secret, Picture string
	Side            int
}

// Factors is what people do with their own second factor: an authenticator's six digits, beside the password. What is wrong is a UserError.
type Factors interface {
	Factor(ctx context.Context, u *User) (Factor, error)
	// BeginFactor makes a secret; it holds once ConfirmFactor was given a code of it, which returns the recovery codes and ends all other sign-ins.
	BeginFactor(ctx context.Context, u *User, password string) error
	ConfirmFactor(ctx context.Context, u *User, code string) (recovery []string, err error)
	// RenewCodes replaces the recovery codes.
	RenewCodes(ctx context.Context, u *User, password string) (recovery []string, err error)
	EndFactor(ctx context.Context, u *User, password string) error
}
