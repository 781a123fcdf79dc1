package widgets

// SeeAs is the permission to see the admin as another person, which superusers have.
const SeeAs = "users.impersonate"

// MaySeeAs reports whether the user may see the admin as another: never as a superuser who is none, and not while they see it as somebody already.
func (u *User) MaySeeAs(other *User) bool {
	return u.Has(SeeAs) && u.Behind == nil && u.ID != other.ID && (u.Super || !other.Super)
}

// SeenBy is the user as who sees the admin as them: with no right that either lacks, under the sign-in and in the language of who is behind.
func (u *User) SeenBy(behind *User) *User {
	seen := *u
	seen.Behind, seen.SessionID, seen.Language = behind, behind.SessionID, behind.Language
	seen.Super = u.Super && behind.Super
	return &seen
}

// Person is who sits there: Behind, or the user themselves.
func (u *User) Person() *User {
	if u != nil && u.Behind != nil {
		return u.Behind
	}
	return u
}

// Called is what others are told of the user: "ann", or "ann as ben" where ann sees the admin as ben.
func (u *User) Called() string {
	if u.Behind != nil {
		return u.Behind.Name + " as " + u.Name
	}
	return u.Name
}

// Seat tells apart what a sign-in may do before, while and after its person sees the admin as another. Pages and forms made under one seat are not
// served under the next.
func (u *User) Seat() string {
	if u.Behind != nil {
		return u.SessionID + " as " + u.ID
	}
	return u.SessionID
}
