package http

import (
	"errors"
	"strings"

	"github.com/valyala/fasthttp"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// seeAs lets a sign-in see the admin as another person until seeAsOneself, or its own end. Its pages end, so that none is left with other rights than the
// next request has.
func (g *Gate) seeAs(r *request) {
	if !r.takes("POST") {
		return
	}
	fields, err := g.form(r)
	if err != nil {
		g.problem(r, err)
		return
	}
	ctx := g.acting(r)
	if !g.site.MaySeeAs(ctx, r.user) {
		g.problem(r, widgets.ErrDenied)
		return
	}
	reason := strings.Join(strings.Fields(first(fields, "reason")), " ")
	if reason == "" {
		g.problem(r, widgets.UserError("Say why you want to see the admin as somebody else: it is written down."))
		return
	}
	other, err := g.cfg.State.UserByName(ctx, first(fields, "name"))
	switch {
	case errors.Is(err, grsql.ErrNoUser):
		err = widgets.UserError("There is no user of that name any more.")
	case err == nil && !r.user.MaySeeAs(other.Widget("")):
		err = widgets.ErrDenied
	case err == nil && !(other.Active && other.Staff):
		err = widgets.UserError("This account may not use the admin, so there is nothing to see.")
	}
	if err == nil {
		err = g.cfg.State.SeeAs(ctx, g.readCookie(r.ctx, cookieName), other, reason)
	}
	if err != nil {
		g.problem(r, err)
		return
	}
	g.cfg.Sessions.ReloadSignIn(r.user.SessionID)
	redirect(r.ctx, g.site.Prefix+"/", fasthttp.StatusSeeOther)
}

// seeAsOneself ends what seeAs began.
func (g *Gate) seeAsOneself(r *request) {
	if !r.takes("POST") {
		return
	}
	if _, err := g.form(r); err != nil {
		g.problem(r, err)
		return
	}
	if err := g.cfg.State.SeeAsOneself(g.acting(r), g.readCookie(r.ctx, cookieName)); err != nil {
		g.problem(r, err)
		return
	}
	g.cfg.Sessions.ReloadSignIn(r.user.SessionID)
	to := g.site.Prefix + "/"
	if r.user.Behind != nil {
		to = g.site.UserURL(r.user.Name)
	}
	redirect(r.ctx, to, fasthttp.StatusSeeOther)
}
