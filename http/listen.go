package http

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom/session"
	"greenroom/widgets/pages"
)

// maxForm is the largest body of a request: a posted form.
const maxForm = 1 << 20

// The pages that a server takes when nobody says how many, and the files that it needs for other things than sockets.
const (
	usualPages = 10_000
	otherFiles = 500
)

// PagesThatFit is how many pages a server takes: asked, or if that is 0 as many as usual, as far as the process may open sockets for them.
func PagesThatFit(asked int) int {
	if asked != 0 {
		return asked
	}
	if files := Descriptors(); files > 0 && files-otherFiles < usualPages {
		return max(files-otherFiles, files/2)
	}
	return usualPages
}

// Tune sets up an embedder's server so that sockets can live on it: hijacked connections are kept, bodies bounded, slow senders cut. Limits that the
// embedder set already stay as they are.
func (g *Gate) Tune(srv *fasthttp.Server) {
	srv.KeepHijackedConns = true // else the server closes and reuses a socket's connection under it
	srv.ReduceMemoryUsage = true
	srv.NoDefaultServerHeader = true
	srv.CloseOnShutdown = true
	srv.StreamRequestBody = false
	srv.DisablePreParseMultipartForm = true
	setDefault(&srv.ReadTimeout, 10*time.Second)
	setDefault(&srv.WriteTimeout, 15*time.Second)
	setDefault(&srv.IdleTimeout, 60*time.Second)
	setDefault(&srv.ReadBufferSize, 16<<10)
	setDefault(&srv.MaxRequestBodySize, maxForm)
	if srv.HeaderReceived == nil {
		srv.HeaderReceived = g.headerReceived
	}
	if srv.ErrorHandler == nil {
		srv.ErrorHandler = g.malformed
	}
	g.tuned.Store(true)
}

func setDefault[T comparable](at *T, value T) {
	var zero T
	if *at == zero {
		*at = value
	}
}

// malformed answers what fasthttp could not read as a request.
func (g *Gate) malformed(ctx *fasthttp.RequestCtx, err error) {
	d := pages.ProblemData{Prefix: g.site.Prefix, Assets: g.assets.links, Status: fasthttp.StatusBadRequest, Title: "Bad request", Text: "The request could not be read."}
	var timeout net.Error
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		d.Status, d.Title, d.Text = fasthttp.StatusRequestEntityTooLarge, "Too large", "A form may have at most 1 MiB, and a file no more than its form says."
		if g.isUpload(string(ctx.Request.Header.RequestURI())) {
			d.Text = tooLarge
		}
	case errors.As(err, &timeout) && timeout.Timeout():
		d.Status, d.Title, d.Text = fasthttp.StatusRequestTimeout, "Too slow", "The request did not arrive in time."
	}
	harden(ctx)
	g.fault(ctx, d)
	if d.Status == fasthttp.StatusRequestEntityTooLarge {
		parting(ctx)
	}
}

// Serve answers requests on ln with a server of the gate's own until Shutdown: the admin below its prefix, /healthz, and a redirect from the root.
func (g *Gate) Serve(ln net.Listener) error {
	srv := &fasthttp.Server{Name: "greenroom", Concurrency: 20_000, Logger: quiet{g}, Handler: func(ctx *fasthttp.RequestCtx) {
		switch path := string(ctx.Path()); {
		case g.Owns(path):
			g.Handle(ctx)
		case path == "/healthz":
			g.Health(ctx)
		case path == "/":
			redirect(ctx, g.site.Prefix+"/", fasthttp.StatusSeeOther)
		default:
			ctx.Error("404 not found: the admin is at "+g.site.Prefix+"/", fasthttp.StatusNotFound)
		}
	}}
	g.Tune(srv)
	g.mu.Lock()
	if g.closing || g.server != nil {
		g.mu.Unlock()
		return errors.New("http: Serve was called twice, or after Shutdown")
	}
	g.server = srv
	g.mu.Unlock()
	g.Start()
	patient := newPatient(ln)
	defer patient.release()
	if err := srv.Serve(patient); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("http: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Start begins what runs beside requests: the wheel that pings. Serve does it; an embedder's server needs it once.
func (g *Gate) Start() {
	g.begin.Do(func() {
		if g.enter() {
			// Serves all sockets; ends with Shutdown, which waits for it.
			go g.turn()
		}
	})
}

// Health answers 200 "ok" while the gate takes requests.
func (g *Gate) Health(ctx *Context) {
	g.mu.Lock()
	closing := g.closing
	g.mu.Unlock()
	ctx.Response.Header.Set("Cache-Control", "no-store")
	if closing {
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
		ctx.SetBodyString("closing\n")
		return
	}
	ctx.SetBodyString("ok\n")
}

// Drain is the first half of a shutdown: no new requests or sockets, and every page is told to come back within spread. It is safe to call twice.
func (g *Gate) Drain(spread time.Duration) {
	g.mu.Lock()
	first := !g.closing
	g.closing = true
	g.mu.Unlock()
	if first {
		g.cfg.Sessions.Restarting(spread)
		close(g.stop)
	}
}

// Shutdown is the second half: sockets are closed with 1012, and it returns when nothing of the gate runs any more, or with ctx's error.
func (g *Gate) Shutdown(ctx context.Context) error {
	g.Drain(0)
	g.endLife(errDraining)
	var err error
	for _, s := range g.all() {
		s.Close(session.CloseRestart, "the server restarts")
	}
	g.mu.Lock()
	srv := g.server
	g.mu.Unlock()
	if srv != nil {
		err = srv.ShutdownWithContext(ctx)
	}
	ended := make(chan struct{})
	// Serves one Shutdown; ends with the last request and socket, whose connections were closed above.
	go func() { g.doing.Wait(); close(ended) }()
	select {
	case <-ended:
		return err
	case <-ctx.Done():
		for _, s := range g.all() {
			_ = s.plain.Close()
		}
		return errors.Join(err, fmt.Errorf("http: sockets still open: %w", context.Cause(ctx)))
	}
}

// quiet sends what fasthttp logs of broken connections to the log's debug level.
type quiet struct{ g *Gate }

// Printf implements fasthttp.Logger.
func (q quiet) Printf(format string, args ...any) {
	q.g.cfg.Log.Debug("fasthttp", "text", fmt.Sprintf(format, args...))
}
