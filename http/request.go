package http

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"greenroom/widgets"
	"greenroom/widgets/lang"
	"greenroom/widgets/pages"
)

// request is what a handler works with: everything in it but ctx is a copy, and outlives the handler.
type request struct {
	ctx *fasthttp.RequestCtx
	// path and raw are the address as sent, still encoded.
	path, raw string
	route     *route
	params    params
	user      *widgets.User
	csrf      string
	decision  widgets.Decision
	// factor tells that the person who signed in has a second factor.
	factor bool
}

// Handle answers one request of the admin; a path outside it is answered 404. It is a fasthttp.RequestHandler.
func (g *Gate) Handle(ctx *Context) {
	if !g.enter() {
		unavailable(ctx)
		return
	}
	defer g.doing.Done()
	harden(ctx)
	if !g.named(ctx) {
		g.misnamed(ctx)
		return
	}
	if g.secure(ctx) {
		ctx.Response.Header.Set("Strict-Transport-Security", "max-age=31536000")
	}
	r := &request{ctx: ctx, path: string(ctx.URI().PathOriginal()), raw: string(ctx.URI().QueryString())}
	if r.path == g.site.Prefix {
		redirect(ctx, g.site.Prefix+"/", fasthttp.StatusMovedPermanently)
		return
	}
	below, ours := strings.CutPrefix(r.path, g.site.Prefix+"/")
	if !ours {
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	var slash bool
	r.route, r.params, slash = g.find(below)
	if slash && ctx.IsGet() {
		redirect(ctx, address(r.path+"/", r.raw), fasthttp.StatusMovedPermanently)
		return
	}
	if err := g.signedIn(r); err != nil {
		g.problem(r, err)
		return
	}
	switch {
	case r.route == nil && r.user == nil:
		g.toLogin(r) // whether an address exists is nobody's business before signing in
	case r.route == nil:
		g.problem(r, widgets.ErrNoRow)
	case !r.route.open && r.user == nil:
		g.toLogin(r)
	default:
		g.answer(r)
	}
}

// unguarded is what a superuser may open who has to have a second factor and has none: where it is set up, and the way out.
var unguarded = []string{"account/", "logout/", "socket", pages.SeeAsEnd}

// answer lets the guard decide, and serves.
func (g *Gate) answer(r *request) {
	if g.cfg.SecondFactor && r.user != nil && r.user.Person().Super && !r.factor && !r.route.open && !slices.Contains(unguarded, r.route.pattern) {
		if r.ctx.IsGet() && r.route.page != nil {
			redirect(r.ctx, g.site.Prefix+"/account/", fasthttp.StatusSeeOther)
		} else {
			g.problem(r, widgets.ErrDenied)
		}
		return
	}
	if r.params.model != "" {
		r.params.of = g.site.Model(r.params.app, r.params.model)
		if r.params.of == nil {
			g.problem(r, widgets.ErrNoRow)
			return
		}
		table := r.params.of.Source.Table()
		r.decision = g.guard.Decide(r.ctx, r.user, r.route.verb, widgets.Subject{Table: table})
		if !r.decision.Allow {
			g.problem(r, widgets.ErrDenied)
			return
		}
	}
	if r.route.serve != nil {
		r.route.serve(g, r)
		return
	}
	switch {
	case !r.takes("GET", "HEAD", "POST"):
	case r.ctx.IsPost():
		g.post(r)
	default:
		g.show(r)
	}
}

// signIn is the handle of the person's sign-in, "" before there is one.
func (r *request) signIn() string {
	if r.user == nil {
		return ""
	}
	return r.user.SessionID
}

// takes reports whether the request's method is one of these, and refuses it otherwise.
func (r *request) takes(methods ...string) bool {
	if slices.Contains(methods, string(r.ctx.Method())) {
		return true
	}
	r.ctx.Response.Header.Set("Allow", strings.Join(methods, ", "))
	r.ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
	return false
}

// in is where the page's widgets stand.
func (r *request) in(g *Gate) (widgets.In, error) {
	in := widgets.In{
		User: r.user, Prefix: g.site.Prefix, Path: r.path, Raw: r.raw, CSRF: r.csrf,
		Scope: r.decision.Rows, Hide: r.decision.Hide, ReadOnly: r.decision.ReadOnly,
		Language: g.language(r), Address: g.caller(r.ctx).String(),
	}
	if r.params.of != nil {
		in.Table = r.params.of.Source.Table()
	}
	if r.params.key != "" {
		key, err := widgets.ParseKey(r.params.key)
		if err != nil || len(key) != len(in.Table.Key) {
			return in, widgets.ErrNoRow
		}
		in.Key = key
	}
	return in, nil
}

// language is the one to answer in.
func (g *Gate) language(r *request) *lang.Language {
	chosen := ""
	if r.user != nil {
		chosen = r.user.Language
	}
	return g.site.Languages.Choose(chosen, string(r.ctx.Request.Header.Peek("Accept-Language")))
}

// redirect sends the browser to an address of this site, relative: fasthttp's own Redirect makes it absolute from the request's Host header and the
// scheme that it sees, which are not the browser's behind a proxy.
func redirect(ctx *fasthttp.RequestCtx, to string, status int) {
	ctx.Response.Header.Set("Location", to)
	ctx.SetStatusCode(status)
}

func address(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// toLogin sends somebody who did not sign in to the login page, and back afterwards.
func (g *Gate) toLogin(r *request) {
	if r.route != nil && r.route.pattern == "socket" {
		r.ctx.SetStatusCode(fasthttp.StatusUnauthorized)
		return
	}
	next := address(r.path, r.raw)
	if !r.ctx.IsGet() {
		next = g.site.Prefix + "/"
	}
	redirect(r.ctx, g.site.Prefix+"/login/?next="+url.QueryEscape(next), fasthttp.StatusSeeOther)
}

// harden sets the headers that every answer carries.
func harden(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "+
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types greenroom")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// enter counts a request or socket in, unless the gate is closing.
func (g *Gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return false
	}
	g.doing.Add(1)
	return true
}

// splitList cuts a header's list.
func splitList(line string) []string {
	parts := strings.Split(line, ",")
	for n := range parts {
		parts[n] = strings.TrimSpace(parts[n])
	}
	return parts
}

// unavailable answers somebody for whom there is no room now.
func unavailable(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("Retry-After", "5")
	ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
}

var errForm = errors.New("http: the form is not usable")

// background is the context of work that must not end with a request: fasthttp's own ends at the server's shutdown only, never when a person leaves.
func background() context.Context { return context.Background() }
