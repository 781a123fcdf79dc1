package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom/session"
	"greenroom/widgets"
	"greenroom/widgets/pages"
)

// drawWithin bounds how long a page's HTML, or the answer to a posted form, may take.
const drawWithin = 15 * time.Second

// show answers a GET of a page: its actors are started, and the HTML carries the token by which the socket finds them.
func (g *Gate) show(r *request) {
	ctx, cancel := context.WithTimeout(background(), drawWithin)
	defer cancel()
	s, page, err := g.open(ctx, r)
	if err != nil {
		g.problem(r, err)
		return
	}
	g.document(r, page, s, g.cfg.Sessions.Flash(r.user.SessionID))
}

// post answers a form: it opens the page as a GET would, hands the fields to the widget as an event, and answers with where the handler wants
// to go, or with the page as it is then. The same handler serves the event when it comes over the socket.
func (g *Gate) post(r *request) {
	fields, err := g.form(r)
	if err != nil {
		g.problem(r, err)
		return
	}
	ctx, cancel := context.WithTimeout(background(), drawWithin)
	defer cancel()
	s, page, err := g.open(ctx, r)
	if err != nil {
		g.problem(r, err)
		return
	}
	slot, err := addressee(s, first(fields, "widget"))
	if err != nil {
		s.End(0, "")
		g.problem(r, err)
		return
	}
	reply, err := s.Post(ctx, slot, first(fields, "event"), fields)
	if err != nil {
		s.End(0, "")
		g.problem(r, err)
		return
	}
	if to := reply.Effects.Redirect; to != "" {
		s.End(0, "")
		g.cfg.Sessions.Keep(r.user.SessionID, reply.Effects.Toasts)
		redirect(r.ctx, to, fasthttp.StatusSeeOther)
		return
	}
	toasts := reply.Effects.Toasts
	if reply.Err != "" {
		toasts = append(toasts, widgets.Toast{Level: "error", Text: reply.Err})
	}
	g.document(r, page, s, toasts)
}

func first(fields map[string][]string, name string) string {
	if v := fields[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// addressee is the slot of the widget that a form names, the main one if it names none.
func addressee(s *session.Session, name string) (int, error) {
	for _, p := range s.Placed() {
		if (name == "" && p.Place == widgets.InMain) || (name != "" && p.Name == name) {
			return p.Slot, nil
		}
	}
	return 0, fmt.Errorf("%w: no widget %q on this page", errForm, name)
}

func (g *Gate) open(ctx context.Context, r *request) (*session.Session, *widgets.Page, error) {
	in, err := r.in(g)
	if err != nil {
		return nil, nil, err
	}
	page, err := r.route.page(g, in, r.params)
	if err != nil {
		return nil, nil, err
	}
	g.site.Furnish(page)
	s, err := g.cfg.Sessions.Open(ctx, page, in.Address)
	return s, page, err
}

func (g *Gate) document(r *request, page *widgets.Page, s *session.Session, flash []widgets.Toast) {
	html := s.Draw()
	drawn := make([]pages.Drawn, len(html))
	for n, p := range s.Placed() {
		drawn[n] = pages.Drawn{Placed: p, HTML: html[n]}
	}
	err := g.site.Document(r.ctx, pages.Document{
		Page: page, Widgets: drawn, Token: s.Token(), Socket: g.site.Prefix + "/socket",
		Assets: g.assets.links, User: r.user, CSRF: r.csrf, Flash: flash,
	})
	if err != nil {
		s.End(0, "")
		g.problem(r, fmt.Errorf("http: draw %s: %w", r.path, err))
		return
	}
	r.ctx.SetContentType("text/html; charset=utf-8")
}

// form reads a posted form whose CSRF token is right. It must be url-encoded and at most 1 MiB, which the server's limit holds.
func (g *Gate) form(r *request) (map[string][]string, error) {
	if foreign(r.ctx) {
		return nil, errCSRF
	}
	if !bytes.HasPrefix(r.ctx.Request.Header.ContentType(), []byte("application/x-www-form-urlencoded")) {
		return nil, fmt.Errorf("%w: send it as application/x-www-form-urlencoded", errForm)
	}
	fields := map[string][]string{}
	for name, value := range r.ctx.PostArgs().All() {
		fields[string(name)] = append(fields[string(name)], string(value))
	}
	if !sameText(first(fields, "csrf"), r.csrf) {
		return nil, errCSRF
	}
	return fields, nil
}

// problem answers with an error page: what a person can know, and an incident for everything else, which the log has with its cause.
func (g *Gate) problem(r *request, err error) {
	d := pages.ProblemData{Prefix: g.site.Prefix, Assets: g.assets.links, User: r.user, CSRF: r.csrf, Language: g.language(r)}
	var said widgets.UserError
	switch {
	case errors.As(err, &said):
		d.Status, d.Title, d.Text = fasthttp.StatusBadRequest, "That did not work", string(said)
	case errors.Is(err, widgets.ErrDenied):
		g.refused(r, "no permission")
		d.Status, d.Title, d.Text = fasthttp.StatusForbidden, "Not allowed", "You do not have permission to do that."
		d.Hint = "Somebody who manages this admin can give it to you."
	case errors.Is(err, pages.ErrTooLarge):
		d.Status, d.Title, d.Text = fasthttp.StatusRequestEntityTooLarge, "Too large", "The file is larger than this column takes. Nothing was saved."
	case errors.Is(err, errCSRF):
		g.refused(r, "the form was made for another sign-in, or by another site")
		d.Status, d.Title, d.Text = fasthttp.StatusForbidden, "The form expired", "It was made for another sign-in, or too long ago. Nothing was changed."
		d.Hint = "Go back, reload the page and send it again."
	case errors.Is(err, errTooLarge):
		d.Status, d.Title, d.Text = fasthttp.StatusRequestEntityTooLarge, "Too large", tooLarge
	case errors.Is(err, errForm), errors.Is(err, session.ErrFrame), errors.Is(err, widgets.ErrBadPayload):
		d.Status, d.Title, d.Text = fasthttp.StatusBadRequest, "The form could not be read", err.Error()
	case errors.Is(err, pages.ErrNotFound):
		d.Status, d.Title, d.Text = fasthttp.StatusNotFound, "Not found", pages.NotFoundText(err)
	case errors.Is(err, widgets.ErrNoRow):
		d.Status, d.Title, d.Text = fasthttp.StatusNotFound, "Not found", "There is nothing at this address, or it is not yours to see."
	case errors.Is(err, pages.ErrSwitchedOff):
		d.Status, d.Title, d.Text = fasthttp.StatusServiceUnavailable, "Not available", "This part of the admin could not start. The rest of it is not affected."
		d.Hint = "Whoever runs this admin finds the reason in the log."
	case errors.Is(err, session.ErrFull):
		d.Status, d.Title, d.Text = fasthttp.StatusServiceUnavailable, "Too many open pages", err.Error()
		r.ctx.Response.Header.Set("Retry-After", "30")
	case errors.Is(err, context.DeadlineExceeded):
		d.Status, d.Title, d.Text = fasthttp.StatusGatewayTimeout, "That took too long", "The page could not be drawn within "+drawWithin.String()+"."
	default:
		d.Status, d.Title, d.Text = fasthttp.StatusInternalServerError, "Something went wrong", "The server's log has the details."
	}
	if d.Status >= 500 && d.Status != fasthttp.StatusServiceUnavailable {
		d.Incident = widgets.Incident()
		g.cfg.Log.Error("request failed", "incident", d.Incident, "request", r.ctx.ID(), "session", r.signIn(), "method", string(r.ctx.Method()), "path", r.path, "err", err)
	}
	g.fault(r.ctx, d)
}

func (g *Gate) fault(ctx *fasthttp.RequestCtx, d pages.ProblemData) {
	ctx.SetStatusCode(d.Status)
	ctx.SetContentType("text/html; charset=utf-8")
	var out bytes.Buffer
	if err := g.site.Problem(&out, d); err != nil {
		g.cfg.Log.Error("error page failed", "err", err)
		ctx.SetContentType("text/plain; charset=utf-8")
		ctx.SetBodyString(strconv.Itoa(d.Status) + " " + d.Title)
		return
	}
	ctx.SetBody(out.Bytes())
}
