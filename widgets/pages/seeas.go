package pages

import (
	"context"

	"greenroom/widgets"
)

// SeeAsPath is where a person begins to see the admin as another, and SeeAsEnd where they end it, both below the root and by POST.
const (
	SeeAsPath = "see-as/"
	SeeAsEnd  = "see-as/end/"
)

// seeingStyles is in the client's folder later.
const seeingStyles = "seeing.css"

// seeingView is the banner of a person who sees the admin as another.
type seeingView struct{ Person, Other, End, CSRF string }

// seeing is nil for who sees the admin as themselves.
func (s *Site) seeing(u *widgets.User, csrf string) *seeingView {
	if u == nil || u.Behind == nil {
		return nil
	}
	return &seeingView{Person: u.Behind.Name, Other: u.Name, End: s.Prefix + "/" + SeeAsEnd, CSRF: csrf}
}

// MaySeeAs reports whether a person may see the admin as others at all.
func (s *Site) MaySeeAs(ctx context.Context, u *widgets.User) bool {
	return s.Roster != nil && u.Has(widgets.SeeAs) && u.Behind == nil &&
		s.Decider.Decide(ctx, u, widgets.View, widgets.Subject{Permissions: []string{widgets.SeeAs}}).Allow
}

// finds tells whether a person may open the page of all users: to manage them, or to see the admin as one of them.
func (s *Site) finds(ctx context.Context, u *widgets.User) bool {
	return s.manages(u) || s.MaySeeAs(ctx, u)
}

// UserURL is the page of one user.
func (s *Site) UserURL(name string) string { return s.userURL(name) }

// themselves tells whether an account is that of who sits there, or of whom they see the admin as: neither is changed in passing.
func themselves(u *widgets.User, id string) bool { return id == u.ID || id == u.Person().ID }
