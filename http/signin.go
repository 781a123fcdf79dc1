package http

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	grsql "greenroom/sql"
	"greenroom/widgets"
	"greenroom/widgets/pages"
)

// The cookies: who signed in, and what a login form was made for.
const (
	cookieName      = "greenroom"
	hostPrefix      = "__Host-" // of a cookie that came over TLS
	loginCookieName = "greenroom_login"
	longestSignIn   = 14 * 24 * time.Hour
)

var errCSRF = errors.New("http: the form's csrf token is not this sign-in's")

// signedIn fills in who asks; a request without a living sign-in has no user. Only the store failing is an error.
func (g *Gate) signedIn(r *request) error {
	id := g.readCookie(r.ctx, cookieName)
	if id == "" {
		return nil
	}
	signIn, err := g.cfg.State.SignIn(background(), id)
	if errors.Is(err, grsql.ErrNoSignIn) {
		return nil
	}
	if err != nil {
		return err
	}
	now := time.Now()
	if now.After(signIn.Expires) {
		return nil
	}
	// Every use moves the end of an idle sign-in, at most once a minute and never past the longest.
	if moved := now.Add(g.cfg.SignedIn); moved.Sub(signIn.Expires) > time.Minute && moved.Before(signIn.Created.Add(longestSignIn)) {
		if err := g.cfg.State.TouchSignIn(background(), id, now, moved); err != nil {
			return err
		}
	}
	r.user = signIn.Widget()
	r.csrf = csrfOf(signIn.CSRF, r.user)
	r.factor = signIn.User.Factor
	return nil
}

// csrfOf is what forms of a seat carry: one that was drawn before its person saw the admin as another is not taken while they do.
func csrfOf(secret []byte, u *widgets.User) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("form"))
	if u.Behind != nil {
		mac.Write([]byte(" as " + u.ID))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func sameText(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// login shows the form and takes it. There are no actors before the sign-in.
func (g *Gate) login(r *request) {
	ctx := r.ctx
	next := g.local(string(ctx.QueryArgs().Peek("next")))
	switch {
	case ctx.IsPost():
		g.signIn(r)
	case r.user != nil && ctx.IsGet():
		redirect(ctx, next, fasthttp.StatusSeeOther)
	default:
		d := pages.LoginData{Next: next, SignedOut: ctx.QueryArgs().Has("out")}
		if !g.private(ctx) {
			d.Error = notPrivate
		}
		g.loginForm(r, d, fasthttp.StatusOK)
	}
}

const notPrivate = "This connection is not encrypted, so nobody can sign in over it. Use the address that begins with https. " +
	"Whoever runs this admin behind a proxy has to name the proxy (--trust-proxy)."

func (g *Gate) loginForm(r *request, d pages.LoginData, status int) {
	token := g.readCookie(r.ctx, loginCookieName)
	if len(token) < 20 {
		token = rand.Text()
		g.setCookie(r.ctx, loginCookieName, token, 0)
	}
	d.CSRF, d.Prefix, d.Assets, d.Language = token, g.site.Prefix, g.assets.links, g.language(r)
	d.Error = d.Language.Late(d.Error)
	var out bytes.Buffer
	if err := g.site.Login(&out, d); err != nil {
		g.problem(r, err)
		return
	}
	r.ctx.SetStatusCode(status)
	r.ctx.SetContentType("text/html; charset=utf-8")
	r.ctx.SetBody(out.Bytes())
}

// signIn checks name and password. What is wrong is told without saying which; too many failures have to wait.
func (g *Gate) signIn(r *request) {
	args := r.ctx.PostArgs()
	name, password := string(args.Peek("username")), string(args.Peek("password"))
	d := pages.LoginData{Username: name, Next: g.local(string(args.Peek("next")))}
	if !g.private(r.ctx) {
		d.Error = notPrivate
		g.loginForm(r, d, fasthttp.StatusForbidden)
		return
	}
	if !sameText(string(args.Peek("csrf")), g.readCookie(r.ctx, loginCookieName)) {
		g.refused(r, "the sign-in form was not made for this browser")
		d.Error = "The form had expired. Please sign in again."
		g.loginForm(r, d, fasthttp.StatusForbidden)
		return
	}
	if args.Has("pending") {
		g.signInByCode(r, d)
		return
	}
	if name == "" || password == "" {
		d.Error = "Enter your user name and your password."
		g.loginForm(r, d, fasthttp.StatusUnprocessableEntity)
		return
	}
	caller := g.caller(r.ctx).String()
	user, err := g.cfg.State.UserByName(background(), name)
	if err != nil && !errors.Is(err, grsql.ErrNoUser) {
		g.problem(r, err)
		return
	}
	if wait := g.tries.begin(name, caller); wait > 0 {
		d.Error = "Too many attempts. Try again in " + wait.Round(time.Second).String() + "."
		g.loginForm(r, d, fasthttp.StatusTooManyRequests)
		return
	}
	fits, err := g.cfg.Hashing.Fits(g.life, user.Password, password) // takes as long for a user who does not exist
	if err != nil {
		g.tries.takeBack(name, caller)
		d.Error = string(errBusy)
		r.ctx.Response.Header.Set("Retry-After", "5")
		g.loginForm(r, d, fasthttp.StatusServiceUnavailable)
		return
	}
	if !fits {
		g.failedSignIn(user, caller, "the password was wrong")
		d.Error = "User name or password is wrong."
		g.loginForm(r, d, fasthttp.StatusUnauthorized)
		return
	}
	g.tries.succeeded(name, caller)
	ctx := widgets.WithActor(background(), widgets.Actor{UserID: user.ID, User: user.Name, Address: caller})
	if !user.Active || !user.Staff { // said only to who knows the password
		g.failedSignIn(user, caller, "the account may not use the admin")
		d.Error = "This account may not use the admin. Ask whoever manages it."
		g.loginForm(r, d, fasthttp.StatusForbidden)
		return
	}
	factor, err := g.cfg.State.Factor(ctx, user.ID)
	if err == nil && factor.Confirmed {
		d.Pending, err = g.pending(user, g.readCookie(r.ctx, loginCookieName))
	}
	switch {
	case err != nil:
		g.problem(r, err)
	case d.Pending != "":
		g.loginForm(r, d, fasthttp.StatusOK)
	default:
		g.enterAs(ctx, r, user, d.Next)
	}
}

// signInByCode takes the second factor of somebody whose password was right.
func (g *Gate) signInByCode(r *request, d pages.LoginData) {
	args := r.ctx.PostArgs()
	word := string(args.Peek("pending"))
	user, ok, err := g.pendingUser(word, g.readCookie(r.ctx, loginCookieName))
	switch {
	case err != nil:
		g.problem(r, err)
		return
	case !ok || !user.Active || !user.Staff:
		d.Error = "That took too long. Please sign in again."
		g.loginForm(r, d, fasthttp.StatusForbidden)
		return
	}
	caller := g.caller(r.ctx).String()
	d.Pending, d.Username = word, user.Name
	// Counted apart from passwords: who knows the password must not be able to have these forgotten.
	account, from := "code "+user.ID, "code "+caller
	if wait := g.tries.begin(account, from); wait > 0 {
		d.Error = string(tooMany(wait))
		g.loginForm(r, d, fasthttp.StatusTooManyRequests)
		return
	}
	ctx := widgets.WithActor(background(), widgets.Actor{UserID: user.ID, User: user.Name, Address: caller})
	fits, err := g.codeFits(ctx, user, string(args.Peek("code")))
	if err != nil {
		g.problem(r, err)
		return
	}
	if !fits {
		g.failedSignIn(user, caller, "the password was right, the code of the second factor was not")
		d.Error = "This code is wrong, or was used already. Wait for the next one."
		g.loginForm(r, d, fasthttp.StatusUnauthorized)
		return
	}
	g.tries.succeeded(account, from)
	g.enterAs(ctx, r, user, d.Next)
}

// enterAs signs a user in, who has shown everything that was asked for.
func (g *Gate) enterAs(ctx context.Context, r *request, user grsql.User, next string) {
	id, err := g.cfg.State.CreateSignIn(ctx, user.ID, time.Now().Add(g.cfg.SignedIn))
	if err != nil {
		g.problem(r, err)
		return
	}
	if old := g.readCookie(r.ctx, cookieName); old != "" {
		_ = g.cfg.State.DeleteSignIn(ctx, old) // a sign-in never outlives the next one in the same browser
	}
	g.setCookie(r.ctx, cookieName, id, longestSignIn)
	g.setCookie(r.ctx, loginCookieName, "", -1)
	redirect(r.ctx, next, fasthttp.StatusSeeOther)
}

// failedSignIn writes down that somebody could not sign in. What was typed as a name stands there only if somebody has it: it may have been the password.
func (g *Gate) failedSignIn(user grsql.User, caller, why string) {
	l := widgets.AuditLine{Deed: widgets.DeedSignInFailed, Actor: widgets.Actor{UserID: user.ID, User: user.Name, Address: caller}, Text: why}
	if user.ID == "" {
		l.Text = "nobody has the name that was given"
	}
	if _, err := g.cfg.State.Note(background(), l); err != nil {
		g.cfg.Log.Error("a failed sign-in is not in the audit", "caller", caller, "err", err)
	}
}

// acting is the context of what is done for whoever asks.
func (g *Gate) acting(r *request) context.Context {
	return widgets.WithActor(background(), widgets.In{User: r.user, Address: g.caller(r.ctx).String(), Hide: r.decision.Hide}.Actor())
}

// refused writes down what a request was refused for; why says what the answer's reason was.
func (g *Gate) refused(r *request, why string) {
	l := widgets.AuditLine{Text: string(r.ctx.Method()) + " " + r.path + ": " + why}
	if r.params.of != nil {
		l.Table, l.Key = r.params.of.Source.Table().ID(), r.params.key
	}
	if err := g.site.Refused(g.acting(r), l); err != nil {
		g.cfg.Log.Error("a refusal is not in the audit", "path", r.path, "err", err)
	}
}

// logout ends the sign-in and at once every page that is open under it.
func (g *Gate) logout(r *request) {
	if !r.ctx.IsPost() {
		r.ctx.Response.Header.Set("Allow", "POST")
		g.problem(r, widgets.UserError("Signing out is a button, not a link: use the one in the menu."))
		r.ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
		return
	}
	if _, err := g.form(r); err != nil {
		g.problem(r, err)
		return
	}
	if err := g.cfg.State.DeleteSignIn(g.acting(r), g.readCookie(r.ctx, cookieName)); err != nil {
		g.problem(r, err)
		return
	}
	g.cfg.Sessions.EndSignIn(r.user.SessionID)
	g.setCookie(r.ctx, cookieName, "", -1)
	redirect(r.ctx, g.site.Prefix+"/login/?out", fasthttp.StatusSeeOther)
}

// local returns next if it is an address of this admin, else the dashboard: a login page must not send anybody elsewhere.
func (g *Gate) local(next string) string {
	home := g.site.Prefix + "/"
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.ContainsAny(next, "\\\r\n\t") ||
		!strings.HasPrefix(u.EscapedPath(), home) || strings.Contains(u.EscapedPath(), "//") {
		return home
	}
	return next
}
