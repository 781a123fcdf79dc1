package pages

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strings"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// The names of the main widgets of the pages about users and groups.
const (
	usersName  = "users"
	peopleName = "people"
	groupsName = "groups"
)

// usersState is the list of users, or one of them to be changed.
type usersState struct {
	View usersView
}

type usersView struct {
	CSRF, Path, Notice, Fault, Password string
	Manages                             bool // else people are looked for only, to see the admin as one of them
	Users                               []userRow
	One                                 *userForm
}

type userRow struct{ Name, URL, Status, Pill, Groups, Rights, Seen string }

type userForm struct {
	Name                string
	Super, Active, Self bool
	Staff               bool
	Groups              []selectOption
	Rights              string
	SignIns             string
	// SeeAs is where to begin to see the admin as the user, "" where the person may not; Audit leads to what others did meanwhile.
	SeeAs, Audit string
}

func (s *Site) usersURL() string  { return s.Prefix + "/users/" }
func (s *Site) groupsURL() string { return s.Prefix + "/groups/" }

func (s *Site) userURL(name string) string {
	return s.usersURL() + "?" + url.Values{"name": {name}}.Encode()
}

// manages tells whether a person may manage everybody's accounts: superusers only, whatever the Decider says, since whoever may give rights has them all.
func (s *Site) manages(u *widgets.User) bool {
	return s.Roster != nil && u != nil && u.ID != "" && u.Super
}

// UsersPage builds the page of all users, or with ?name= of one.
func (s *Site) UsersPage(in widgets.In) (*widgets.Page, error) {
	if !s.finds(context.Background(), in.User) {
		return nil, widgets.ErrDenied
	}
	page := &widgets.Page{Title: in.T("Users"), Crumbs: s.crumbs(in.Language), Section: s.usersURL(), Main: s.users, In: in}
	if !s.manages(in.User) {
		page.Main = s.people
	}
	if name := rawQuery(in.Raw).Get("name"); name != "" {
		page.Title, page.Crumbs = name, append(page.Crumbs, widgets.Crumb{Label: in.T("Users"), URL: s.usersURL()})
	}
	return page, nil
}

var (
	usersTemplate  = must("users.html")
	groupsTemplate = must("groups.html")
)

func (s *Site) usersWidget() widgets.Widget {
	return widgets.Widget{
		Name: usersName, Label: "Users", Bare: true, Template: usersTemplate, Styles: []string{seeingStyles},
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return s.mountUsers(ctx, in, "", nil) },
		Events: map[string]widgets.Handler{
			"add":      widgets.On(s.addUser),
			"save":     widgets.On(s.saveUser),
			"password": widgets.On(s.resetPassword),
			"sign-out": widgets.On(s.signOutUser),
		},
	}
}

// peopleWidget is the same page for who may only see the admin as others: nothing can be changed on it.
func (s *Site) peopleWidget() widgets.Widget {
	w := s.usersWidget()
	w.Name, w.Events = peopleName, nil
	return w
}

// mountUsers draws the page anew: after a change with a notice, after a mistake with what was wrong.
func (s *Site) mountUsers(ctx context.Context, in widgets.In, notice string, wrong error) (*usersState, error) {
	if !s.finds(ctx, in.User) {
		return nil, widgets.ErrDenied
	}
	v := usersView{CSRF: in.CSRF, Path: s.usersURL(), Manages: s.manages(in.User), Notice: in.Language.Late(notice)}
	if text, err := faultText(in.Language, wrong); err != nil {
		return nil, err
	} else if text != "" {
		v.Fault, v.Notice = text, ""
	}
	all, err := s.Roster.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	if name := rawQuery(in.Raw).Get("name"); name != "" {
		a, err := accountIn(all, name)
		if err != nil {
			return nil, err
		}
		v.One, err = s.userForm(ctx, in, a)
		return &usersState{v}, err
	}
	for _, a := range all {
		if !v.Manages {
			a.Rights, a.Groups = nil, nil // theirs to know who gives them
		}
		row := userRow{Name: a.Name, URL: s.userURL(a.Name), Status: in.T("active"), Pill: pill("ok"), Groups: strings.Join(a.Groups, ", "), Rights: strings.Join(a.Rights, " "), Seen: in.T("never")}
		switch {
		case !a.Active:
			row.Status, row.Pill = in.T("inactive"), pill("mute")
		case !a.Staff:
			row.Status, row.Pill = in.T("not staff"), pill("mute")
		case a.Super:
			row.Status, row.Pill, row.Rights = in.T("superuser"), pill("info"), in.T("everything")
		}
		if !a.Seen.IsZero() {
			row.Seen = in.Language.Time(a.Seen, lang.Minutes)
		}
		v.Users = append(v.Users, row)
	}
	return &usersState{v}, nil
}

// faultText is what a person is told of a mistake; any other error is passed on.
func faultText(l *lang.Language, err error) (string, error) {
	if text, ok := widgets.Said(err, l); ok {
		return text, nil
	}
	return "", err
}

func accountIn(all []widgets.Account, name string) (widgets.Account, error) {
	at := slices.IndexFunc(all, func(a widgets.Account) bool { return strings.EqualFold(a.Name, name) })
	if at < 0 {
		return widgets.Account{}, widgets.UserError("There is no user of that name any more.")
	}
	return all[at], nil
}

func (s *Site) userForm(ctx context.Context, in widgets.In, a widgets.Account) (*userForm, error) {
	f := &userForm{
		Name: a.Name, Super: a.Super, Active: a.Active, Staff: a.Staff, Self: themselves(in.User, a.ID), Rights: strings.Join(a.Rights, "\n"), SignIns: in.Language.Number(int64(a.SignIns)),
	}
	if s.MaySeeAs(ctx, in.User) && a.Active && a.Staff && in.User.MaySeeAs(&widgets.User{ID: a.ID, Super: a.Super}) {
		f.SeeAs = s.Prefix + "/" + SeeAsPath
	}
	if s.mayAudit(ctx, in.User) {
		f.Audit = s.auditURL() + "?" + url.Values{"as": {a.Name}}.Encode()
	}
	if !s.manages(in.User) {
		f.Rights = ""
		return f, nil
	}
	groups, err := s.Roster.Groups(ctx)
	for _, g := range groups {
		f.Groups = append(f.Groups, selectOption{g.Name, g.Name, slices.Contains(a.Groups, g.Name)})
	}
	return f, err
}

// managed is the user whom the page is about, if the person may manage users still.
func (s *Site) managed(ctx context.Context, in widgets.In) (widgets.Account, error) {
	if !s.manages(in.User) {
		return widgets.Account{}, widgets.ErrDenied
	}
	all, err := s.Roster.Accounts(ctx)
	if err != nil {
		return widgets.Account{}, err
	}
	return accountIn(all, rawQuery(in.Raw).Get("name"))
}

// addUser makes a user with a password that is shown once, and without rights.
func (s *Site) addUser(ctx context.Context, _ *usersState, e widgets.Event[widgets.Form]) (*usersState, error) {
	if !s.manages(e.In.User) {
		return nil, widgets.ErrDenied
	}
	name, password := strings.TrimSpace(e.Payload.Get("name")), rand.Text()[:16]
	err := s.Roster.Create(ctx, name, password)
	next, failed := s.mountUsers(ctx, e.In, "The user "+name+" was added, and may do nothing yet.", err)
	if failed == nil && err == nil {
		next.View.Password = password
	}
	return next, failed
}

func (s *Site) saveUser(ctx context.Context, _ *usersState, e widgets.Event[widgets.Form]) (*usersState, error) {
	a, err := s.managed(ctx, e.In)
	if err != nil {
		return nil, err
	}
	a.Super, a.Active, a.Staff = ticked(e.Payload.Get("super")), ticked(e.Payload.Get("active")), ticked(e.Payload.Get("staff"))
	a.Rights, a.Groups = strings.Fields(e.Payload.Get("rights")), slices.DeleteFunc(slices.Clone(e.Payload["groups"]), func(name string) bool { return name == "" })
	if themselves(e.In.User, a.ID) && !(a.Super && a.Active && a.Staff) {
		err = widgets.UserError("You cannot take this from yourself: another superuser has to.")
	} else {
		err = s.Roster.Change(ctx, a)
	}
	return s.mountUsers(ctx, e.In, "Saved. What changed holds at once.", err)
}

// resetPassword gives the user a new password, which is shown once.
func (s *Site) resetPassword(ctx context.Context, _ *usersState, e widgets.Event[widgets.Form]) (*usersState, error) {
	a, err := s.managed(ctx, e.In)
	if err != nil {
		return nil, err
	}
	password := rand.Text()[:16]
	if themselves(e.In.User, a.ID) {
		err = widgets.UserError("Your own password is changed on the page of your account.")
	} else {
		err = s.Roster.SetPassword(ctx, a.Name, password)
	}
	next, failed := s.mountUsers(ctx, e.In, a.Name+" has a new password and is signed out everywhere.", err)
	if failed == nil && err == nil {
		next.View.Password = password
	}
	return next, failed
}

func (s *Site) signOutUser(ctx context.Context, _ *usersState, e widgets.Event[widgets.Form]) (*usersState, error) {
	a, err := s.managed(ctx, e.In)
	if err != nil {
		return nil, err
	}
	if s.Keyring == nil {
		return nil, widgets.ErrDenied
	}
	n, err := s.Keyring.EndSignIns(ctx, a.ID, "", e.In.User.SessionID)
	return s.mountUsers(ctx, e.In, group(int64(n))+" sign-ins of "+a.Name+" were ended.", err)
}

// groupsState is the list of groups, each a form.
type groupsState struct {
	View groupsView
}

type groupsView struct {
	CSRF, Notice, Fault string
	Groups              []groupForm
}

type groupForm struct{ Name, Rights, Members string }

// GroupsPage builds the page of all groups.
func (s *Site) GroupsPage(in widgets.In) (*widgets.Page, error) {
	if !s.manages(in.User) {
		return nil, widgets.ErrDenied
	}
	return &widgets.Page{Title: in.T("Groups"), Crumbs: s.crumbs(in.Language), Section: s.groupsURL(), Main: s.groups, In: in}, nil
}

func (s *Site) groupsWidget() widgets.Widget {
	return widgets.Widget{
		Name: groupsName, Label: "Groups", Bare: true, Template: groupsTemplate,
		Mount:  func(ctx context.Context, in widgets.In) (any, error) { return s.mountGroups(ctx, in, "", nil) },
		Events: map[string]widgets.Handler{"save": widgets.On(s.saveGroup), "drop": widgets.On(s.dropGroup)},
	}
}

func (s *Site) mountGroups(ctx context.Context, in widgets.In, notice string, wrong error) (*groupsState, error) {
	if !s.manages(in.User) {
		return nil, widgets.ErrDenied
	}
	v := groupsView{CSRF: in.CSRF, Notice: in.Language.Late(notice)}
	if text, err := faultText(in.Language, wrong); err != nil {
		return nil, err
	} else if text != "" {
		v.Fault, v.Notice = text, ""
	}
	all, err := s.Roster.Groups(ctx)
	for _, g := range all {
		v.Groups = append(v.Groups, groupForm{g.Name, strings.Join(g.Rights, "\n"), firstOf(strings.Join(g.Members, ", "), in.T("nobody"))})
	}
	return &groupsState{v}, err
}

func (s *Site) saveGroup(ctx context.Context, _ *groupsState, e widgets.Event[widgets.Form]) (*groupsState, error) {
	if !s.manages(e.In.User) {
		return nil, widgets.ErrDenied
	}
	name := strings.TrimSpace(e.Payload.Get("name"))
	err := s.Roster.PutGroup(ctx, name, strings.Fields(e.Payload.Get("rights")))
	if err == nil {
		e.Toast("ok", "The group "+name+" was saved. What changed holds at once.")
		e.Redirect(s.groupsURL()) // the form for a new one is empty then
	}
	return s.mountGroups(ctx, e.In, "", err)
}

func (s *Site) dropGroup(ctx context.Context, _ *groupsState, e widgets.Event[widgets.Form]) (*groupsState, error) {
	if !s.manages(e.In.User) {
		return nil, widgets.ErrDenied
	}
	name := e.Payload.Get("name")
	err := s.Roster.DropGroup(ctx, name)
	return s.mountGroups(ctx, e.In, "The group "+name+" was removed; its members lost its rights.", err)
}
