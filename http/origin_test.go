package http

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// asked is a request as the gate gets it.
func asked(t *testing.T, peer, local string, headers ...string) *fasthttp.RequestCtx {
	t.Helper()
	var req fasthttp.Request
	req.SetRequestURI("/admin/")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	at := func(text string) net.Addr {
		addr, err := net.ResolveTCPAddr("tcp", text)
		if err != nil {
			t.Fatal(err)
		}
		return addr
	}
	ctx := &fasthttp.RequestCtx{}
	ctx.Init2(ends{at(local), at(peer)}, nil, false)
	req.CopyTo(&ctx.Request)
	return ctx
}

// ends is a connection that has two ends and nothing else.
type ends struct{ local, remote net.Addr }

func (e ends) LocalAddr() net.Addr  { return e.local }
func (e ends) RemoteAddr() net.Addr { return e.remote }

// The rest of net.Conn is not asked for here.
func (ends) Read([]byte) (int, error)  { return 0, net.ErrClosed }
func (ends) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (ends) Close() error              { return nil }

func (ends) SetDeadline(time.Time) error      { return nil }
func (ends) SetReadDeadline(time.Time) error  { return nil }
func (ends) SetWriteDeadline(time.Time) error { return nil }

func gateFor(hosts []string, proxies ...string) *Gate {
	g := &Gate{cfg: Config{Hosts: hosts, Log: slog.New(slog.DiscardHandler)}, site: sitePrefix("/admin")}
	for _, p := range proxies {
		g.cfg.Proxies = append(g.cfg.Proxies, netip.MustParsePrefix(p))
	}
	return g
}

func TestOnlyAProxyOfOursIsBelieved(t *testing.T) {
	for _, c := range []struct {
		peer, forwarded string
		proxies         []string
		want            string
	}{
		{"203.0.113.7:1", "1.1.1.1", nil, "203.0.113.7"},
		{"203.0.113.7:1", "1.1.1.1", []string{"10.0.0.0/8"}, "203.0.113.7"},
		{"10.0.0.2:1", "203.0.113.7", []string{"10.0.0.0/8"}, "203.0.113.7"},
		{"10.0.0.2:1", "6.6.6.6, 203.0.113.7, 10.0.0.9", []string{"10.0.0.0/8"}, "203.0.113.7"}, // the first was written by the browser
		{"10.0.0.2:1", "6.6.6.6, nonsense", []string{"10.0.0.0/8"}, "10.0.0.2"},
		{"10.0.0.2:1", "", []string{"10.0.0.0/8"}, "10.0.0.2"},
		{"[::ffff:10.0.0.2]:1", "2001:db8::1", []string{"10.0.0.0/8"}, "2001:db8::1"},
	} {
		ctx := asked(t, c.peer, "127.0.0.1:80", "X-Forwarded-For", c.forwarded, "X-Forwarded-Proto", "https", "Host", "localhost")
		g := gateFor(nil, c.proxies...)
		if got := g.caller(ctx).String(); got != c.want {
			t.Errorf("%s says %q for proxies %v: %s, want %s", c.peer, c.forwarded, c.proxies, got, c.want)
		}
		if got, want := g.secure(ctx), strings.HasPrefix(c.peer, "10.") && c.proxies != nil || strings.HasPrefix(c.peer, "["); got != want {
			t.Errorf("%s for proxies %v: secure %v, want %v", c.peer, c.proxies, got, want)
		}
	}
}

func TestANameThatWasPointedHereIsRefused(t *testing.T) {
	for _, c := range []struct {
		local, host string
		hosts       []string
		want        bool
	}{
		{"127.0.0.1:80", "localhost:8080", nil, true},
		{"127.0.0.1:80", "127.0.0.1:8080", nil, true},
		{"[::1]:80", "[::1]:8080", nil, true},
		{"127.0.0.1:80", "shop.localhost", nil, true},
		{"127.0.0.1:80", "rebound.example", nil, false},
		{"127.0.0.1:80", "localhost.evil.example", nil, false},
		{"127.0.0.1:80", "", nil, false},
		{"127.0.0.1:80", "Admin.Example.com.", []string{"admin.example.com"}, true},
		{"127.0.0.1:80", "other.example.com", []string{"admin.example.com"}, false},
		{"192.0.2.1:80", "anything.example", nil, true},
		{"192.0.2.1:80", "anything.example", []string{"admin.example.com"}, false},
		{"192.0.2.1:80", "localhost", []string{"admin.example.com"}, false},
	} {
		ctx := asked(t, "203.0.113.7:1", c.local, "Host", c.host)
		if got := gateFor(c.hosts).named(ctx); got != c.want {
			t.Errorf("on %s, hosts %v: %q is answered: %v, want %v", c.local, c.hosts, c.host, got, c.want)
		}
	}
}

func TestASignInNeedsAPrivateConnection(t *testing.T) {
	for _, c := range []struct {
		peer, host, proto string
		proxies           []string
		insecure, want    bool
		cookie            string
	}{
		{"127.0.0.1:1", "localhost:8080", "", nil, false, true, "greenroom"},
		{"192.0.2.9:1", "admin.example.com", "", nil, false, false, "greenroom"},
		{"192.0.2.9:1", "admin.example.com", "https", nil, false, false, "greenroom"}, // anybody can say so
		{"192.0.2.9:1", "admin.example.com", "", nil, true, true, "greenroom"},
		{"10.0.0.2:1", "admin.example.com", "https", []string{"10.0.0.0/8"}, false, true, "__Host-greenroom"},
		{"10.0.0.2:1", "admin.example.com", "http", []string{"10.0.0.0/8"}, false, false, "greenroom"},
		{"127.0.0.1:1", "localhost", "http", []string{"127.0.0.1/32"}, false, false, "greenroom"}, // the proxy's own connection says nothing of the browser's
	} {
		ctx := asked(t, c.peer, "192.0.2.1:80", "Host", c.host, "X-Forwarded-Proto", c.proto)
		g := gateFor(nil, c.proxies...)
		g.cfg.Insecure = c.insecure
		if got := g.private(ctx); got != c.want || g.cookie(ctx, cookieName) != c.cookie {
			t.Errorf("%+v: private %v, cookie %s", c, got, g.cookie(ctx, cookieName))
		}
		g.setCookie(ctx, cookieName, "v", longestSignIn)
		set := string(ctx.Response.Header.PeekCookie(c.cookie))
		if strings.HasPrefix(c.cookie, "__Host-") != (strings.Contains(set, "secure") && strings.Contains(set, "path=/;")) || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
			t.Errorf("%+v: the cookie is %s", c, set)
		}
	}
}

func TestAFormOfAnotherOriginIsForeign(t *testing.T) {
	for _, c := range []struct {
		origin, site string
		want         bool
	}{
		{"", "", false},
		{"http://localhost:8080", "same-origin", false},
		{"http://localhost:8081", "", true},
		{"https://evil.example", "", true},
		{"null", "", true},
		{"", "cross-site", true},
		{"http://localhost:8080", "same-site", true},
	} {
		headers := []string{"Host", "localhost:8080"}
		if c.origin != "" {
			headers = append(headers, "Origin", c.origin)
		}
		if c.site != "" {
			headers = append(headers, "Sec-Fetch-Site", c.site)
		}
		if got := foreign(asked(t, "127.0.0.1:1", "127.0.0.1:80", headers...)); got != c.want {
			t.Errorf("%+v: foreign %v", c, got)
		}
	}
}
