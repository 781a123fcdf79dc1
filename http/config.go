package http

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"

	"greenroom/http/client"
	"greenroom/session"
	grsql "greenroom/sql"
	"greenroom/widgets/pages"
)

// FastServer is fasthttp's server, by the name under which the embedding package passes it on.
type FastServer = fasthttp.Server

// Context is fasthttp's request context, by the name under which the embedding package passes it on.
type Context = fasthttp.RequestCtx

// Config is what a Gate needs; Site, Sessions and State must be set.
type Config struct {
	Site     *pages.Site
	Sessions *session.Registry
	// State keeps users and sign-ins.
	State *grsql.State
	// Guard decides who may do what. Nil means the built-in rules.
	Guard *Guard
	// Hashing bounds how many passwords are hashed at once. Nil means a bound of the Gate's own.
	Hashing *Hashing
	// SignedIn is how long a sign-in lasts without being used. Zero means 12 h; none lasts longer than 14 days.
	SignedIn time.Duration
	// Hosts are the names under which the admin answers, besides those of this machine itself. None means any, but on a loopback address only
	// loopback names, so that no other site's name can be made to lead here.
	Hosts []string
	// Proxies are the addresses whose X-Forwarded-For and X-Forwarded-Proto are believed. None means nobody's.
	Proxies []netip.Prefix
	// Insecure lets people sign in over connections that are neither encrypted nor of this machine.
	Insecure bool
	// SecondFactor keeps superusers who have no second factor from everything but the page where they set it up.
	SecondFactor bool
	// Handshakes is how many sockets may be between their upgrade and their attach at once. Zero means 1,000, less than zero no bound.
	Handshakes int
	// Log is where requests that failed are told. Nil means slog.Default.
	Log *slog.Logger
}

// Gate answers the requests of one admin.
type Gate struct {
	cfg    Config
	site   *pages.Site
	guard  *Guard
	assets *assets
	tries  *tries
	doing  sync.WaitGroup // requests being answered and sockets being read
	// profiling is held while a profile is made.
	profiling sync.Mutex
	// exporting counts the files being written.
	exporting atomic.Int32

	mu      sync.Mutex
	wheel   wheel
	closing bool
	server  *fasthttp.Server

	stop     chan struct{}   // closed by Drain
	life     context.Context // of what a socket's reader waits for; ends with Shutdown
	endLife  context.CancelCauseFunc
	now      atomic.Int64  // unix seconds, by the wheel
	ping     []byte        // the frame
	shaking  atomic.Int64  // sockets that have not attached yet
	patience time.Duration // writeWithin
	begin    sync.Once
	tuned    atomic.Bool
	upgrader *websocket.FastHTTPUpgrader
}

// New checks the configuration and builds the route table.
func New(cfg Config) (*Gate, error) {
	switch {
	case cfg.Site == nil, cfg.Sessions == nil, cfg.State == nil:
		return nil, errors.New("http: Config.Site, Config.Sessions and Config.State must be set")
	case !strings.HasPrefix(cfg.Site.Prefix, "/") || strings.HasSuffix(cfg.Site.Prefix, "/"):
		return nil, fmt.Errorf("http: Site.Prefix %q: want a path like /admin, without a slash at its end", cfg.Site.Prefix)
	}
	if cfg.SignedIn == 0 {
		cfg.SignedIn = 12 * time.Hour
	}
	for i, host := range cfg.Hosts {
		if host == "" || strings.ContainsAny(host, "/ @") || strings.Contains(host, "://") {
			return nil, fmt.Errorf("http: Config.Hosts has %q: want a name such as admin.example.com, without scheme, port or path", host)
		}
		cfg.Hosts[i] = strings.ToLower(host)
	}
	if cfg.Handshakes == 0 {
		cfg.Handshakes = 1000
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Hashing == nil {
		cfg.Hashing = NewHashing(0)
	}
	if cfg.Guard == nil {
		cfg.Guard = NewGuard(nil)
	}
	files, err := loadAssets(client.Files, cfg.Site.Prefix)
	if err != nil {
		return nil, err
	}
	g := &Gate{
		cfg: cfg, site: cfg.Site, guard: cfg.Guard, assets: files, tries: newTries(),
		stop: make(chan struct{}), upgrader: newUpgrader(), patience: writeWithin, ping: appendFrame(nil, websocket.TextMessage, session.Ping()),
	}
	g.life, g.endLife = context.WithCancelCause(background())
	g.now.Store(time.Now().Unix())
	return g, nil
}

// Owns reports whether a path belongs to the admin.
func (g *Gate) Owns(path string) bool {
	return path == g.site.Prefix || strings.HasPrefix(path, g.site.Prefix+"/")
}
