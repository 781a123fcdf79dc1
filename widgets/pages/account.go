package pages

import (
	"context"
	"errors"

	"greenroom/widgets"
	"greenroom/widgets/lang"
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
	// Languages are offered where there is more than one.
	Languages []selectOption
	Factor    *factorView
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
	if in.User.Behind != nil {
		return nil, widgets.ErrDenied // neither account is this page's to change
	}
	return &widgets.Page{Title: in.T("Your account"), Crumbs: s.crumbs(in.Language), Section: s.accountURL(), Main: s.account, In: in}, nil
}

var accountTemplate = must("account.html")

func (s *Site) accountWidget() widgets.Widget {
	return widgets.Widget{
		Name: accountName, Label: "Your account", Bare: true, Template: accountTemplate,
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return s.mountAccount(ctx, in, "", nil) },
		Events: map[string]widgets.Handler{
			"password":       widgets.On(s.ownPassword),
			"revoke":         widgets.On(s.revokeOwn),
			"others":         widgets.On(s.revokeOthers),
			"factor-begin":   widgets.On(s.beginFactor),
			"factor-confirm": widgets.On(s.confirmFactor),
			"factor-codes":   widgets.On(s.renewCodes),
			"factor-end":     widgets.On(s.endFactor),
			"language":       widgets.On(s.ownLanguage),
		},
	}
}

// mountAccount draws the account anew: after a change with a notice, after a mistake with what was wrong.
func (s *Site) mountAccount(ctx context.Context, in widgets.In, notice string, wrong error) (*accountState, error) {
	if in.User.Behind != nil {
		return nil, widgets.ErrDenied
	}
	v := accountView{CSRF: in.CSRF, Name: in.User.Name, Notice: in.Language.Late(notice)}
	var said widgets.UserError
	if wrong != nil {
		if !errors.As(wrong, &said) {
			return nil, wrong
		}
		v.Fault, v.Notice = in.Language.Late(string(said)), ""
	}
	all, err := s.Keyring.SignIns(ctx, in.User.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		own := one.Handle == in.User.SessionID
		v.Others = v.Others || !own
		v.SignIns = append(v.SignIns, signInView{one.Handle, firstOf(one.Address, in.T("unknown")), in.Language.Time(one.Created, lang.Minutes), in.Language.Time(one.Seen, lang.Minutes), own})
	}
	if spoken := s.Languages.All(); len(spoken) > 1 {
		v.Languages = []selectOption{{"", in.T("As the browser asks for"), in.User.Language == ""}}
		for _, l := range spoken {
			v.Languages = append(v.Languages, selectOption{l.Tag(), l.Name(), in.User.Language == l.Tag()})
		}
	}
	v.Factor, err = s.factorView(ctx, in)
	return &accountState{v}, err
}

// ownLanguage keeps the language that the person chose. The page is loaded anew in it.
func (s *Site) ownLanguage(ctx context.Context, _ *accountState, e widgets.Event[widgets.Form]) (*accountState, error) {
	tag := e.Payload.Get("language")
	if tag != "" && s.Languages.Get(tag) == nil {
		return nil, widgets.ErrBadPayload
	}
	if err := s.Keyring.SetLanguage(ctx, e.In.User.ID, tag); err != nil {
		return nil, err
	}
	e.Redirect(s.accountURL())
	return s.mountAccount(ctx, e.In, "", nil)
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
