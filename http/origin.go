package http

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom/widgets/pages"
)

// Where a request came from, and under which name. Nothing else reads an address, a scheme or a host of a request.
//
//	peer ∉ Proxies ─► the connection's own address, TLS and Host
//	peer ∈ Proxies ─► X-Forwarded-For (the last address that is no proxy), X-Forwarded-Proto
//
// A server on loopback answers under loopback names and Config.Hosts only: a page of another site whose name was made to point to 127.0.0.1
// (DNS rebinding) is refused before anything else.

// caller is the address of whoever asks.
func (g *Gate) caller(ctx *fasthttp.RequestCtx) netip.Addr {
	peer := address4(ctx.RemoteAddr())
	if !g.proxied(peer) {
		return peer
	}
	hops := strings.Split(string(ctx.Request.Header.Peek("X-Forwarded-For")), ",")
	for _, hop := range slices.Backward(hops) {
		at, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break // what a proxy of ours did not write is not believed, nor what stands before it
		}
		if at = at.Unmap(); !g.proxied(at) {
			return at
		}
	}
	return peer
}

// address4 is an address without port; an IPv4 address is one however it is written.
func address4(addr net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.Addr{} // a listener of a test, or a Unix socket
	}
	return at.Addr().Unmap()
}

func (g *Gate) proxied(peer netip.Addr) bool {
	return slices.ContainsFunc(g.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// secure tells whether the browser's own connection is encrypted.
func (g *Gate) secure(ctx *fasthttp.RequestCtx) bool {
	if ctx.IsTLS() {
		return true
	}
	return g.proxied(address4(ctx.RemoteAddr())) && strings.EqualFold(string(ctx.Request.Header.Peek("X-Forwarded-Proto")), "https")
}

// hostOf is the request's host in lower case, without its port.
func hostOf(ctx *fasthttp.RequestCtx) string {
	host := strings.ToLower(string(ctx.Host()))
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

// loopback tells whether a host's name can only be this machine.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.Unmap().IsLoopback()
}

// named tells whether the admin may be asked for under the request's host.
func (g *Gate) named(ctx *fasthttp.RequestCtx) bool {
	host := hostOf(ctx)
	if slices.Contains(g.cfg.Hosts, host) {
		return true
	}
	local := address4(ctx.LocalAddr())
	if len(g.cfg.Hosts) > 0 || local.IsLoopback() {
		return loopback(host) && (local.IsLoopback() || !local.IsValid())
	}
	return true
}

// misnamed answers a request for a host that is not the admin's.
func (g *Gate) misnamed(ctx *fasthttp.RequestCtx) {
	host := hostOf(ctx)
	g.cfg.Log.Warn("host refused", "host", host, "caller", g.caller(ctx).String())
	g.fault(ctx, pages.ProblemData{
		Status: fasthttp.StatusMisdirectedRequest, Title: "Unknown host",
		Text: "This admin does not answer under the name that was asked for.",
		Hint: "Whoever runs it can allow the name: --host NAME, or Config.Hosts in a program.",
	})
}

// foreign tells whether a browser says that a request that changes something comes from a page of another origin.
func foreign(ctx *fasthttp.RequestCtx) bool {
	switch string(ctx.Request.Header.Peek("Sec-Fetch-Site")) {
	case "cross-site", "same-site":
		return true
	}
	origin := string(ctx.Request.Header.Peek("Origin"))
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != string(ctx.Host())
}

// private tells whether a sign-in may go over the request's connection: it is encrypted, or does not leave the machine, or somebody chose to risk it.
func (g *Gate) private(ctx *fasthttp.RequestCtx) bool {
	return g.cfg.Insecure || g.secure(ctx) || (loopback(hostOf(ctx)) && !g.proxied(address4(ctx.RemoteAddr())))
}

// cookie is the full name of a cookie of ours. Over an encrypted connection the prefix makes browsers refuse one that another host or plain HTTP set.
func (g *Gate) cookie(ctx *fasthttp.RequestCtx, name string) string {
	if g.secure(ctx) {
		return hostPrefix + name
	}
	return name
}

// readCookie is the value of a cookie of ours, "" if the browser sent none.
func (g *Gate) readCookie(ctx *fasthttp.RequestCtx, name string) string {
	return string(ctx.Request.Header.Cookie(g.cookie(ctx, name)))
}

// setCookie gives the browser a cookie; without an age it is kept until the browser is closed, and a negative one removes it.
func (g *Gate) setCookie(ctx *fasthttp.RequestCtx, name, value string, age time.Duration) {
	c := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(c)
	c.SetKey(g.cookie(ctx, name))
	c.SetValue(value)
	c.SetPath(g.site.Prefix + "/")
	if g.secure(ctx) {
		c.SetPath("/") // the prefix wants it
		c.SetSecure(true)
	}
	c.SetHTTPOnly(true)
	c.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	switch {
	case age > 0:
		c.SetMaxAge(int(age / time.Second))
	case age < 0:
		c.SetExpire(fasthttp.CookieExpireDelete)
	}
	ctx.Response.Header.SetCookie(c)
}
