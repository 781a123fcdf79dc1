package widgets

import (
	"context"
	"slices"
	"strings"
)

// User is who looks at a page. The zero User is nobody.
type User struct {
	ID    string
	Name  string
	Super bool // may do everything
	// Rights are permissions, such as "main.view_orders", and patterns, in which '*' stands for any characters: "*.view_*", "jobs.*".
	Rights    []string
	SessionID string // of the sign-in, not of the page
	// Language is the tag of the one that the person chose, "" for whatever the browser asks for.
	Language string
	// Behind is who sees the admin as this user, as they are themselves; nil for who is nobody but themselves. What is allowed is what both may.
	Behind *User
}

// Has reports whether the user holds a permission, such as "main.view_orders"; and so does who is Behind them.
func (u *User) Has(permission string) bool {
	if u == nil || u.ID == "" {
		return false
	}
	holds := u.Super || slices.ContainsFunc(u.Rights, func(right string) bool { return covers(right, permission) })
	return holds && (u.Behind == nil || u.Behind.Has(permission))
}

// covers tells whether a right is a permission's word or a pattern that fits it.
func covers(right, permission string) bool {
	head, rest, pattern := strings.Cut(right, "*")
	if !pattern {
		return right == permission
	}
	if !strings.HasPrefix(permission, head) {
		return false
	}
	permission = permission[len(head):]
	for {
		var part string
		part, rest, pattern = strings.Cut(rest, "*")
		if !pattern {
			return strings.HasSuffix(permission, part)
		}
		at := strings.Index(permission, part)
		if at < 0 {
			return false
		}
		permission = permission[at+len(part):]
	}
}

// HasAll reports whether the user holds every one of permissions; with none it is true for anybody who signed in.
func (u *User) HasAll(permissions []string) bool {
	if u == nil || u.ID == "" {
		return false
	}
	for _, p := range permissions {
		if !u.Has(p) {
			return false
		}
	}
	return true
}

// Verb is what somebody wants to do with a table's rows.
type Verb string

// The verbs; a permission's word is {app}.{verb}_{model}.
const (
	View   Verb = "view"
	Add    Verb = "add"
	Edit   Verb = "change"
	Delete Verb = "delete"
)

// Permission is the word for a verb on a table: "main.view_orders".
func Permission(v Verb, t *Table) string { return t.App + "." + string(v) + "_" + t.Name }

// Subject is what a decision is about: a table, perhaps one row of it, or an action's or widget's permissions.
type Subject struct {
	Table *Table
	Key   Key
	// Permissions must all be held, besides the verb's own when there is a Table.
	Permissions []string
}

// Decision is the answer. The zero Decision denies.
type Decision struct {
	Allow bool
	// Rows narrows what may be seen or touched; the zero Filter means every row.
	Rows Filter
	// Hide and ReadOnly name columns.
	Hide, ReadOnly []string
}

// Decider makes every decision of the admin, for HTTP and socket alike: may I see, may I run, which rows, which fields. It must be safe for
// concurrent use and quick: it is asked at each event.
type Decider interface {
	Decide(ctx context.Context, u *User, v Verb, on Subject) Decision
}
