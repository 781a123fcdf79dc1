package pages

import (
	"context"
	"errors"

	"greenroom/widgets"
)

// accountName is the name of the account page's main widget.
const accountName = "account"

// accountState is a person's own account. No password is ever part of it.
type accountState struct {
	View accountView
}

type accountView struct {
	CSRF, Name, Notice, Fault string
	SignIns                   []signInView
	Others                    bool
}

type signInView struct {
	Handle, Address, Created, Seen string
	Own                            bool
}

func (s *Site) accountURL() string { return s.Prefix + "/account/" }

// AccountPage builds the page of a person's own account.
func (s *Site) AccountPage(in widgets.In) (*widgets.Page, error) {
	if s.Keyring == nil {
		return nil, widgets.ErrNoRow
	}
	return &widgets.Page{Title: "Your account", Crumbs: s.crumbs(), Section: s.accountURL(), Main: s.account, In: in}, nil
}

var accountTemplate = must("account.html")

func (s *Site) accountWidget() widgets.Widget {
	return widgets.Widget{
		Name: accountName, Label: "Your account", Bare: true, Template: accountTemplate,
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return s.mountAccount(ctx, in, "", nil) },
		Events: map[string]widgets.Handler{
			"password": widgets.On(s.ownPassword),
			"revoke":   widgets.On(s.revokeOwn),
			"others":   widgets.On(s.revokeOthers),
		},
	}
}

// mountAccount draws the account anew: after a change with a notice, after a mistake with what was wrong.
func (s *Site) mountAccount(ctx context.Context, in widgets.In, notice string, wrong error) (*accountState, error) {
	v := accountView{CSRF: in.CSRF, Name: in.User.Name, Notice: notice}
	var said widgets.UserError
	if wrong != nil {
		if !errors.As(wrong, &said) {
			return nil, wrong
		}
		v.Fault, v.Notice = string(said), ""
	}
	all, err := s.Keyring.SignIns(ctx, in.User.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		own := one.Handle == in.User.SessionID
		v.Others = v.Others || !own
		v.SignIns = append(v.SignIns, signInView{one.Handle, firstOf(one.Address, "unknown"), one.Created.Format("2006-01-02 15:04"), one.Seen.Format("2006-01-02 15:04"), own})
	}
	return &accountState{v}, nil
}

type newPassword struct {
	Old   string `json:"old"`
	New   string `json:"new"`
	Again string `json:"again"`
}

func (s *Site) ownPassword(ctx context.Context, _ *accountState, e widgets.Event[newPassword]) (*accountState, error) {
	var err error
	if e.Payload.New != e.Payload.Again {
		err = widgets.UserError("The new password and its repetition differ.")
	} else {
		err = s.Keyring.ChangePassword(ctx, e.In.User, e.Payload.Old, e.Payload.New)
	}
	if err == nil {
		e.Toast("ok", "Your password was changed, and your other sign-ins ended.")
		e.Redirect(s.accountURL()) // a page that is loaded anew has no passwords in it
	}
	return s.mountAccount(ctx, e.In, "", err)
}

type oneSignIn struct {
	Handle string `json:"handle"`
}

func (s *Site) revokeOwn(ctx context.Context, _ *accountState, e widgets.Event[oneSignIn]) (*accountState, error) {
	if e.Payload.Handle == "" || e.Payload.Handle == e.In.User.SessionID {
		return nil, widgets.UserError("This is the sign-in that you use; sign out instead.")
	}
	n, err := s.Keyring.EndSignIns(ctx, e.In.User.ID, e.Payload.Handle, e.In.User.SessionID)
	notice := "The sign-in was ended."
	if n == 0 {
		notice = "It had ended already."
	}
	return s.mountAccount(ctx, e.In, notice, err)
}

func (s *Site) revokeOthers(ctx context.Context, _ *accountState, e widgets.Event[widgets.Form]) (*accountState, error) {
	n, err := s.Keyring.EndSignIns(ctx, e.In.User.ID, "", e.In.User.SessionID)
	return s.mountAccount(ctx, e.In, group(int64(n))+" other sign-ins were ended.", err)
}
