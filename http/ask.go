package http

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/valyala/fasthttp"

	"greenroom/console"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// mostAsked bounds a question of a console, in bytes.
const mostAsked = 64 << 10

// ask answers greenroom console over the network: a console.Request in, a console.Reply out. It takes a token in place of a sign-in, which may do what its
// user may and no more; and only over a connection that nobody listens to, as a sign-in does. A browser never sends one by itself, so there is nothing for
// another site to make use of.
func (g *Gate) ask(r *request) {
	if !r.takes("POST") {
		return
	}
	refuse := func(code int, text string) {
		r.ctx.SetStatusCode(code)
		g.reply(r, console.Reply{Error: text})
	}
	text, bearer := strings.CutPrefix(string(r.ctx.Request.Header.Peek("Authorization")), "Bearer ")
	switch {
	case g.site.Console == nil:
		refuse(fasthttp.StatusNotFound, "This admin has no console.")
		return
	case !g.private(r.ctx):
		refuse(fasthttp.StatusForbidden, "A token is taken over TLS only, or from this machine.")
		return
	case !bearer || text == "":
		refuse(fasthttp.StatusUnauthorized, "Say which token: Authorization: Bearer …")
		return
	}
	ctx := background()
	u, id, err := g.cfg.State.TokenUser(ctx, text)
	switch {
	case errors.Is(err, grsql.ErrNoToken), errors.Is(err, grsql.ErrNoUser):
		g.cfg.Log.Warn("a console's token was refused", "address", g.caller(r.ctx).String())
		refuse(fasthttp.StatusUnauthorized, "This token does not exist, has expired or was revoked.")
		return
	case err != nil:
		g.problem(r, err)
		return
	}
	var q console.Request
	body := r.ctx.PostBody()
	if len(body) > mostAsked || json.Unmarshal(body, &q) != nil {
		refuse(fasthttp.StatusBadRequest, "The request is no JSON object of the kind that greenroom console sends.")
		return
	}
	by := u.Widget("")
	as := widgets.Actor{UserID: by.ID, User: by.Name, SignIn: "token " + id, Address: g.caller(r.ctx).String()}
	g.reply(r, g.site.Console.Answer(widgets.WithActor(ctx, as), by, q))
}

func (g *Gate) reply(r *request, answer console.Reply) {
	body, err := json.Marshal(answer)
	if err != nil {
		g.problem(r, err)
		return
	}
	r.ctx.SetContentType("application/json")
	r.ctx.Response.Header.Set("Cache-Control", "no-store")
	r.ctx.SetBody(body)
}
