package http

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"greenroom/session"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// Accounts is what people do with their own account, and superusers with everybody's: what the state keeps, the passwords' hashes, and the pages that
// are open under a sign-in.
type Accounts struct {
	state    *grsql.State
	sessions *session.Registry
	tries    *tries
	hashing  *Hashing
	issuer   string
}

var (
	_ widgets.Keyring = (*Accounts)(nil)
	_ widgets.Roster  = (*Accounts)(nil)
)

// NewAccounts makes an Accounts. issuer is the name of the admin in people's authenticators.
func NewAccounts(state *grsql.State, sessions *session.Registry, hashing *Hashing, issuer string) *Accounts {
	return &Accounts{state: state, sessions: sessions, tries: newTries(), hashing: hashing, issuer: strings.ReplaceAll(issuer, ":", " ")}
}

const (
	shortestPassword = 8
	longestPassword  = 1000 // bytes
)

// fit says what is wrong with a password.
func fit(password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < shortestPassword:
		return widgets.UserError("A password has at least 8 characters.")
	case len(password) > longestPassword:
		return widgets.UserError("This password is too long.")
	case slices.Contains(wellKnown, password):
		return widgets.UserError("Everybody tries this password first; take another.")
	}
	return nil
}

// ChangePassword implements widgets.Keyring.
func (a *Accounts) ChangePassword(ctx context.Context, u *widgets.User, old, fresh string) error {
	if err := fit(fresh); err != nil {
		return err
	}
	if err := a.isThem(ctx, u, old); err != nil {
		return err
	}
	if old == fresh {
		return widgets.UserError("The new password is the present one.")
	}
	hash, err := a.hashing.Hash(ctx, fresh)
	if err != nil {
		return err
	}
	ended, err := a.state.SetPassword(ctx, u.Name, hash, u.SessionID)
	a.end(ended)
	return plainly(err)
}

// end ends the pages that are open under sign-ins.
func (a *Accounts) end(handles []string) {
	for _, handle := range handles {
		a.sessions.EndSignIn(handle)
	}
}

// plainly tells people what is wrong with what they gave.
func plainly(err error) error {
	switch {
	case errors.Is(err, grsql.ErrNoUser):
		return widgets.UserError("There is no user of that name any more.")
	case errors.Is(err, grsql.ErrNoGroup):
		return widgets.UserError("There is no group of that name any more.")
	}
	return err
}

// SignIns implements widgets.Keyring.
func (a *Accounts) SignIns(ctx context.Context, userID string) ([]widgets.OpenSignIn, error) {
	return a.state.SignIns(ctx, userID)
}

// SetLanguage implements widgets.Keyring.
func (a *Accounts) SetLanguage(ctx context.Context, userID, tag string) error {
	return a.state.SetLanguage(ctx, userID, tag)
}

// EndSignIns implements widgets.Keyring.
func (a *Accounts) EndSignIns(ctx context.Context, userID, handle, except string) (int, error) {
	ended, err := a.state.EndSignIns(ctx, userID, handle, except)
	a.end(ended)
	return len(ended), err
}

// Accounts implements widgets.Roster.
func (a *Accounts) Accounts(ctx context.Context) ([]widgets.Account, error) {
	all, err := a.state.Accounts(ctx)
	out := make([]widgets.Account, len(all))
	for i, u := range all {
		out[i] = widgets.Account{ID: u.ID, Name: u.Name, Super: u.Super, Active: u.Active, Staff: u.Staff, Groups: u.Groups, Rights: u.Own, Seen: u.Seen, SignIns: u.SignIns}
	}
	return out, err
}

// Groups implements widgets.Roster.
func (a *Accounts) Groups(ctx context.Context) ([]widgets.UserGroup, error) {
	all, err := a.state.Groups(ctx)
	out := make([]widgets.UserGroup, len(all))
	for i, g := range all {
		out[i] = widgets.UserGroup(g)
	}
	return out, err
}

// Create implements widgets.Roster.
func (a *Accounts) Create(ctx context.Context, name, password string) error {
	if name = strings.TrimSpace(name); name == "" || strings.HasPrefix(name, "@") || strings.ContainsAny(name, "\r\n\x00") || len(name) > 200 {
		return widgets.UserError("A user needs a name of one line, which does not begin with @.")
	}
	if err := fit(password); err != nil {
		return err
	}
	_, err := a.state.UserByName(ctx, name)
	switch {
	case err == nil:
		return widgets.UserError("There is a user of that name already.")
	case !errors.Is(err, grsql.ErrNoUser):
		return err
	}
	hash, err := a.hashing.Hash(ctx, password)
	if err != nil {
		return err
	}
	return a.state.PutUser(ctx, grsql.User{Name: name, Password: hash})
}

// SetPassword implements widgets.Roster.
func (a *Accounts) SetPassword(ctx context.Context, name, password string) error {
	if err := fit(password); err != nil {
		return err
	}
	hash, err := a.hashing.Hash(ctx, password)
	if err != nil {
		return err
	}
	ended, err := a.state.SetPassword(ctx, name, hash, "")
	a.end(ended)
	return plainly(err)
}

// Change implements widgets.Roster.
func (a *Accounts) Change(ctx context.Context, u widgets.Account) error {
	if err := checkRights(u.Rights); err != nil {
		return err
	}
	open, err := a.state.SignIns(ctx, u.ID)
	if err != nil {
		return err
	}
	// Rights first: who is switched off has lost them by then, and a group that is gone keeps everything as it was.
	if err := a.state.SetUserRights(ctx, u.Name, u.Rights, u.Groups); err != nil {
		return plainly(err)
	}
	if err := a.state.SetUser(ctx, u.Name, u.Super, u.Active, u.Staff); err != nil {
		return plainly(err)
	}
	if !u.Active || !u.Staff {
		for _, one := range open {
			a.sessions.EndSignIn(one.Handle)
		}
	}
	if actor, _ := widgets.ActorOf(ctx); actor.UserID != u.ID {
		a.sessions.Reload(u.ID) // those of who sees the admin as them, too
	}
	return nil
}

func checkRights(words []string) error {
	for _, word := range words {
		if err := grsql.CheckRight(word); err != nil {
			return widgets.UserError(strings.TrimPrefix(err.Error(), "sql: "))
		}
	}
	return nil
}

// PutGroup implements widgets.Roster.
func (a *Accounts) PutGroup(ctx context.Context, name string, rights []string) error {
	if name = strings.TrimSpace(name); name == "" || strings.ContainsAny(name, "\r\n\x00") || len(name) > 200 {
		return widgets.UserError("A group needs a name of one line.")
	}
	if err := checkRights(rights); err != nil {
		return err
	}
	err := a.state.PutGroup(ctx, name, rights)
	if err == nil {
		err = a.reload(ctx, name)
	}
	return err
}

// DropGroup implements widgets.Roster.
func (a *Accounts) DropGroup(ctx context.Context, name string) error {
	members, err := a.members(ctx, name)
	if err != nil {
		return err
	}
	if err := a.state.DeleteGroup(ctx, name); err != nil {
		return plainly(err)
	}
	a.renew(members)
	return nil
}

func (a *Accounts) reload(ctx context.Context, group string) error {
	members, err := a.members(ctx, group)
	a.renew(members)
	return err
}

// members are the IDs of a group's users.
func (a *Accounts) members(ctx context.Context, group string) (ids []string, err error) {
	all, err := a.state.Accounts(ctx)
	for _, u := range all {
		if slices.ContainsFunc(u.Groups, func(name string) bool { return strings.EqualFold(name, group) }) {
			ids = append(ids, u.ID)
		}
	}
	return ids, err
}

func (a *Accounts) renew(ids []string) {
	for _, id := range ids {
		a.sessions.Reload(id)
	}
}
